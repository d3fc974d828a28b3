"""The spec's vars as parameters of the network's constructor, where that's proven.

A var is a candidate if all expressions that read it are simple and read nothing else. The network
is then elaborated with other values of the candidates. If the plans that come out differ in
literals alone, and each of these follows an expression of the spec, the expressions take their
places; classes between pass the vars on. Whatever else differs leaves the vars as they are.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from netspec.expressions.syntax import names
from netspec.graph import Graph
from netspec.lower.torch.code import Argument, Call, Expr, Literal, Name, Value
from netspec.lower.torch.formula import NotPython, python, value
from netspec.lower.torch.names import RESERVED
from netspec.lower.torch.plan import ClassPlan, ModulePlan, ParameterPlan
from netspec.lower.torch.rewrite import calls_changed, class_literals, class_with_literals, hollow
from netspec.lower.torch.runs import COUNT

Planner: TypeAlias = Callable[[Graph], ModulePlan]
Position: TypeAlias = tuple[int, int]
"""The number of a class and of a literal in it."""

SAMPLES = 2
"""With so many other values each var is tried."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Code that may take a literal's place, and its value in each sample."""

    variable: str
    text: str
    values: tuple[Any, ...]

    def gives(self, column: Sequence[Value]) -> bool:
        kinds = zip(self.values, column, strict=True)
        return all(type(mine) is type(other) and mine == other for mine, other in kinds)


def with_variables(graph: Graph, plan: ModulePlan, planner: Planner) -> ModulePlan:
    """The plan with as many vars as possible."""
    if graph.origin is None:
        return plan
    found = _candidates(graph)
    whole = _lifted(graph, plan, planner, found)
    if whole is not None or len(found) < 2:
        return whole or plan
    single = [name for name in found if _lifted(graph, plan, planner, [name]) is not None]
    together = _lifted(graph, plan, planner, single)
    return together or _lifted(graph, plan, planner, single[:1]) or plan


def _candidates(graph: Graph) -> list[str]:
    """Vars that hold numbers, and that no expression reads together with anything else."""
    assert graph.origin is not None
    mixed: set[str] = set()
    read: set[str] = set()
    for formulas in graph.origin.formulas.values():
        for formula in formulas:
            found = names(formula.expression)
            read |= found
            try:
                python(formula.expression)
            except NotPython:
                mixed |= found
            if len(found) > 1:
                mixed |= found
    usable = read - mixed - RESERVED
    return [name for name, given in graph.variables.items() if name in usable and _kind(given)]


def _kind(given: Any) -> str:
    """The type of a parameter; empty for a value that can't be one."""
    if type(given) in (int, float):
        return type(given).__name__
    if isinstance(given, list) and given and all(type(each) is int for each in given):
        return "Sequence[int]"
    return ""


def _lifted(
    graph: Graph, plan: ModulePlan, planner: Planner, variables: Sequence[str]
) -> ModulePlan | None:
    """The plan with these vars as parameters; None if that isn't sure to be right."""
    samples = _samples(graph, planner, variables)
    if not variables or len(samples) < SAMPLES:
        return None
    plans = [plan, *(sampled for _, sampled in samples)]
    shapes = [[hollow(each) for each in sampled.classes] for sampled in plans]
    if any(shape != shapes[0] for shape in shapes):
        return None
    values = [graph.variables, *(changed for changed, _ in samples)]
    candidates = list(_codes(graph, variables, values))
    found: dict[Position, Candidate] = {}
    for number, alike in enumerate(zip(*(sampled.classes for sampled in plans), strict=True)):
        is_root = number == len(plan.classes) - 1
        for place, column in enumerate(zip(*map(class_literals, alike), strict=True)):
            given = [literal.value for literal in column]
            if all(each == given[0] for each in given):
                continue
            candidate = _match(given, column[0], candidates, is_root)
            if candidate is None:
                return None
            found[number, place] = candidate
    return _rewritten(graph, plan, found)


def _samples(
    graph: Graph, planner: Planner, variables: Sequence[str]
) -> list[tuple[Mapping[str, Any], ModulePlan]]:
    """Other values of the vars that make a network, and the plans of these."""
    assert graph.origin is not None
    found: list[tuple[Mapping[str, Any], ModulePlan]] = []
    for series in range(len(SERIES)):
        changed = {
            name: _other(graph.variables[name], series, number)
            for number, name in enumerate(variables)
        }
        other = graph.origin.vary(changed)
        if other is not None:
            whole = other if graph.view is None else other.phase(graph.view)
            found.append((changed, planner(whole)))
        if len(found) == SAMPLES:
            break
    return found


