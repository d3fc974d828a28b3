"""Entries and blocks, checked as far as can be without knowing what their types mean."""

from pydantic import BaseModel

from netspec.diagnostics.suggest import nearest
from netspec.language.document import Block, Entry
from netspec.language.keys import KEYS_OF_THE_WHOLE, LITERAL_KEYS, REQUIRE
from netspec.language.models import BlockModel, EntryModel, GroupModel, ReuseModel, TableModel
from netspec.language.names import value_problem
from netspec.language.reading.fields import Reader, codes_of, text_of
from netspec.language.reading.requirements import read_requirements
from netspec.language.values import Field
from netspec.listed import listed
from netspec.source import Mapping, Scalar, Sequence, Value

_MODELS: dict[str, type[BaseModel]] = {
    "type": EntryModel,
    "layers": GroupModel,
    "reuse": ReuseModel,
}
_TYPES_ELSEWHERE = frozenset(("op", "op_type", "kind", "class", "class_name", "module"))
"""What other formats call an entry's type."""


def read_block(
    reader: Reader, name: str, mapping: Mapping, key: Scalar, library: bool = False
) -> Block:
    before = reader.mistakes
    node = reader.respelled(mapping, BlockModel)
    fields = reader.fields(node, LITERAL_KEYS | {REQUIRE})
    reader.apply(BlockModel, fields, key.span)
    requirements = read_requirements(reader, node)
    args = node.get("args")
    inputs = fields["inputs"].node if "inputs" in fields else None
    found = reader.fields(args, frozenset(), plain=True) if isinstance(args, Mapping) else {}
    names = None
    if isinstance(inputs, Sequence):
        texts = [each.value for each in inputs.items if isinstance(each, Scalar)]
        names = tuple(text for text in texts if isinstance(text, str))
    bad = reader.mistakes != before
    return Block(
        name=name,
        key=key,
        node=node,
        args=found,
        layers=read_entries(reader, node.get("layers")),
        inputs=names,
        outputs=fields.get("outputs"),
        state_order=fields.get("state_order"),
        requirements=requirements,
        allow=codes_of(fields),
        doc=text_of(fields, "doc"),
        library=library,
        bad=bad,
    )


def read_entries(reader: Reader, value: Value | None) -> tuple[Entry, ...]:
    if not isinstance(value, Sequence):
        return ()
    return tuple([_entry(reader, item) for item in value.items if isinstance(item, Mapping)])


def _entry(reader: Reader, node: Mapping) -> Entry:
    before = reader.mistakes
    fields = reader.fields(node)
    _check_entry(reader, node, fields)
    first, instances = _variations(reader, node, fields)
    columns, repeat = _table(reader, node, fields)
    bad = reader.mistakes != before
    for name in ("layers", "first", "repeat"):
        fields.pop(name, None)
    scope = fields.get("scope")
    return Entry(
        node=node,
        fields=fields,
        body=read_entries(reader, node["layers"]) if "layers" in node else None,
        repeat=repeat if instances is None else None,
        instances=instances,
        columns=columns,
        first=first,
        index=text_of(fields, "index") or "i",
        scope=scope is None or scope.compiled is not False,
        allow=codes_of(fields),
        doc=text_of(fields, "doc"),
        bad=bad,
    )


