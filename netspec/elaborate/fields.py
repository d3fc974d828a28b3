"""From an entry's fields to a layer, or to a block's arguments.

What holds no expression is checked once, when the document has been read, used or not; an entry
without any expression has its layer made then. What holds one is checked when it has a value.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from netspec.diagnostics import Diagnostic, Span
from netspec.diagnostics.suggest import did_you_mean, nearest
from netspec.language.document import REQUIRED, Block, Document, Entry
from netspec.language.names import ENTRY_KEYS
from netspec.language.validate import validate
from netspec.language.values import Field
from netspec.layers import Layer, LayerError

Report = Callable[[Diagnostic], None]
LayerType = type[Layer]

INFERRED = frozenset(("in_channels", "in_features", "input_shape", "input_dim", "num_features"))
"""What PyTorch and Keras ask for and a layer here knows from its bottom."""


@dataclass
class Types:
    """The layer types that a document can name: the catalogue's and its own blocks."""

    catalogue: Mapping[str, LayerType]
    blocks: Mapping[str, Block]
    built: dict[int, Layer] = field(default_factory=dict)
    bad: set[int] = field(default_factory=set)

    def find(self, name: str) -> LayerType | Block | None:
        return self.blocks.get(name) or self.catalogue.get(name)

    def unknown(self, name: str, span: Span) -> Diagnostic:
        """The diagnostic for a type that nothing defines."""
        message = f"there is no layer type or block `{name}`"
        help = None
        for layer in self.catalogue.values():
            if name in layer.synonyms:
                help = f"netspec calls it `{layer.__name__}`"
        help = help or did_you_mean(name, [*self.blocks, *self.catalogue])
        return Diagnostic("unknown-type", message, span, help=help)

    def suggest(self, layer: LayerType) -> Callable[[str], str | None]:
        """Help for a field that a layer doesn't have."""

        def help(name: str) -> str | None:
            known = layer.field_synonyms.get(name)
            if known is not None:
                return f"netspec calls it `{known}`"
            if name in INFERRED:
                return "leave it out: a layer knows it from what it reads"
            near = nearest(name, [*layer.model_fields, *ENTRY_KEYS])
            if near is not None:
                return f"did you mean `{near}`?"
            owners = [each for each in self.catalogue.values() if name in each.model_fields]
            if owners:
                listed = ", ".join(f"`{each.__name__}`" for each in owners[:3])
                return f"it is a field of {listed}"
            return None

        return help

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
        suggest = self.suggest(kind)
        layer = validate(kind, fields, values, where, report, suggest, deferred)
        if layer is None:
            return None
        errors = list(layer.check())
        for error in errors:
            report(place_error(error, fields, where))
        return None if errors else layer


def place_error(error: LayerError, fields: Mapping[str, Field], where: Span) -> Diagnostic:
    """A layer's own complaint, at the field that it names."""
    span = where
    if error.field is not None and error.field in fields:
        span = fields[error.field].span
    return Diagnostic(error.code, error.message, span, help=error.help)


def check_entries(document: Document, types: Types, report: Report) -> None:
    """Check every entry's own fields against its type, as far as they hold no expression."""
    lists = [document.layers, *(block.layers for block in document.blocks.values())]
    for entry in _all(lists):
        mistakes: list[Diagnostic] = []
        _check_entry(entry, types, mistakes.append)
        if mistakes:
            types.bad.add(id(entry.node))
        for mistake in mistakes:
            report(mistake)


def _all(lists: Iterable[tuple[Entry, ...]]) -> Iterator[Entry]:
    for entries in lists:
        for entry in entries:
            yield entry
            if entry.body is not None:
                yield from _all([entry.body])


def _check_entry(entry: Entry, types: Types, report: Report) -> None:
    name = entry.fields.get("type")
    if name is None:
        return
    if name.dynamic or "type" in overlaid(entry) or not isinstance(name.compiled, str):
        return
    kind = types.find(name.compiled)
    if kind is None:
        report(types.unknown(name.compiled, name.span))
    elif isinstance(kind, Block):
        _check_block_use(entry, kind, name.span, report)
    else:
        _check_layer(entry, kind, types, name.span, report)


def overlaid(entry: Entry) -> frozenset[str]:
    """The fields that some instance of a repeat has of its own."""
    names = set(entry.first)
    for fields in entry.instances or ():
        names |= fields.keys()
    return frozenset(names)


def _check_layer(
    entry: Entry, kind: LayerType, types: Types, where: Span, report: Report
) -> None:
    fields = entry.own_fields(entry.fields)
    values = {name: each.compiled for name, each in fields.items() if not each.dynamic}
    deferred = {name for name, each in fields.items() if each.dynamic} | overlaid(entry)
    layer = types.layer(kind, fields, values, where, report, frozenset(deferred))
    if layer is not None:
        types.built[id(entry.node)] = layer
    suggest = types.suggest(kind)
    for extra in (entry.first, *(entry.instances or ())):
        for name, each in entry.own_fields(extra).items():
            if name not in kind.model_fields and each.key is not None:
                message = f"nothing here is called `{name}`"
                report(Diagnostic("unknown-field", message, each.key.span, help=suggest(name)))


def _check_block_use(entry: Entry, block: Block, where: Span, report: Report) -> None:
    given = [entry.fields, entry.first, *(entry.instances or ())]
    fields = [entry.own_fields(each) for each in given]
    for mistake in block_mistakes(block, fields, where):
        report(mistake)


def block_mistakes(
    block: Block, given: Iterable[Mapping[str, Field]], where: Span
) -> list[Diagnostic]:
    """Fields that a block has no arg for, and args that are required and in none of `given`."""
    mistakes = []
    names: set[str] = set()
    answered: set[str] = set()
    for fields in given:
        names |= fields.keys()
        for name, each in fields.items():
            if name not in block.args:
                near = nearest(name, [*block.args, *ENTRY_KEYS])
                answered |= {near} if near else set()
                help = f"did you mean `{near}`?" if near else _args_text(block)
                span = each.key.span if each.key is not None else each.span
                message = f"block `{block.name}` has no arg `{name}`"
                mistakes.append(Diagnostic("unknown-field", message, span, help=help))
    for name, default in block.args.items():
        if default.compiled == REQUIRED and name not in names and name not in answered:
            message = f"block `{block.name}` needs the arg `{name}`"
            mistakes.append(Diagnostic("missing-field", message, where))
    return mistakes


def _args_text(block: Block) -> str:
    names = ", ".join(f"`{name}`" for name in block.args)
    return f"its args are {names}" if names else "it has no args"
