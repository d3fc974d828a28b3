"""The calls of classes that are planned here: how their arguments are written."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace

from netspec.expressions.syntax import Name as Variable
from netspec.lower.torch.classes.parameters import Parameter
from netspec.lower.torch.classes.plan import ClassPlan
from netspec.lower.torch.code import (
    MISSING,
    Argument,
    Assign,
    Block,
    Brackets,
    Call,
    Do,
    Expr,
    Literal,
    Name,
    Repeated,
    Statement,
)
from netspec.lower.torch.regions.region import Region, Use
from netspec.lower.torch.terms.numbers import whole
from netspec.lower.torch.terms.terms import substituted

POSITIONAL = 3
"""So many arguments go by their place; of more, all but the sizes of inputs say what they are."""

ITSELF = Name("«itself»")
"""What a class calls that constructs itself, until it has a name."""


def in_style(arguments: Sequence[Argument], parameters: Sequence[Parameter]) -> Iterator[Argument]:
    """The arguments for these parameters, by their place or by keyword as a person would."""
    required = [each for each in parameters if each.default is MISSING]
    many = len(required) > POSITIONAL
    for parameter, argument in zip(parameters, arguments, strict=True):
        named = parameter.default is not MISSING or (many and not parameter.is_size)
        yield replace(argument, keyword=parameter.name if named else "")


def itself(use: Use, symbols: Collection[str], region: Region) -> Call:
    """The call by which a class constructs itself, with what these symbols of it stand for."""
    return Call(ITSELF, tuple(_passed(use, symbol, region) for symbol in symbols))


def _passed(use: Use, symbol: str, region: Region) -> Argument:
    term = substituted(Variable(0, 0, symbol), use.terms)
    value = whole(use.region.values[symbol], term, region.log)
    return Argument(Literal(value, symbol), symbol)


def constructing_itself(plan: ClassPlan, parameters: Sequence[Parameter]) -> ClassPlan:
    """The class in which the calls of itself have its name and its parameters'."""

    def named(call: Call) -> Call:
        if call.callee != ITSELF:
            return call
        given = {each.keyword: each.value for each in call.arguments}
        arguments = [Argument(_defaulted(given[each.symbol], each)) for each in parameters]
        return Call(Name(plan.name), tuple(in_style(arguments, parameters)))

    return replace(plan, body=tuple(_changed(each, named) for each in plan.body))


def _defaulted(value: Expr, parameter: Parameter) -> Expr:
    """A value that isn't written where it's the parameter's default."""
    if isinstance(value, Literal):
        return Literal(value.value, parameter.name, parameter.default)
    return value


def _changed(statement: Statement, change: Callable[[Call], Call]) -> Statement:
    match statement:
        case Assign(_, value) | Do(value):
            return replace(statement, value=_calls(value, change))
        case Block(_, _, body):
            return replace(statement, body=tuple(_changed(each, change) for each in body))
    return statement


def _calls(expr: Expr, change: Callable[[Call], Call]) -> Expr:
    match expr:
        case Call(_, arguments):
            inner = tuple(replace(each, value=_calls(each.value, change)) for each in arguments)
            return change(replace(expr, arguments=inner))
        case Brackets(_, items):
            return replace(expr, items=tuple(_calls(item, change) for item in items))
        case Repeated(value):
            return replace(expr, value=_calls(value, change))
    return expr
