"""Constructor parameters that an expression of the spec gives: computed there, not passed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from netspec.expressions.syntax import Literal, names
from netspec.expressions.syntax import Name as Variable
from netspec.graph import Formula
from netspec.lower.torch.code import Assign, Expr, Name, Statement
from netspec.lower.torch.formula import NotPython, python, value
from netspec.lower.torch.sharing import Parameter, Shared, is_argument

Formulas: TypeAlias = Mapping[str, Sequence[Formula]]
"""The expressions of a spec by the block in which they stand."""


def derived(
    shared: Shared, args: Sequence[Mapping[str, Any]], formulas: Iterable[Formula]
) -> tuple[Shared, tuple[Statement, ...]]:
    """What remains to be passed, and the assignments of what is computed from it.

    An expression of the block stands for a parameter if it reads only args that are parameters,
    and has the parameter's value in every instance.
    """
    passed = [each for each in shared.parameters if is_argument(each, args)]
    given = {each.name for each in passed}
    found: dict[str, str] = {}
    for parameter in shared.parameters:
        if parameter.default is not None:
            continue
        text = _text(parameter, args, given - {parameter.name}, formulas)
        if text is not None:
            found[parameter.name] = text
            given.discard(parameter.name)
    if not found:
        return shared, ()
    replacements, statements = _computed(shared, found)
    kept = tuple(each for each in shared.parameters if each.name not in found)
    return replace(shared, parameters=kept, replacements=replacements), statements


def _text(
    parameter: Parameter,
    args: Sequence[Mapping[str, Any]],
    given: set[str],
    formulas: Iterable[Formula],
) -> str | None:
    # The default of the very arg comes first; others will do if they give the same.
    for formula in sorted(formulas, key=lambda each: each.name != parameter.name):
        expression = formula.expression
        if isinstance(expression, Variable | Literal) or not names(expression) <= given:
            continue
        found = [value(expression, each) for each in args]
        same = zip(found, parameter.values, strict=True)
        if all(type(one) is type(other) and one == other for one, other in same):
            try:
                return python(expression)
            except NotPython:
                continue
    return None


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
