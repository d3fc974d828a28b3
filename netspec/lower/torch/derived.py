"""Constructor parameters that an expression of the spec gives: computed there, not passed."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace
from typing import Any, TypeAlias, TypeGuard

from netspec.expressions.syntax import Expression, Literal, names
from netspec.expressions.syntax import Name as Variable
from netspec.graph import Formula
from netspec.lower.torch.code import Assign, Expr, Name, Statement
from netspec.lower.torch.formula import NotPython, python, value
from netspec.lower.torch.names import RESERVED
from netspec.lower.torch.sharing import Parameter, Shared, is_argument

Args: TypeAlias = Sequence[Mapping[str, Any]]
"""The args of a block, evaluated, in each of its instances."""


class Derivation:
    """What the expressions of a spec say of its blocks' constructors.

    `formulas` are those expressions by the block in which they stand, `variables` the spec's vars,
    `taken` what no parameter may hide.
    """

    def __init__(
        self,
        formulas: Mapping[str, Sequence[Formula]],
        variables: Mapping[str, Any],
        taken: Iterable[str] = (),
    ) -> None:
        self._formulas = formulas
        self._taken = RESERVED.union(taken)
        self._constants = {name: each for name, each in variables.items() if _is_number(each)}

    def of(
        self, block: str | None, shared: Shared, args: Args
    ) -> tuple[Shared, tuple[Statement, ...]]:
        """What remains to be passed, and the assignments of what is computed from it.

        An expression of the block stands for a parameter if it reads only args and vars that are
        numbers, and has the parameter's value in every instance. Args that the class has no use
        for but in such expressions become parameters instead.
        """
        formulas = self._formulas.get(block or "", ())
        given = {each.name for each in shared.parameters if is_argument(each, args)}
        further = _further(shared, args, self._taken)
        found: dict[str, Expression] = {}
        for parameter in shared.parameters:
            if parameter.default is not None:
                continue
            readable = given - {parameter.name}
            expression = self._expression(parameter, args, readable, formulas)
            if expression is None:
                expression = self._expression(parameter, args, readable | further.keys(), formulas)
            if expression is not None:
                found[parameter.name] = expression
                given = given - {parameter.name} | (names(expression) & further.keys())
        if not found:
            return shared, ()
        texts = {name: self._text(each, args) for name, each in found.items()}
        replacements, statements = _computed(shared, texts)
        passed = _passed(shared, found, further)
        return replace(shared, parameters=passed, replacements=replacements), statements

    def _expression(
        self,
        parameter: Parameter,
        args: Args,
        given: Set[str],
        formulas: Iterable[Formula],
    ) -> Expression | None:
        """An expression that reads some of the given args and gives the parameter's values."""
        constants = {name: each for name, each in self._constants.items() if name not in args[0]}
        # The default of the very arg comes first; others will do if they give the same.
        for formula in sorted(formulas, key=lambda each: each.name != parameter.name):
            expression = formula.expression
            read = names(expression)
            if isinstance(expression, Variable | Literal) or not read & given:
                continue
            if not read <= given | constants.keys():
                continue
            found = [value(expression, {**constants, **each}) for each in args]
            same = zip(found, parameter.values, strict=True)
            if all(type(one) is type(other) and one == other for one, other in same):
                try:
                    self._text(expression, args)
                except NotPython:
                    continue
                return expression
        return None

    def _text(self, expression: Expression, args: Args) -> str:
        hidden = args[0].keys()
        return python(expression, {k: v for k, v in self._constants.items() if k not in hidden})


def _is_number(value: Any) -> TypeGuard[int | float]:
    return type(value) in (int, float)


def _further(shared: Shared, args: Args, taken: Set[str]) -> dict[str, Parameter]:
    """Parameters that there could be beside those of a class: numbers that differ."""
    taken = taken | {each.name for each in shared.parameters} | set(shared.attributes)
    found: dict[str, Parameter] = {}
    for name in args[0]:
        column = [each.get(name) for each in args]
        if name not in taken and all(map(_is_number, column)) and len(set(column)) > 1:
            found[name] = Parameter(name, tuple(filter(_is_number, column)))
    return found


def _passed(
    shared: Shared, found: Mapping[str, Expression], further: Mapping[str, Parameter]
) -> tuple[Parameter, ...]:
    """The parameters that remain; an arg stands where the first that it replaces stood."""
    passed: dict[str, Parameter] = {}
    for parameter in shared.parameters:
        if parameter.name not in found:
            passed[parameter.name] = parameter
            continue
        read = names(found[parameter.name])
        passed |= {name: each for name, each in further.items() if name in read}
    return tuple(passed.values())


def _computed(
    shared: Shared, found: Mapping[str, str]
) -> tuple[tuple[Expr, ...], tuple[Statement, ...]]:
    """The expressions in place where they're needed once, else in variables."""
    uses = [each.text for each in shared.replacements if isinstance(each, Name)]
    uses += shared.attributes
    single = {name for name in found if uses.count(name) + uses.count(f"self.{name}") == 1}
    replacements = tuple(
        Name(found[each.text]) if isinstance(each, Name) and each.text in single else each
        for each in shared.replacements
    )
    several = (name for name in found if name not in single)
    return replacements, tuple(Assign((name,), Name(found[name])) for name in several)
