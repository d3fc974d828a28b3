"""From an entry's fields to a layer, or to a block's arguments.

What holds no expression is checked once, when the document has been read, used or not; an entry
without any expression has its layer made then. What holds one is checked when it has a value.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from typing import Any

from netspec.diagnostics import Diagnostic, Span
from netspec.diagnostics.suggest import nearest
from netspec.elaborate.originals import Originals
from netspec.elaborate.suggestions import suggest
from netspec.graph import Size, TensorType
from netspec.graph.written import Formulas, Written
from netspec.language.document import REQUIRED, Block, Document, Entry, own_fields
from netspec.language.formulas import formulas
from netspec.language.keys import ENTRY_KEYS
from netspec.language.models import ParamModel
from netspec.language.validate import validate
from netspec.language.values import Field
from netspec.layers import Layer, LayerError, Weight
from netspec.layers.foreign import help_for
from netspec.listed import listed

Report = Callable[[Diagnostic], None]
LayerType = type[Layer]

MAX_KNOWN, MAX_TABLES = 50_000, 100
"""What is worked out once may be so much; a family of networks then begins again."""


@dataclass(frozen=True, slots=True, eq=False)
class WorkedOut:
    """What a layer gives and holds on bottoms of some types.

    `conditional` says whether that depends on how they came about; `characters` is the text of the
    tops' sizes, and of the numbers that the layer lists.
    """

    layer: Layer
    bottoms: tuple[TensorType, ...]
    tops: tuple[TensorType, ...]
    weights: tuple[Weight, ...]
    conditional: bool
    characters: int


@dataclass(frozen=True, slots=True)
class Said:
    """What an entry says, in no turn and under no condition: the expressions of its type's fields,
    those that say what it is, its name's parts. `paths` are what these call blobs whose sizes they
    read.
    """

    written: Written
    paths: tuple[str, ...]


@dataclass
class KnownTypes:
    """The layer types that a document can name: the catalogue's and its own blocks.

    `made` are layers by the values of their fields, so that equal ones are one; `built` are those
    of entries without expressions, `settings` what `param` fields say, `said` the expressions of
    entries' fields, `said_of_args` those of blocks' args; `bad` are entries with a mistake that has
    been reported. `complete` is false where a file of blocks couldn't be read. `worked_out` is
    known by the identities of a layer and its bottoms' types, of which equal ones are made one,
    `tables` are the elements of tensors that formulas give, each with its formula.
    """

    catalogue: Mapping[str, LayerType]
    blocks: Mapping[str, Block]
    vars: Set[str] = frozenset()
    complete: bool = True
    built: dict[int, Layer] = field(default_factory=dict)
    made: dict[tuple[LayerType, str], Layer] = field(default_factory=dict)
    bad: set[int] = field(default_factory=set)
    worked_out: dict[tuple[int, ...], WorkedOut] = field(default_factory=dict)
    equal_types: dict[TensorType, TensorType] = field(default_factory=dict)
    said: dict[int, Said] = field(default_factory=dict)
    said_of_args: dict[int, Formulas] = field(default_factory=dict)
    settings: dict[int, list[ParamModel]] = field(default_factory=dict)
    tables: dict[object, Any] = field(default_factory=dict)
    read_by: dict[str, Collection[str]] = field(default_factory=dict)
    found: dict[str, LayerType | Block] = field(default_factory=dict)
    originals: dict[Size, Originals] = field(default_factory=dict)
    same_types: dict[int, tuple[TensorType, TensorType]] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)

    def forget(self) -> None:
        """Let go of what has been worked out so far, if it has become much."""
        if len(self.made) + len(self.worked_out) > MAX_KNOWN or len(self.tables) > MAX_TABLES:
            for each in (self.made, self.worked_out, self.equal_types, self.same_types):
                each.clear()
            self.tables.clear()
            self.originals.clear()

    def find(self, name: str) -> LayerType | Block | None:
        kind = self.found.get(name)
        if kind is None:
            kind = self.blocks.get(name) or self.catalogue.get(name) or self._custom(name)
            if kind is not None:
                self.found[name] = kind
        return kind

    def _custom(self, name: str) -> LayerType | None:
        """An installed package's layer; None, noted for `unknown`, where it can't be used."""
        from netspec.plugins import PluginError, find_layer

        try:
            return find_layer(name)
        except PluginError as error:
            self.broken[name] = str(error)
            return None

    def same(self, type: TensorType) -> TensorType:
        """The one of all equal types that goes by its identity."""
        known = self.same_types.get(id(type))
        if known is None:
            same = self.equal_types.setdefault(type, type)
            known = self.same_types[id(type)] = (type, same)
        return known[1]

    def vars_of(self, block: Block) -> Collection[str]:
        """The vars that a block may read, and those that it uses."""
        known = self.read_by.get(block.name)
        if known is None:
            used = _used(block, self.blocks)
            names = frozenset().union(*(each.reads for each in used))
            known = self.read_by[block.name] = names & self.vars
        return known

    def defaults(self, block: Block) -> Formulas:
        """What a block says of its args; None for one that it requires."""
        known = self.said_of_args.get(id(block))
        if known is None:
            args = {name: each for name, each in block.args.items() if each.compiled != REQUIRED}
            known = self.said_of_args[id(block)] = {**dict.fromkeys(block.args), **formulas(args)}
        return known

    def unknown(self, name: str, span: Span) -> Diagnostic | None:
        """The diagnostic for a type that nothing defines; None if a missing file may define it."""
        if not self.complete:
            return None
        if name in self.broken:
            return Diagnostic("unknown-type", self.broken[name], span)
        message = f"there is no layer type or block `{name}`"
        help = help_for(name, self.catalogue, self.blocks)
        return Diagnostic("unknown-type", message, span, help=help)

    def layer(
        self,
        kind: LayerType,
        fields: Mapping[str, Field],
        values: Mapping[str, Any],
        where: Span,
        report: Report,
        deferred: frozenset[str] = frozenset(),
    ) -> Layer | None:
        """A layer of these values; None, with a report, where they make none."""
        key = (kind, repr(values))
        if not deferred and key in self.made:
            return self.made[key]
        answers = suggest(kind, fields, self.catalogue)
        layer = validate(kind, fields, values, where, report, answers, deferred)
        if layer is None:
            return None
        errors = list(layer.check())
        for error in errors:
            report(place_error(error, fields, where))
        if errors:
            return None
        self.made[key] = layer
        return layer


def place_error(error: LayerError, fields: Mapping[str, Field], where: Span) -> Diagnostic:
    """A layer's own complaint, at the field that it names."""
    span = where
    if error.field is not None and error.field in fields:
        span = fields[error.field].span
    return Diagnostic(error.code, error.message, span, help=error.help)


