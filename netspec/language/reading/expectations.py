"""`expect`: taken apart into statements."""

from collections.abc import Iterator
from collections.abc import Mapping as PlainMapping

from netspec.diagnostics.suggest import did_you_mean
from netspec.language.expectations import Statement, check_beside
from netspec.language.figures import (
    BESIDE,
    CLAIMS,
    CONDITIONS,
    FIGURES,
    IN_JSON,
    OF_GROUP,
    Kind,
)
from netspec.language.reading.fields import Reader
from netspec.language.validate import show
from netspec.language.values import Field, PlacedError, literal_field, no_value, read_field
from netspec.listed import listed
from netspec.source import Mapping, Scalar, Sequence, Value

_LITERAL = frozenset(("source", "differs"))
_CERTAIN = ("exactly", "about")
"""The claims of which one is enough, and which a network can be known to differ from."""
_LISTS = (Kind.SHAPE, Kind.WINDOW)
"""The kinds of figures that may be lists themselves."""


def read_expectations(reader: Reader, value: Value | None) -> tuple[Statement, ...]:
    """The statements of an `expect`; those with a mistake of form are reported and left out."""
    groups = value.items if isinstance(value, Sequence) else [value]
    found = (_group(reader, each) for each in groups if isinstance(each, Mapping))
    return tuple([statement for group in found for statement in group])


def _group(reader: Reader, node: Mapping) -> Iterator[Statement]:
    """The statements of one mapping, with what it says for all of them."""
    shared: dict[str, Field] = {}
    for name in OF_GROUP:
        if name in node:
            shared[name] = _field(reader, node.keys[name], node[name])
    for name, value in node.items.items():
        key = node.keys[name]
        if name in FIGURES:
            yield from _figure(reader, key, value, shared)
        elif name not in OF_GROUP:
            known = IN_JSON.get(name)
            help = f"here it's called `{known}`" if known is not None else None
            help = help or did_you_mean(name, (*FIGURES, *OF_GROUP))
            help = help or f"figures are {listed([f'`{each}`' for each in FIGURES])}"
            message = f"no figure of a network is called `{name}`"
            reader.error("unknown-field", message, key.span, help)


def _figure(
    reader: Reader, key: Scalar, value: Value, shared: PlainMapping[str, Field]
) -> Iterator[Statement]:
    figure = key.text
    if not FIGURES[figure].named:
        yield from _statements(reader, figure, None, key, value, shared)
        return
    several = isinstance(value, Sequence) and any(isinstance(i, Mapping) for i in value.items)
    for each in value.items if isinstance(value, Sequence) and several else [value]:
        if isinstance(each, Mapping):
            for name, inner in each.items.items():
                yield from _statements(reader, figure, name, each.keys[name], inner, shared)
        elif isinstance(each, Scalar) and each.value is None:
            reader.report(no_value(key, each))
        else:
            message = f"`{figure}` should map names to what is expected, not {show(each.plain())}"
            reader.error("wrong-type", message, each.span, "such as `{fc: [N, 1000]}`")


def _statements(
    reader: Reader,
    figure: str,
    name: str | None,
    key: Scalar,
    value: Value,
    shared: PlainMapping[str, Field],
) -> Iterator[Statement]:
    """The statements of a figure: one, or a list of them."""
    items = value.items if isinstance(value, Sequence) else [value]
    is_list = FIGURES[figure].kind in _LISTS
    if is_list and not all(isinstance(item, Mapping) for item in items):
        items = [value]
    for item in items:
        before = reader.mistakes
        if isinstance(item, Mapping):
            fields = {n: _field(reader, item.keys[n], each) for n, each in item.items.items()}
            _check(reader, figure, item, fields)
        else:
            fields = {"": read_field(key, item, reader.report)}
        if reader.mistakes == before:
            claims = {n: each for n, each in fields.items() if n in CLAIMS or not n}
            beside = {n: each for n, each in fields.items() if n not in claims}
            yield Statement(figure, name, key, claims, {**shared, **beside})


def _field(reader: Reader, key: Scalar, value: Value) -> Field:
    blank = isinstance(value, Scalar) and value.value is None
    literal = key.text in _LITERAL and not blank
    field = literal_field(key, value) if literal else read_field(key, value, reader.report)
    if key.text in (*BESIDE, *CONDITIONS) and not field.dynamic:
        try:
            check_beside(key.text, field, field.compiled)
        except PlacedError as error:
            assert error.diagnostic is not None
            reader.report(error.diagnostic)
    return field


def _check(reader: Reader, figure: str, node: Mapping, fields: PlainMapping[str, Field]) -> None:
    """The keys of a statement: known ones, and such as go together."""
    conditions = FIGURES[figure].conditions
    known = (*CLAIMS, *BESIDE, *conditions)
    for name, each in fields.items():
        if name not in known:
            help = did_you_mean(name, known)
            message = f"nothing is said of `{figure}` by `{name}`"
            reader.error("unknown-field", message, each.key_span, help)
    claims = [name for name in CLAIMS if name in fields]
    where = next(iter(node.keys.values()), node)
    if not claims:
        message = f"one of {listed([f'`{each}`' for each in CLAIMS], 'or')} is missing"
        reader.error("missing-field", message, where.span)
    if len(claims) > 1 and not set(claims).isdisjoint(_CERTAIN):
        names = listed([f"`{each}`" for each in claims])
        message = f"{names} exclude each other: several statements are a list"
        reader.error("field-conflict", message, node.keys[claims[1]].span)
    elif "differs" in fields and claims and claims[0] not in _CERTAIN:
        message = f"`differs` says that a figure isn't so, not that it breaks `{claims[0]}`"
        reader.error("field-conflict", message, node.keys["differs"].span)
    if FIGURES[figure].kind in _LISTS:
        for name in claims:
            if name != "exactly":
                message = f"`{figure}` is one thing `exactly`, not `{name}`"
                reader.error("field-conflict", message, node.keys[name].span)
