"""The spec's vars as parameters of the network's constructor, where that's proven.

A var is a candidate if all expressions that read it are simple and read nothing else, and if it
has no value that another var gives. The network is then elaborated with other values of the
candidates, until these tell the expressions apart (`sampling`). The vars are lifted if

- the plans that come out differ in literals of constructors alone,
- each literal that differs has the values of the var or of an expression that reads it, which
  then takes its place; classes between pass vars on,
- all else that the vars reach is sums of multiples of these expressions, and nothing is decided
  by it (`reach`), so that what held for the values tried holds for all,
- and the repeats whose counts they give are loops (`counts`), which run at least once.

Whatever else there is leaves the vars as they are: fixed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from netspec.expressions.syntax import Expression, names
from netspec.graph import Formula, Graph
from netspec.lower.torch.code import Argument, Assign, Call, Expr, Literal, Name, Value
from netspec.lower.torch.counts import Count, changing_counts, refusals
from netspec.lower.torch.formula import NotPython, python, value
from netspec.lower.torch.names import RESERVED
from netspec.lower.torch.plan import ClassPlan, ModulePlan, ParameterPlan
from netspec.lower.torch.reach import Formulas, follows
from netspec.lower.torch.rewrite import calls_changed, class_literals, class_with_literals, hollow
from netspec.lower.torch.runs import COUNT
from netspec.lower.torch.sampling import Telling, tries

Planner: TypeAlias = Callable[[Graph], ModulePlan]
Position: TypeAlias = tuple[int, int]
"""The number of a class and of a literal in it."""


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
    found = _candidates(graph.variables, graph.origin.formulas, plan.defined)
    whole = _lifted(graph, plan, planner, found)
    if whole is not None or len(found) < 2:
        return whole or plan
    single = [name for name in found if _lifted(graph, plan, planner, [name]) is not None]
    together = _lifted(graph, plan, planner, single)
    return together or _lifted(graph, plan, planner, single[:1]) or plan


def _candidates(variables: Mapping[str, Any], formulas: Formulas, taken: Set[str]) -> list[str]:
    """Vars that hold numbers, that no expression reads together with anything else, and that have
    no value which follows another var's.
    """
    unfit = RESERVED | taken
    read: set[str] = set()
    for formula in _all(formulas):
        found = names(formula.expression)
        read |= found
        if len(found) > 1 or not _is_python(formula.expression):
            unfit |= found
    unfit |= {formula.name for formula in formulas.get("", ()) if names(formula.expression)}
    usable = read - unfit
    return [name for name, given in variables.items() if name in usable and _kind(given)]


def _all(formulas: Formulas) -> Iterator[Formula]:
    return (each for group in formulas.values() for each in group)


def _is_python(expression: Expression) -> bool:
    try:
        python(expression)
    except NotPython:
        return False
    return True


def _kind(given: Any) -> str:
    """The type of a parameter; empty for a value that can't be one."""
    if type(given) in (int, float):
        return type(given).__name__
    if isinstance(given, list) and given and all(type(each) is int for each in given):
        return "Sequence[int]"
    return ""


@dataclass(frozen=True, slots=True)
class Samples:
    """The network and others, with other values of vars, whose plans have the same structure."""

    graphs: tuple[Graph, ...]
    plans: tuple[ModulePlan, ...]

    @property
    def variables(self) -> list[Mapping[str, Any]]:
        return [graph.variables for graph in self.graphs]


def _lifted(
    graph: Graph, plan: ModulePlan, planner: Planner, variables: Sequence[str]
) -> ModulePlan | None:
    """The plan with these vars as parameters; None if that isn't sure to be right."""
    assert graph.origin is not None
    formulas = graph.origin.formulas
    expressions = list(_expressions(formulas, variables))
    samples = _samples(graph, plan, planner, variables, expressions) if variables else None
    if samples is None or not follows(samples.graphs, formulas, {*variables}):
        return None
    counts = changing_counts(samples.graphs, formulas)
    candidates = list(_codes(variables, expressions, samples.variables))
    places = _places(samples.plans, candidates)
    if counts is None or places is None:
        return None
    texts = _count_texts(counts, candidates)
    if texts is None:
        return None
    lifted = _rewritten(graph, plan, places)
    return None if lifted is None else _refusing(lifted, graph, texts)


