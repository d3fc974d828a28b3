"""A built-in layer at its place: its fields, its bottoms, its tops and its node."""

from typing import Any

from netspec.counted import counted
from netspec.elaborate.bind import bind, fail, in_place_error
from netspec.elaborate.budget import PER_NUMBER, PER_TERM
from netspec.elaborate.conditions import check_at_place, check_known, check_weights
from netspec.elaborate.context import WORK_PER_DECISION, Context
from netspec.elaborate.fields import LayerType, WorkedOut, place_error
from netspec.elaborate.limits import check_tops
from netspec.elaborate.parameters import make_parameters
from netspec.elaborate.provenance import written
from netspec.elaborate.reads import Read, any_unknown
from netspec.elaborate.scope import Binding, Instance, Site
from netspec.elaborate.tabulate import evaluated
from netspec.elaborate.tree import relative
from netspec.graph import Blob, Node, Phase, SymbolicSize, TensorType
from netspec.language.document import own_fields
from netspec.language.values import PlacedError
from netspec.layers import CATALOGUE, Layer, LayerError
from netspec.layers.bottoms import require_elements
from netspec.layers.rows import placed_tops
from netspec.layers.told import sizes_in
from netspec.plugins import failure
from netspec.source import Scalar


def built(context: Context, site: Site) -> Layer | None:
    """The layer of an entry whose fields hold no expression, where this instance has no others."""
    entry = site.entry
    return context.types.built.get(id(entry)) if site.fields is entry.fields else None


def make_layer(context: Context, site: Site, kind: LayerType) -> Layer:
    """The layer that an entry's fields make; those with equal fields share one."""
    entry, types = site.entry, context.types
    fields = entry.own if site.fields is entry.fields else own_fields(dict(site.fields))
    values = evaluated(context, site, kind, fields)
    made = types.made.get((kind, repr(values)))
    if made is None:
        _check_known(context, site, kind, values)
        made = types.layer(
            kind,
            fields,
            values,
            site.at("type").span,
            lambda found: context.report(PlacedError(found), site.scope, site.path),
        )
        if made is None:
            raise PlacedError(None)
    return made


def _check_known(context: Context, site: Site, kind: LayerType, values: dict[str, Any]) -> None:
    """Refuse symbolic sizes as fields that take none."""
    for name, value in values.items():
        for each in sizes_in(value):
            if isinstance(each, SymbolicSize) and name in kind.symbolic_fields:
                if each not in context.sized:
                    # It takes about as long to find out what tells it.
                    context.sized.add(each)
                    context.spend(WORK_PER_DECISION, site.fields[name])
            elif isinstance(each, SymbolicSize):
                message = f"`{name}` needs a number, but the size {each} is symbolic"
                help = "give the input a fixed size"
                field = site.fields[name]
                raise context.error("symbolic-size", message, field, site.scope, help=help)


def place_layer(context: Context, site: Site, layer: Layer, reads: list[Read]) -> None:
    """A layer on its bottoms: its tops' types, its parameters, its node."""
    bottoms = tuple([read.blob for read in reads])
    context.usage.reads(bottoms)
    if any_unknown(bottoms):  # it may stand for any number
        fail(context, site, layer.top_count[0])
        return
    _check_bottoms(context, site, layer, reads)
    known = _work_out(context, site, layer, reads)
    if known.conditional or context.integers:
        try:
            check_at_place(context, site, layer, bottoms)
        except LayerError as error:
            raise _placed(error, site, reads) from None
    parameters = make_parameters(context, site, layer, known.weights) if known.weights else ()
    if "param" in site.fields and not known.weights:
        message = f"{layer.type_name} has no parameters"
        raise context.error("field-conflict", message, site.at("param"), site.scope)
    types = placed_tops(layer, site.path, known.tops) if layer.counts_rows else known.tops
    tops = _tops(context, site, types, reads)
    names = len(site.entry.doc or "")
    for blob in (*bottoms, *tops):
        names += len(blob.name)
    context.write(known.characters + names, site.entry, len(bottoms) + len(tops))
    if not context.budget.covers_layer():
        context.too_many(site.entry)
    node = Node(
        site.path,
        layer,
        bottoms,
        tops,
        parameters,
        site.phase,
        site.module,
        context.batch,
        site.entry.span,
        site.entry.doc,
        site.scope.allow,
        written(context, site),
    )
    context.items.append(node)
    context.unique += layer.counts_rows
    if layer.is_constant and tops[0].type.dtype == "int64":
        held = layer.numbers
        context.unique += 1
        context.integers[tops[0].name] = int(min(held)), int(max(held))
    site.tree.put(site.name, node)
    give(context, site, tops)
    factor = layer.loss_factor
    if factor is not None:
        _note_loss(context, site, layer, tops, factor)
    bind(context, site, Binding(tops, None, False, Instance(site, layer), site.at("name")))


