"""Every place of a spec where something is named: what is defined there or meant."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from netspec.diagnostics import Span
from netspec.editor.areas import Area, Areas, Spot, inputs_of
from netspec.editor.lines import offsets
from netspec.editor.snapshot import Snapshot, all_entries
from netspec.expressions import ExpressionError, parse_template
from netspec.expressions.syntax import Attribute, Expression, Name, children
from netspec.expressions.template import Part
from netspec.language.document import Block, Document, Entry
from netspec.language.keys import LITERAL_KEYS, VARIANT_KEYS
from netspec.language.values import Field
from netspec.source import Mapping, Scalar, Sequence, Value

_BLOBS = ("bottom", "otherwise", "reuse")
"""Fields of an entry whose text names what stands before it."""

_EXPECTED = ("outputs", "receptive_field")
"""Keys of what is expected, below which layers are named."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is named: its kind (`layer` for a top too, `input`, `block`, `var`, `arg`, `index`,
    `column`), its name, and by identity what it belongs to. `sure` is false of a name that holds
    an expression.
    """

    kind: str
    name: str
    holder: int
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A place that names a target, or `defines` it; the entry that it stands in, if any."""

    target: Target
    span: Span
    defines: bool = False
    entry: Entry | None = None


class Occurrences:
    """Those of a snapshot's document."""

    def __init__(self, snapshot: Snapshot) -> None:
        assert snapshot.document is not None
        self.snapshot = snapshot
        self.document: Document = snapshot.document
        self.areas = Areas(self.document)

    @cached_property
    def every(self) -> tuple[Occurrence, ...]:
        document, root = self.document, self.areas.root
        found = [*self._definitions(), *self._entries(document.layers)]
        found += self._paths(document.outputs, root, len(root.entries), None)
        found += self._paths(document.state_order, root, len(root.entries), None)
        top = [document.top.get(key) for key in ("vars", "inputs", "variants", "require", "expect")]
        for value in top:
            found += self._values(value, None, None)
            found += self._expected(value)
        for name, block in document.blocks.items():
            found += self._block(name, block)
        return tuple(found)

    @cached_property
    def _own(self) -> tuple[tuple[int, int, Occurrence], ...]:
        source = self.snapshot.source
        own = [each for each in self.every if each.span.source is source]
        return tuple((*offsets(each.span), each) for each in own)

    def at(self, offset: int) -> Occurrence | None:
        """What is named at an offset of the snapshot's own text."""
        around = (each for start, end, each in self._own if start <= offset <= end)
        return min(around, key=lambda each: each.span.end_column - each.span.column, default=None)

    def of(self, target: Target) -> list[Occurrence]:
        """All places that name it, each once."""
        found = {each.span.key: each for each in self.every if each.target == target}
        return list(found.values())

    def _definitions(self) -> Iterator[Occurrence]:
        document = self.document
        for name, each in document.inputs.items():
            yield Occurrence(Target("input", name, id(document)), each.key.span, defines=True)
        for name, field in document.vars.items():
            if field.key is not None:
                target = Target("var", name, id(document))
                yield Occurrence(target, field.key.span, defines=True)
            yield from self._named_block(name, field)
        for variant in document.variants.values():
            for name, field in variant.vars.items():
                yield from self._named_block(name, field)
                if name in document.vars and name not in VARIANT_KEYS and field.key is not None:
                    yield Occurrence(Target("var", name, id(document)), field.key.span)

    def _named_block(self, var: str, field: Field) -> Iterator[Occurrence]:
        """The block that a var's value names, if the var says what some entry is."""
        block = field.compiled
        if var in self._types and isinstance(block, str) and block in self.document.blocks:
            yield Occurrence(Target("block", block, id(self.document)), field.span)

    @cached_property
    def _types(self) -> frozenset[str]:
        """The names that expressions for types read."""
        lists = (self.document.layers, *(b.layers for b in self.document.blocks.values()))
        every = (entry for entries in lists for entry in all_entries(entries))
        return frozenset().union(*(e.fields["type"].names for e in every if "type" in e.fields))

    def _block(self, name: str, block: Block) -> Iterator[Occurrence]:
        area = self.areas.blocks[name]
        yield Occurrence(Target("block", name, id(self.document)), block.key.span, defines=True)
        for arg, field in block.args.items():
            if field.key is not None:
                yield Occurrence(Target("arg", arg, id(block)), field.key.span, defines=True)
        for given, scalar in inputs_of(area, self.document).items():
            yield Occurrence(Target("input", given, id(block)), scalar.span, defines=True)
        yield from self._entries(block.layers)
        yield from self._paths(block.outputs, area, len(area.entries), None)
        yield from self._paths(block.state_order, area, len(area.entries), None)
        for key in ("args", "require"):
            yield from self._values(block.node.get(key), area, None)

    def _entries(self, entries: tuple[Entry, ...]) -> Iterator[Occurrence]:
        for entry in all_entries(entries):
            spot = self.areas.spots[id(entry)]
            yield from self._repeat(entry)
            for fields in (entry.fields, entry.first, *(entry.instances or ())):
                yield from self._fields(entry, fields, spot)
            if entry.repeat is not None:
                yield from self._values(entry.repeat.node, spot.area, entry)
        for area in {id(each.area): each.area for each in map(self._spot, entries)}.values():
            yield from self._names(area)

    def _spot(self, entry: Entry) -> Spot:
        return self.areas.spots[id(entry)]

    def _names(self, area: Area) -> Iterator[Occurrence]:
        """The names of a list's entries and of those in its groups."""
        for named in area.names:
            if named.dynamic:
                target = Target("layer", named.scalar.text, id(area), sure=False)
                yield Occurrence(target, named.scalar.span, True, named.entry)
                continue
            for number, span in enumerate(_part_spans(named.scalar, named.parts)):
                target = Target("layer", ".".join(named.parts[: number + 1]), id(area))
                yield Occurrence(target, span, True, named.entry)
        for inner in area.inner.values():
            yield from self._names(inner)

    def _repeat(self, entry: Entry) -> Iterator[Occurrence]:
        given = entry.fields.get("index")
        if given is not None:
            target = Target("index", entry.index, id(entry))
            yield Occurrence(target, given.node.span, True, entry)
        repeat = entry.node.get("repeat")
        columns = repeat.get("columns") if isinstance(repeat, Mapping) else None
        for each in columns.items if isinstance(columns, Sequence) else ():
            if isinstance(each, Scalar):
                yield Occurrence(Target("column", each.text, id(entry)), each.span, True, entry)

    def _fields(self, entry: Entry, fields: dict[str, Field], spot: Spot) -> Iterator[Occurrence]:
        block = self.areas.block_of(entry)
        for name, field in fields.items():
            if name in LITERAL_KEYS:
                continue
            if name == "type" and field.compiled in (block,):
                target = Target("block", str(block), id(self.document))
                yield Occurrence(target, field.span, entry=entry)
            args = {} if block is None else self.document.blocks[block].args
            if name in args and field.key is not None:
                target = Target("arg", name, id(self.document.blocks[str(block)]))
                yield Occurrence(target, field.key.span, entry=entry)
            if name in _BLOBS:
                yield from self._paths(field, spot.area, spot.at, entry)
            elif name in ("outputs", "state_order"):
                inner = spot.area.inner.get(spot.at)
                if inner is not None:
                    yield from self._paths(field, inner, len(inner.entries), entry)
            yield from self._values(field.node, spot.area, entry)

    def _paths(
        self, field: Field | None, area: Area, before: int, entry: Entry | None
    ) -> Iterator[Occurrence]:
        """What the texts of a field name, each a path."""
        node = None if field is None else field.node
        for scalar in node.items if isinstance(node, Sequence) else [node]:
            if isinstance(scalar, Scalar) and scalar.text and "$" not in scalar.text:
                parts = tuple(scalar.text.split("."))
                spans = _part_spans(scalar, parts)
                yield from self._path(parts, spans, area, before, entry)

    def _path(
        self,
        parts: tuple[str, ...],
        spans: Iterable[Span],
        area: Area,
        before: int,
        entry: Entry | None,
    ) -> Iterator[Occurrence]:
        steps = self.areas.walk(area, before, parts)
        for step, span in zip(steps, spans, strict=False):
            if step is not None:
                named, number = step
                name = ".".join(named.parts[: number + 1])
                target = Target("layer", name, id(named.area))
                if named.dynamic:
                    target = Target("layer", named.scalar.text, id(named.area), sure=False)
                yield Occurrence(target, span, entry=entry)
        if steps[0] is None:
            yield from self._input(parts[0], next(iter(spans)), area, entry)

    def _input(
        self, name: str, span: Span, area: Area, entry: Entry | None
    ) -> Iterator[Occurrence]:
        while area.parent is not None:
            area = area.parent
        if name in inputs_of(area, self.document):
            holder = id(self.document) if area.block is None else id(area.block)
            yield Occurrence(Target("input", name, holder), span, entry=entry)

    def _expected(self, value: Value | None) -> Iterator[Occurrence]:
        """The layers whose figures are expected."""
        root = self.areas.root
        if isinstance(value, Mapping):
            for key, each in value.items.items():
                if key in _EXPECTED and isinstance(each, Mapping):
                    for path, scalar in each.keys.items():
                        parts = tuple(path.split("."))
                        spans = _part_spans(scalar, parts)
                        yield from self._path(parts, spans, root, len(root.entries), None)
                else:
                    yield from self._expected(each)
        elif isinstance(value, Sequence):
            for each in value.items:
                yield from self._expected(each)

    def _values(
        self, value: Value | None, area: Area | None, entry: Entry | None
    ) -> Iterator[Occurrence]:
        """What expressions in a value name, as an entry sees it, or if None what stands around."""
        if isinstance(value, Mapping):
            for key, each in value.items.items():
                if key not in LITERAL_KEYS:
                    yield from self._values(each, area, entry)
        elif isinstance(value, Sequence):
            for each in value.items:
                yield from self._values(each, area, entry)
        elif isinstance(value, Scalar) and isinstance(value.value, str) and "$" in value.value:
            for parts, spans in _read_by(value):
                target = self._value(parts[0], area, entry)
                if target is not None:
                    yield Occurrence(target, spans[0], entry=entry)
                elif area is not None:
                    before = len(area.entries) if entry is None else self._spot(entry).at
                    yield from self._path(parts, spans, area, before, entry)

    def _value(self, name: str, area: Area | None, entry: Entry | None) -> Target | None:
        """The value that a name is, None if it is no value."""
        around = () if entry is None else (*self._spot(entry).around, entry)
        for outer in reversed(around):
            if outer.repeats and name == outer.index:
                return Target("index", name, id(outer), sure="index" in outer.fields)
            if name in outer.columns:
                return Target("column", name, id(outer))
        block = None if area is None else area.block
        if block is not None and name in block.args:
            return Target("arg", name, id(block))
        if area is not None and block is not None and name in inputs_of(area, self.document):
            return None
        seen = name in self.document.vars and not (block is not None and block.library)
        return Target("var", name, id(self.document)) if seen else None