def check_entries(document: Document, types: KnownTypes, report: Report) -> None:
    """Check every entry's own fields against its type, as far as they hold no expression."""
    lists = [document.layers, *(block.layers for block in document.blocks.values())]
    for entry in _all(lists):
        found: list[Diagnostic] = []
        _check_entry(entry, types, found.append)
        if found:
            types.bad.add(id(entry))
        for mistake in found:
            report(_with_column(mistake, entry))


def _with_column(mistake: Diagnostic, entry: Entry) -> Diagnostic:
    """The mistake, with help if what is missing is a column of the entry's table."""
    columns = [each for each in entry.columns if f"`{each}`" in mistake.message]
    if mistake.code != "missing-field" or not columns:
        return mistake
    given = ", ".join(f"{each}: ${each}" for each in columns)
    return replace(mistake, help=f"a column is a value, not a field: `{given}` makes one of it")


def _all(lists: Iterable[tuple[Entry, ...]]) -> Iterator[Entry]:
    for entries in lists:
        for entry in entries:
            yield entry
            if entry.body is not None:
                yield from _all([entry.body])


def _used(block: Block, blocks: Mapping[str, Block]) -> list[Block]:
    """A block and those that it uses, or may use where an expression says which."""
    found = {block.name: block}
    waiting = [*block.layers]
    while waiting:
        entry = waiting.pop()
        waiting += entry.body or ()
        name = entry.fields.get("type")
        if name is not None:
            names = blocks if name.dynamic or "type" in entry.varied else [str(name.compiled)]
            new = [blocks[each] for each in names if each in blocks and each not in found]
            found |= {each.name: each for each in new}
            waiting += [inner for each in new for inner in each.layers]
    return [*found.values()]