def _work_out(context: Context, site: Site, layer: Layer, reads: list[Read]) -> WorkedOut:
    """What the layer gives and holds; a block's instances that are alike have it from the first."""
    types = tuple([read.blob.type for read in reads])
    key = (id(layer), len(site.tops), *map(id, types))
    known = context.types.worked_out.get(key)
    if known is not None:
        return known
    try:
        require_elements(layer, types)
        made = layer.outputs_for(types, len(site.tops))
        conditional = check_known(layer, types)
        formulas = check_tops(context, site, layer, types, made)
        weights = layer.weights(types)
        check_weights(layer, types, weights)
    except LayerError as error:
        raise _placed(error, site, reads) from None
    except Exception as error:
        if layer.type_name in CATALOGUE:
            raise
        # A custom layer's own code, which another package has to mend.
        message = str(failure(layer, error))
        raise context.error("unknown-type", message, site.at("type"), site.scope) from error
    characters = PER_TERM * formulas + PER_NUMBER * layer.listed
    made = tuple(map(context.types.same, made))
    known = WorkedOut(layer, types, made, weights, conditional, characters)
    context.types.worked_out[key] = known
    return known


def _note_loss(
    context: Context, site: Site, layer: Layer, tops: tuple[Blob, ...], factor: float
) -> None:
    """A loss is a result of the network beside its outputs."""
    context.usage.reads(tops)
    context.unique += 1
    context.losses[tops[0].name] = factor
    if site.phase is not Phase.TRAIN:
        message = f"{layer.type_name} is a loss, which the TRAIN phase alone has"
        help = "add `phase: TRAIN`"
        raise context.error("phase-mismatch", message, site.at("type"), site.scope, help=help)


def _check_bottoms(context: Context, site: Site, layer: Layer, reads: list[Read]) -> None:
    """Refuse too few blobs or too many."""
    least, most = layer.bottom_count
    count = len(reads)
    if most is None and count == 1 and _is_single(site):
        message = f"{layer.type_name} combines several blobs, but reads only `{reads[0].label}`"
        help = "list what it reads: `bottom: [a, b]`, or all instances of a repeat: `a.*`"
        raise context.error("bottom-count", message, site.at("bottom"), site.scope, help=help)
    if count < least or (most is not None and count > most):
        wanted = f"{least} or more" if most is None else f"{least} to {most}"
        wanted = str(least) if least == most else wanted
        plural = "s" * (wanted != "1")
        message = f"{layer.type_name} reads {wanted} blob{plural}, not {count}"
        raise context.error("bottom-count", message, site.at("bottom"), site.scope)
    if most is None:
        _check_repetition(context, site, layer, reads)


def _is_single(site: Site) -> bool:
    """Whether an entry names no list of blobs to read, nor all instances of a repeat."""
    field = site.fields.get("bottom")
    if field is None:
        return True
    node = field.node
    return isinstance(node, Scalar) and "*" not in node.text.split(".")


def _check_repetition(context: Context, site: Site, layer: Layer, reads: list[Read]) -> None:
    """Refuse two names for one blob among what is combined: one of them is not what was meant."""
    seen: dict[str, Read] = {}
    for read in reads:
        first = seen.setdefault(read.blob.name, read)
        if first.label != read.label:
            message = (
                f"`{first.label}` and `{read.label}` are the same blob here, which "
                f"{layer.type_name} would read twice"
            )
            raise context.error("same-bottom", message, read.placed, site.scope)


def _placed(error: LayerError, site: Site, reads: list[Read]) -> PlacedError:
    """A layer's complaint about its bottoms, at the bottom or the field that it names.

    Its message has `{0}`, `{1}`, … where it means the first bottom, the second, …
    """
    for number, read in enumerate(reads):
        # A name may stand for several, which then are called by their own.
        several = any(each.label == read.label and each.blob != read.blob for each in reads)
        label = relative(read.blob.name, site.scope.frame.tree.path) if several else read.label
        error.message = error.message.replace(f"{{{number}}}", label)
        error.help = error.help and error.help.replace(f"{{{number}}}", label)
    place = site.entry.place
    if error.bottom is not None and "bottom" in site.fields:
        return PlacedError(place_error(error, {}, reads[error.bottom].placed.span))
    return PlacedError(place_error(error, site.fields, place.span))


def _tops(
    context: Context, site: Site, types: tuple[TensorType, ...], reads: list[Read]
) -> tuple[Blob, ...]:
    """The blobs given, under the layer's name or the names that `top` gives them."""
    if not site.tops and len(types) == 1:
        return (Blob(site.path, types[0], site.phase),)
    if not site.tops:
        # No layer can bear these names: a layer has no names within.
        paths = [f"{site.path}.{number}" for number in range(len(types))]
        pairs = zip(paths, types, strict=True)
        return tuple(Blob(path, type, site.phase) for path, type in pairs)
    names = site.tops
    if len(names) != len(types):
        message = f"`top` names {counted(len(names), 'blob')}, but the layer gives {len(types)}"
        raise context.error("top-count", message, site.at("top"), site.scope)
    for read in reads:
        if any(_is_in_place(site, name, read) for name in names):
            raise in_place_error(context, site, read.label)
    return tuple(
        Blob(site.blob_path(name), type, site.phase)
        for name, type in zip(names, types, strict=True)
    )


def _is_in_place(site: Site, name: str, read: Read) -> bool:
    """Whether a top has the name of a bottom."""
    return name == read.label or site.blob_path(name) == read.blob.name


def give(context: Context, site: Site, blobs: tuple[Blob, ...]) -> None:
    """Record that an entry gives blobs which something must read."""
    allowed = "unused-layer" in site.scope.allow
    key = (id(site.entry), (*site.scope.turns, site.number))
    context.usage.give(key, site.entry, site.path, blobs, allowed, site.scope.chain)