SERIES: tuple[Callable[[int, int], int], ...] = (
    lambda given, number: given + 1 + number,
    lambda given, number: 2 * given,
    lambda given, number: 2 * given + 3 + number,
    lambda given, number: 4 * given,
)
"""Values near and far, among them multiples: of channels that are divided into groups."""


def _other(given: Any, series: int, number: int) -> Any:
    if isinstance(given, list):
        return [each + 1 + number + (series + 1) * at for at, each in enumerate(given)]
    if isinstance(given, float):
        return given / (2 + series + number)
    return SERIES[series](given, number)


def _codes(
    graph: Graph, variables: Sequence[str], values: Sequence[Mapping[str, Any]]
) -> Iterator[Candidate]:
    """What may stand for literals: the vars themselves, and the spec's expressions of them."""
    assert graph.origin is not None
    for name in variables:
        yield Candidate(name, name, tuple(each[name] for each in values))
    formulas = (each for group in graph.origin.formulas.values() for each in group)
    written: set[str] = set(variables)
    for formula in formulas:
        read = names(formula.expression)
        if len(read) == 1 and read <= set(variables):
            text = python(formula.expression)
            if text not in written:
                written.add(text)
                found = tuple(value(formula.expression, each) for each in values)
                yield Candidate(read.pop(), text, found)


def _match(
    column: Sequence[Value], literal: Literal, candidates: Sequence[Candidate], is_root: bool
) -> Candidate | None:
    """What gives these values. Below the network's class only vars themselves are passed on."""
    for candidate in candidates:
        if candidate.gives(column):
            return candidate if is_root or candidate.text == candidate.variable else None
    if literal.field == COUNT and is_root:
        # The rest of a repeat behind its first instance.
        for candidate in candidates:
            if candidate.gives([int(each) + 1 for each in column if isinstance(each, int)]):
                return replace(candidate, text=f"{candidate.text} - 1")
    return None


def _rewritten(
    graph: Graph, plan: ModulePlan, found: Mapping[Position, Candidate]
) -> ModulePlan | None:
    """The plan with the candidates in their places."""
    needs: dict[str, list[str]] = {}
    classes: list[ClassPlan] = []
    for number, each in enumerate(plan.classes):
        changed = _replaced(each, number, found)
        own = {candidate.variable for at, candidate in found.items() if at[0] == number}

        def passed(call: Call, own: set[str] = own) -> Call:
            extra = needs.get(call.callee.text, []) if isinstance(call.callee, Name) else []
            own.update(extra)
            return _with_arguments(call, extra)

        changed = calls_changed(changed, passed)
        wanted = [name for name in graph.variables if name in own]
        if number == len(plan.classes) - 1:
            parameters = tuple(_parameter(name, graph.variables[name]) for name in wanted)
            changed = replace(changed, parameters=parameters)
        elif wanted:
            if any(parameter.name in wanted for parameter in each.parameters):
                return None
            needs[each.name] = wanted
            changed = _with_parameters(changed, graph, wanted)
        classes.append(changed)
    return replace(plan, classes=tuple(classes))


def _replaced(plan: ClassPlan, number: int, found: Mapping[Position, Candidate]) -> ClassPlan:
    kept: list[Expr] = list(class_literals(plan))
    for place in range(len(kept)):
        if (number, place) in found:
            kept[place] = Name(found[number, place].text)
    return class_with_literals(plan, kept)


def _parameter(name: str, given: Any) -> ParameterPlan:
    default = tuple(given) if isinstance(given, list) else given
    return ParameterPlan(name, _kind(given), repr(default))


def _with_parameters(plan: ClassPlan, graph: Graph, wanted: Sequence[str]) -> ClassPlan:
    """Required parameters, behind those that are already."""
    more = [ParameterPlan(name, _kind(graph.variables[name])) for name in wanted]
    required = [each for each in plan.parameters if each.default is None]
    rest = [each for each in plan.parameters if each.default is not None]
    return replace(plan, parameters=(*required, *more, *rest))


def _with_arguments(call: Call, variables: Sequence[str]) -> Call:
    positional = [each for each in call.arguments if not each.keyword]
    rest = [each for each in call.arguments if each.keyword]
    more = [Argument(Name(name)) for name in variables]
    return replace(call, arguments=(*positional, *more, *rest))