def _check_entry(entry: Entry, types: KnownTypes, report: Report) -> None:
    name = entry.fields.get("type")
    if name is None or name.dynamic or "type" in entry.varied:
        return
    if not isinstance(name.compiled, str):
        return
    kind = types.find(name.compiled)
    if kind is None:
        types.bad.add(id(entry))
        unknown = types.unknown(name.compiled, name.span)
        if unknown is not None:
            report(unknown)
    elif not isinstance(kind, Block):
        _check_layer(entry, kind, types, name.span, report)
    elif not kind.bad:
        _check_block_use(entry, kind, name.span, report)


def _check_layer(
    entry: Entry, kind: LayerType, types: KnownTypes, where: Span, report: Report
) -> None:
    fields = entry.own
    known = kind.model_fields
    values = {n: each.compiled for n, each in fields.items() if not each.dynamic or n not in known}
    deferred = entry.varied.union(name for name, each in fields.items() if each.dynamic)
    if _may_have_rows(entry):
        deferred |= {n for n, f in kind.model_fields.items() if f.is_required()} - fields.keys()
    layer = types.layer(kind, fields, values, where, report, deferred)
    if layer is not None:
        types.built[id(entry)] = layer
    for extra in (entry.first, *(entry.instances or ())):
        given = own_fields(extra)
        answers = suggest(kind, {**fields, **given}, types.catalogue)
        for name, each in given.items():
            if name not in kind.model_fields:
                message, help = f"nothing here is called `{name}`", answers.name(name).help
                report(Diagnostic("unknown-field", message, each.key_span, help=help))


def _may_have_rows(entry: Entry) -> bool:
    """Whether mappings that the text has elsewhere may give fields to the entry's instances."""
    return entry.repeat is not None and entry.repeat.dynamic and not entry.columns


def _check_block_use(entry: Entry, block: Block, where: Span, report: Report) -> None:
    given = (entry.fields, entry.first, *(entry.instances or ()))
    for mistake in block_mistakes(block, map(own_fields, given), where):
        if mistake.code != "missing-field" or not _may_have_rows(entry):
            report(mistake)
    if "param" in entry.fields:
        message = f"block `{block.name}` has no parameters of its own"
        report(Diagnostic("field-conflict", message, entry.fields["param"].key_span))


def block_mistakes(
    block: Block, given: Iterable[Mapping[str, Field]], where: Span
) -> list[Diagnostic]:
    """Fields that a block has no arg for, and args that are required and in none of `given`."""
    mistakes = []
    names: set[str] = set()
    for fields in given:
        names |= fields.keys()
        for name, each in fields.items():
            if name not in block.args:
                near = nearest(name, [*block.args, *ENTRY_KEYS])
                names |= {near} if near else set()
                help = f"did you mean `{near}`?" if near else _args_text(block)
                message = f"block `{block.name}` has no arg `{name}`"
                mistakes.append(Diagnostic("unknown-field", message, each.key_span, help=help))
    missing = [
        f"`{name}`"
        for name, default in block.args.items()
        if default.compiled == REQUIRED and name not in names
    ]
    if missing:
        plural = "s" * (len(missing) != 1)
        message = f"block `{block.name}` needs the arg{plural} {listed(missing)}"
        mistakes.append(Diagnostic("missing-field", message, where))
    return mistakes


def _args_text(block: Block) -> str:
    names = [f"`{name}`" for name in block.args]
    return f"its args are {listed(names)}" if names else "it has no args"
