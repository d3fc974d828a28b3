"""What `expect` says: statements as they stand in the text, and what they come to with values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from netspec.counted import counted
from netspec.diagnostics import Diagnostic, Span
from netspec.diagnostics.suggest import did_you_mean
from netspec.language.amounts import BYTES, COUNTS, Amount, amount
from netspec.language.figures import CONDITIONS, FIGURES, Kind
from netspec.language.validate import show
from netspec.language.values import Field, PlacedError
from netspec.listed import listed
from netspec.source import Scalar

COMPARISONS = {"<=": "at_most", ">=": "at_least", "<": "less", ">": "more", "about": "about"}
"""What a text may begin with, and what it claims then."""
MAX_AXES = 8
_FORMS = {
    Kind.COUNT: "a number, `25.6 M`, `about 25.6 M` or a comparison such as `<= 4.2e9`",
    Kind.BYTES: "an amount such as `8 GiB`, `about 8 GiB` or `<= 8 GiB`",
    Kind.SHAPE: "a shape: a list of sizes",
    Kind.WINDOW: "a size such as `7`, a list of them for the axes, or `all`",
}
_AMOUNTS = {Kind.COUNT: "a number: `25.6 M`", Kind.BYTES: "an amount: `8 GiB`"}
WHOLE = "all"
"""What a window is that sees all of its input."""
Shape = tuple[int | str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """A statement of a figure: its claims by key, and what is said beside.

    `name` is that of the blob that it is of. A claim under an empty key says itself what it is.
    """

    figure: str
    name: str | None
    key: Scalar
    claims: Mapping[str, Field]
    beside: Mapping[str, Field]

    @property
    def dynamic(self) -> bool:
        """Whether it holds an expression."""
        return any(each.dynamic for each in (*self.claims.values(), *self.beside.values()))

    @property
    def names(self) -> frozenset[str]:
        """The names that its expressions read."""
        fields = (*self.claims.values(), *self.beside.values())
        return frozenset().union(*(each.names for each in fields))


@dataclass(frozen=True, slots=True)
class Claim:
    """What is claimed: a comparison and what is compared with; `for_all`: one size for all axes."""

    comparison: str
    value: Amount | Shape
    span: Span
    for_all: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """A statement with all values: the network has such a figure, or, if it `differs`, another.

    `at` are sizes for symbols; `conditions` under which the figure is meant.
    """

    figure: str
    name: str | None
    key: Span
    claims: tuple[Claim, ...]
    source: str | None
    differs: str | None
    at: Mapping[str, int]
    conditions: Mapping[str, Any]


def expectation(statement: Statement, evaluate: Callable[[Field], Any]) -> Expectation:
    """The statement with values; PlacedError where one is none of its kind."""
    beside = {key: evaluate(each) for key, each in statement.beside.items()}
    for key, value in beside.items():
        check_beside(key, statement.beside[key], value)
    form = FIGURES[statement.figure]
    claims = [
        _claim(statement.figure, key, each, evaluate(each))
        for key, each in statement.claims.items()
    ]
    return Expectation(
        figure=statement.figure,
        name=statement.name,
        key=statement.key.span,
        claims=tuple(claims),
        source=beside.get("source"),
        differs=beside.get("differs"),
        at=dict(beside.get("at", {})),
        conditions={key: beside[key] for key in form.conditions if key in beside},
    )


def _claim(figure: str, key: str, field: Field, value: Any) -> Claim:
    kind = FIGURES[figure].kind
    if kind is Kind.SHAPE or (kind is Kind.WINDOW and isinstance(value, list)):
        return Claim(key or "exactly", _shape(figure, field, value), field.span)
    if kind is Kind.WINDOW:
        return Claim(key or "exactly", _window(figure, field, value), field.span, for_all=True)
    text = _written(field, value)
    if text is None:
        raise _wrong(f"`{key or figure}` should be {_FORMS[kind]}, not {show(value)}", field)
    comparison = key or "exactly"
    if not key:
        for sign, claimed in COMPARISONS.items():
            if text.startswith(sign):
                comparison, text = claimed, text[len(sign) :].strip()
                break
    units = BYTES if kind is Kind.BYTES else COUNTS
    try:
        found = amount(text, units, bare=kind is not Kind.BYTES)
        return Claim(comparison, found, field.span)
    except ValueError as error:
        message = f"`{key or figure}`: {error}"
        help = f"write {_FORMS[kind] if not key else _AMOUNTS[kind]}"
        raise PlacedError(Diagnostic("bad-value", message, field.span, help=help)) from None


def _written(field: Field, value: Any) -> str | None:
    """A number or text as it is written, with the digits that YAML and Python leave out."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if not field.dynamic and isinstance(field.node, Scalar) and not isinstance(value, str):
        return field.node.text
    return str(value).strip()


def _shape(figure: str, field: Field, value: Any) -> Shape:
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_AXES:
        message = f"`{figure}` should be a list of 1 to {counted(MAX_AXES, 'size')}"
        raise _wrong(f"{message}, not {show(value)}", field)
    for each in value:
        if isinstance(each, bool | float | list | dict):
            message = "a size is an integer or a formula such as `N` or `ceil(H/32)`, not "
            raise _wrong(message + show(each), field)
    return tuple(each if isinstance(each, int) else str(each) for each in value)


def _window(figure: str, field: Field, value: Any) -> Shape:
    """One size for all axes."""
    if value == WHOLE or (type(value) is int and value > 0):
        return (value,)
    raise _wrong(f"`{figure}` should be {_FORMS[Kind.WINDOW]}, not {show(value)}", field)


def check_beside(key: str, field: Field, value: Any) -> None:
    """Refuse what can't stand beside a claim; PlacedError."""
    if key == "at":
        sizes = value.values() if isinstance(value, dict) else [None]
        if not all(type(each) is int and each > 0 for each in sizes):
            raise _wrong("`at` should map symbols to sizes: `{H: 224, W: 224}`", field)
    elif key == "batch":
        if type(value) is not int or value < 1:
            raise _wrong(f"`batch` should be a number of items, not {show(value)}", field)
    elif CONDITIONS.get(key):
        words = CONDITIONS[key]
        if value not in words:
            message = f"`{key}` should be {listed(list(words), 'or')}, not {show(value)}"
            help = did_you_mean(str(value), words)
            raise PlacedError(Diagnostic("bad-value", message, field.span, help=help))
    elif not isinstance(value, str):
        raise _wrong(f"`{key}` should be text, not {show(value)}", field)


def _wrong(message: str, field: Field) -> PlacedError:
    return PlacedError(Diagnostic("wrong-type", message, field.span))