def _part_spans(scalar: Scalar, parts: Iterable[str]) -> list[Span]:
    """The places of a path's parts."""
    spans, at = [], 0
    for part in parts:
        spans.append(scalar.part(at, at + len(part)))
        at += len(part) + 1
    return spans


def _read_by(scalar: Scalar) -> Iterator[tuple[tuple[str, ...], list[Span]]]:
    """The paths that a text's expressions read, each part with its place."""
    text = str(scalar.value)
    try:
        template = parse_template(text)
    except ExpressionError:
        return
    for part in () if isinstance(template, str) else template.parts:
        if isinstance(part, Part):
            for start, path in _paths_in(part.expression):
                at = part.offset + start
                written = text.startswith(path, at)  # and not with spaces
                names = tuple(path.split(".")) if written else (path.partition(".")[0],)
                ends = [at + len(".".join(names[: n + 1])) for n in range(len(names))]
                spans = [scalar.part(e - len(n), e) for n, e in zip(names, ends, strict=True)]
                yield names, spans


def _paths_in(expression: Expression) -> Iterator[tuple[int, str]]:
    """The names in an expression with what they are asked for, and where each begins."""
    path = _path_of(expression)
    if path is not None:
        yield path
        return
    for each in children(expression):
        yield from _paths_in(each)


def _path_of(expression: Expression) -> tuple[int, str] | None:
    match expression:
        case Name(start=start, name=name):
            return start, name
        case Attribute(value=value, name=name):
            outer = _path_of(value)
            return None if outer is None else (outer[0], f"{outer[1]}.{name}")
    return None