def _check_entry(reader: Reader, node: Mapping, fields: dict[str, Field]) -> None:
    """What can be said of an entry without knowing its type."""
    kinds = [name for name in _MODELS if name in node]
    keys = list(node.keys.values())
    where = fields["name"].span if "name" in fields else (keys[0] if keys else node).span
    if not kinds:
        near = next(filter(None, (nearest(name, _MODELS) for name in node.keys)), None)
        help = f"did you mean `{near}`?" if near else None
        if any(name in _TYPES_ELSEWHERE for name in node.keys):
            help = "netspec calls it `type`"
        reader.error("missing-field", "an entry needs `type`, `layers` or `reuse`", where, help)
        return
    if len(kinds) > 1:
        given = listed([f"`{kind}`" for kind in kinds])
        message = f"an entry has one of `type`, `layers` and `reuse`, not {given}"
        reader.error("field-conflict", message, node.keys[kinds[1]].span)
    reader.apply(_MODELS[kinds[0]], fields, where)
    if "param" in fields and kinds[0] != "type":
        message = f"an entry with `{kinds[0]}` has no parameters of its own"
        reader.error("field-conflict", message, fields["param"].key_span)
    body = fields.get("layers")
    if body is not None and body.compiled == []:
        reader.error("bad-value", "`layers` lists no layer", body.span)
    index = text_of(fields, "index")
    if index is not None:
        wrong = value_problem(index, "`index` is the name of a value: letters, digits and `_`")
        if wrong is not None:
            reader.error("bad-name", wrong[0], fields["index"].span, wrong[1])
    if "otherwise" in node and not isinstance(node["otherwise"], Sequence):  # told as a type
        _check_otherwise(reader, node)
    for name in ("first", "index"):
        if name in node and "repeat" not in node:
            message = f"`{name}` has no meaning without `repeat`"
            reader.error("field-conflict", message, node.keys[name].span)


def _check_otherwise(reader: Reader, node: Mapping) -> None:
    """What an absent entry stands for: it has a name, and something that leaves it out."""
    key = node.keys["otherwise"]
    if "when" not in node and "repeat" not in node:
        message = "`otherwise` has no meaning without `when`"
        reader.error("field-conflict", message, key.span)
    elif "name" not in node and "top" not in node:
        message = "`otherwise` says what a name stands for, but this entry has no `name`"
        reader.error("field-conflict", message, key.span)


def _variations(
    reader: Reader, node: Mapping, fields: dict[str, Field]
) -> tuple[dict[str, Field], tuple[dict[str, Field], ...] | None]:
    """What instance 0, and each instance of a repeat that lists them, has of its own."""
    first, repeat = node.get("first"), node.get("repeat")
    varied = _instance(reader, first, fields) if isinstance(first, Mapping) else {}
    items = repeat.items if isinstance(repeat, Sequence) else []
    rows = [item for item in items if isinstance(item, Mapping)]
    if not isinstance(repeat, Sequence) or (items and not rows):
        return varied, None
    return varied, tuple(_instance(reader, item, fields) for item in rows)


def _table(
    reader: Reader, node: Mapping, fields: dict[str, Field]
) -> tuple[tuple[str, ...], Field | None]:
    """What a repeat goes through, a count or rows, and the names of these rows' cells."""
    repeat = node.get("repeat")
    if not isinstance(repeat, Mapping):
        return (), fields.get("repeat")
    mapping = reader.respelled(repeat, TableModel)
    found = reader.fields(mapping, plain=True)
    columns = found.get("columns")
    if columns is not None and columns.dynamic:
        reader.error("bad-value", "`columns` can't be an expression", columns.span)
    reader.apply(TableModel, found, fields["repeat"].key_span)
    names: list[str] = []
    listed = columns.node if columns is not None else None
    for each in listed.items if isinstance(listed, Sequence) else ():
        if isinstance(each, Scalar) and isinstance(each.value, str):
            _check_column(reader, each, each.value, names)
            names.append(each.value)
    if columns is not None and not names and columns.compiled == []:
        reader.error("bad-value", "`columns` names no column", columns.span)
    return tuple(names), found.get("rows")


def _check_column(reader: Reader, place: Scalar, name: str, before: list[str]) -> None:
    wrong = value_problem(name, "a column's name is an identifier")
    if wrong is not None:
        reader.error("bad-name", wrong[0], place.span, wrong[1])
    elif name in before:
        reader.error("duplicate-name", f"two columns are called `{name}`", place.span)


def _instance(reader: Reader, node: Mapping, shared: dict[str, Field]) -> dict[str, Field]:
    fields = reader.fields(node)
    for name in list(fields):
        misplaced = name in ("type", "reuse") and name not in shared
        if name in KEYS_OF_THE_WHOLE or misplaced:
            message = f"an instance can't have `{name}` of its own"
            reader.error("field-conflict", message, fields.pop(name).key_span)
    reader.apply(EntryModel, fields, node.span)
    return fields