def _expressions(formulas: Formulas, variables: Sequence[str]) -> Iterator[Expression]:
    """The spec's expressions that read one of the vars."""
    for formula in _all(formulas):
        read = names(formula.expression)
        if len(read) == 1 and read <= set(variables):
            yield formula.expression


def _samples(
    graph: Graph,
    plan: ModulePlan,
    planner: Planner,
    variables: Sequence[str],
    expressions: Sequence[Expression],
) -> Samples | None:
    """As many as tell the expressions apart; None if they don't, or if a structure differs."""
    assert graph.origin is not None
    telling = Telling(graph.variables, variables, expressions)
    structure = [hollow(each) for each in plan.classes]
    graphs, plans = [graph], [plan]
    for changed in tries(graph.variables, variables):
        other = graph.origin.vary(changed)
        if other is None or not telling.add({**graph.variables, **changed}):
            continue
        graphs.append(other if graph.view is None else other.phase(graph.view))
        plans.append(planner(graphs[-1]))
        if [hollow(each) for each in plans[-1].classes] != structure:
            return None
        if telling.enough:
            return Samples(tuple(graphs), tuple(plans))
    return None


def _codes(
    variables: Sequence[str], expressions: Sequence[Expression], values: Sequence[Mapping[str, Any]]
) -> Iterator[Candidate]:
    """What may stand for literals: the vars themselves, and the spec's expressions of them."""
    for name in variables:
        yield Candidate(name, name, tuple(each[name] for each in values))
    written = set(variables)
    for expression in expressions:
        text = python(expression)
        if text not in written:
            written.add(text)
            found = tuple(value(expression, each) for each in values)
            yield Candidate(names(expression).pop(), text, found)


def _places(
    plans: Sequence[ModulePlan], candidates: Sequence[Candidate]
) -> dict[Position, Candidate] | None:
    """What takes the places of the literals that differ; None if one has no such code."""
    found: dict[Position, Candidate] = {}
    for number, alike in enumerate(zip(*(plan.classes for plan in plans), strict=True)):
        is_root = number == len(plans[0].classes) - 1
        for place, column in enumerate(zip(*map(class_literals, alike), strict=True)):
            given = [literal.value for literal in column]
            if all(each == given[0] for each in given):
                continue
            candidate = _match(given, column[0], candidates, is_root)
            if candidate is None:
                return None
            found[number, place] = candidate
    return found


def _count_texts(
    counts: Sequence[Count], candidates: Sequence[Candidate]
) -> dict[str, list[str]] | None:
    """The expressions that give the counts, by the vars that they read; None if one has none."""
    found: dict[str, list[str]] = {}
    for count in counts:
        candidate = next((each for each in candidates if each.gives(count.values)), None)
        if candidate is None:
            return None
        texts = found.setdefault(candidate.variable, [])
        texts += [] if candidate.text in texts else [candidate.text]
    return found


def _refusing(plan: ModulePlan, graph: Graph, counts: Mapping[str, Sequence[str]]) -> ModulePlan:
    """The plan whose network refuses counts that it isn't right for."""
    *classes, root = plan.classes
    root = replace(root, members=(*refusals(counts, graph.variables), *root.members))
    return replace(plan, classes=(*classes, root))


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
            if _names_of(each) & set(wanted):
                return None
            needs[each.name] = wanted
            changed = _with_parameters(changed, graph, wanted)
        classes.append(changed)
    return replace(plan, classes=tuple(classes))


def _names_of(plan: ClassPlan) -> set[str]:
    """The parameters and variables of a class's constructor."""
    assigned = (each.targets for each in plan.members if isinstance(each, Assign))
    return {each.name for each in plan.parameters}.union(*assigned)


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
