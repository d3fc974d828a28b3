"""What an entry is: a layer, an instance of a block, a group, or a layer applied again."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from netspec.elaborate.context import MAX_LAYERS, MAX_SCOPES, Context
from netspec.elaborate.fields import LayerType, block_mistakes, place_error
from netspec.elaborate.minimum import minimum_layers
from netspec.elaborate.parameters import make_parameters
from netspec.elaborate.scope import Frame, Scope
from netspec.elaborate.site import Read, Site, any_unknown, bind, bottoms, fail
from netspec.elaborate.tree import Tree, join
from netspec.elaborate.values import Binding, Instance
from netspec.expressions import ExpressionError
from netspec.graph import Blob, Node, TensorType
from netspec.language.document import Block, Entry
from netspec.language.values import Field, PlacedError
from netspec.layers import Layer, LayerError
from netspec.source import Sequence


def place(context: Context, site: Site) -> None:
    """Elaborate what stands at a site, and bind its name."""
    fields = site.fields
    if "type" in fields:
        name = context.evaluate(fields["type"], site.scope)
        kind = context.types.find(name) if isinstance(name, str) else None
        if kind is None:
            raise PlacedError(context.types.unknown(str(name), fields["type"].span))
        if isinstance(kind, Block):
            args = _arguments(context, site, kind)
            _place_block(context, site, kind, args, bottoms(context, site))
        else:
            _place_layer(context, site, _layer(context, site, kind), bottoms(context, site))
    elif "reuse" in fields:
        _place_reuse(context, site)
    elif site.entry.scope:
        _place_group(context, site, site.scope, bottoms(context, site))
    else:
        _place_unscoped(context, site)


def _layer(context: Context, site: Site, kind: LayerType) -> Layer:
    """The layer that an entry's fields make."""
    built = context.types.built.get(id(site.entry.node))
    if built is not None and site.fields is site.entry.fields:
        return built
    fields = site.entry.own_fields(dict(site.fields))
    values = {name: context.evaluate(each, site.scope) for name, each in fields.items()}
    layer = context.types.layer(
        kind,
        fields,
        values,
        site.span("type"),
        lambda found: context.report(PlacedError(found), site.scope, site.path),
    )
    if layer is None:
        raise PlacedError(None)
    return layer


def _place_layer(context: Context, site: Site, layer: Layer, reads: list[Read]) -> None:
    """A layer on its bottoms: its tops' types, its parameters, its node."""
    _check_bottom_count(context, site, layer, reads)
    context.usage.reads(read.blob for read in reads)
    if any_unknown(reads):
        fail(context, site, layer.top_count[0])
        return
    types = [read.blob.type for read in reads]
    try:
        made = layer.outputs(types)
        _check_sizes(context, site, layer, types, made)
        parameters = make_parameters(context, site, layer, types)
    except LayerError as error:
        raise _placed(error, site, reads) from None
    if "param" in site.fields and not layer.weights(types):
        message = f"{layer.type_name} has no parameters"
        raise context.error("field-conflict", message, site.span("param"), site.scope)
    tops = _tops(context, site, made, reads)
    if len(context.nodes) >= MAX_LAYERS:
        context.too_large(site.entry.span)
    node = Node(
        site.path,
        layer,
        tuple(read.blob for read in reads),
        tops,
        parameters,
        site.phase,
        site.module,
        context.batch,
        site.entry.span,
        site.entry.doc,
        site.scope.allow,
    )
    context.nodes.append(node)
    site.tree.members[site.name] = node
    _give(context, site, tops)
    instance = Instance(site.entry, site.fields, site.scope, site.module, layer=layer)
    bind(context, site, Binding(tops, instance=instance, place=site.span("name")))


def _check_bottom_count(context: Context, site: Site, layer: Layer, reads: list[Read]) -> None:
    least, most = layer.bottom_count
    span = site.span("bottom")
    if most is None and len(reads) == 1 and "bottom" not in site.fields:
        message = f"{layer.type_name} combines several blobs, but only one stands before it"
        help = "list what it reads: `bottom: [a, b]`"
        raise context.error("bottom-count", message, span, site.scope, help=help)
    if len(reads) < least or (most is not None and len(reads) > most):
        wanted = str(least) if least == most else f"{least} or more"
        if most is not None and most != least:
            wanted = f"{least} to {most}"
        plural = "s" * (wanted != "1")
        message = f"{layer.type_name} reads {wanted} blob{plural}, not {len(reads)}"
        raise context.error("bottom-count", message, span, site.scope)


def _check_sizes(
    context: Context,
    site: Site,
    layer: Layer,
    bottoms: list[TensorType],
    tops: tuple[TensorType, ...],
) -> None:
    """Refuse tops with a size of zero or less."""
    for top in tops:
        if any(isinstance(size, int) and size <= 0 for size in top.shape):
            shape = bottoms[0].shape
            message = f"{layer.type_name} would give {top.shape}: its bottom {shape} is too small"
            where = next((n for n in ("kernel_size", "pad") if n in site.fields), "type")
            raise context.error("size-underflow", message, site.span(where), site.scope)


def _placed(error: LayerError, site: Site, reads: list[Read]) -> PlacedError:
    """A layer's complaint about its bottoms, at the bottom or the field that it names."""
    if error.bottom is not None:
        labels = [read.label for read in reads]
        error.message = error.message.format(*labels)
        span = site.entry.span if "bottom" not in site.fields else reads[error.bottom].span
        return PlacedError(place_error(error, {}, span))
    return PlacedError(place_error(error, site.fields, site.entry.span))


def _tops(
    context: Context, site: Site, types: tuple[TensorType, ...], reads: list[Read]
) -> tuple[Blob, ...]:
    """The blobs given, under the layer's name or the names that `top` gives them."""
    names = site.top_names or (site.name,)
    if site.top_names and len(names) != len(types):
        message = f"`top` names {len(names)} blobs, but the layer gives {len(types)}"
        raise context.error("top-count", message, site.span("top"), site.scope)
    if any(name == read.label for name in site.top_names for read in reads):
        message = "a top may not bear the name of the layer's own bottom"
        help = "leave `top` out: in-place computation is the back end's affair"
        raise context.error("in-place", message, site.span("top"), site.scope, help=help)
    if len(names) < len(types):
        names = tuple(f"{site.name}_{number}" for number in range(len(types)))
    return tuple(
        Blob(join(site.tree.path, name), type, site.phase)
        for name, type in zip(names, types, strict=True)
    )


def _give(context: Context, site: Site, blobs: tuple[Blob, ...]) -> None:
    allowed = "unused-layer" in site.scope.allow
    context.usage.give(site.entry, site.number, site.path, blobs, allowed)


def _arguments(context: Context, site: Site, block: Block) -> dict[str, Any]:
    """The args that a use of a block gives, evaluated where it stands."""
    fields = site.entry.own_fields(dict(site.fields))
    mistakes = block_mistakes(block, [fields], site.span("type"))
    if mistakes:
        for mistake in mistakes:
            context.report(PlacedError(mistake), site.scope, site.path)
        raise PlacedError(None)
    values = {}
    for name, each in fields.items():
        values[name] = context.evaluate(each, site.scope)
        if values[name] is None:
            message = f"`{name}` has no value"
            raise context.error("wrong-type", message, each.span, site.scope)
    return values


def _place_block(
    context: Context, site: Site, block: Block, args: dict[str, Any], reads: list[Read]
) -> None:
    """An instance of a block: its layers in a scope that sees its args, the vars and its inputs."""
    context.usage.blocks_used.add(block.name)
    _check_limits(context, site, block)
    blobs = tuple(read.blob for read in reads)
    if block.inputs is not None and len(blobs) != len(block.inputs):
        message = f"block `{block.name}` reads {len(block.inputs)} blobs, not {len(blobs)}"
        raise context.error("bottom-count", message, site.span("bottom"), site.scope)
    tree = Tree(site.path, site.module, inputs=blobs, block=block.name, phase=site.phase)
    tree.doc = block.doc
    frame = Frame(tree, Binding(blobs), previous=blobs, later=_later(block.layers))
    if block.inputs is not None:
        frame.names = {n: Binding((b,)) for n, b in zip(block.inputs, blobs, strict=True)}
        frame.previous = blobs[:1]
        frame.input = Binding(blobs) if len(blobs) == 1 else None
    note = f"in block {block.name}, used as {site.path} at {site.entry.span}"
    values: dict[str, Any] = {}
    around = None
    if not block.library:
        around = Scope(frame, context.variables, owner="var")
    inner = Scope(
        frame,
        values,
        around,
        f"arg {block.name}",
        site.phase,
        (note, *site.scope.chain),
        site.scope.allow | block.allow,
        site.scope.depth + 1,
        site.reusing,
    )
    for name, default in block.args.items():
        values[name] = args[name] if name in args else context.evaluate(default, inner)
    tree.args = values
    instance = Instance(
        site.entry, site.fields, site.scope, site.module, block=block.name, args=args
    )
    _run_scope(context, site, block.layers, inner, block.outputs, instance)


def _place_group(context: Context, site: Site, around: Scope, reads: list[Read]) -> None:
    """A group: a scope within the one around it. For a reuse, `around` is the original's."""
    entry = site.entry
    blobs = tuple(read.blob for read in reads)
    tree = Tree(site.path, site.module, inputs=blobs, phase=site.phase, doc=entry.doc)
    body = entry.body or ()
    frame = Frame(tree, Binding(blobs), previous=blobs, later=_later(body))
    _check_depth(context, site)
    inner = Scope(
        frame,
        {},
        around,
        None,
        site.phase,
        site.scope.chain,
        site.scope.allow,
        site.scope.depth + 1,
        site.reusing,
    )
    instance = Instance(entry, site.fields, around, site.module)
    _run_scope(context, site, body, inner, site.fields.get("outputs"), instance)


def _later(entries: tuple[Entry, ...]) -> frozenset[str]:
    named = (entry.fields["name"].compiled for entry in entries if "name" in entry.fields)
    return frozenset(name for name in named if isinstance(name, str))


def _run_scope(
    context: Context,
    site: Site,
    body: tuple[Entry, ...],
    inner: Scope,
    outputs: Field | None,
    instance: Instance,
) -> None:
    """Elaborate the layers of a scope and bind the site's name to what it gives."""
    from netspec.elaborate.entries import run

    tree = inner.frame.tree
    site.tree.members[site.name] = tree
    run(context, body, inner)
    results = scope_outputs(context, inner, outputs, site)
    tree.outputs = results
    if site.top_names and len(site.top_names) != len(results):
        message = f"`top` names {len(site.top_names)} blobs, but this gives {len(results)}"
        raise context.error("top-count", message, site.span("top"), site.scope)
    _give(context, site, results)
    members = inner.frame.names
    bind(context, site, Binding(results, members, instance=instance, place=site.span("name")))


def scope_outputs(
    context: Context, scope: Scope, outputs: Field | None, site: Site | None
) -> tuple[Blob, ...]:
    """What a scope gives: what its `outputs` lists, or what its last layer gives."""
    if outputs is None:
        last = scope.frame.previous
        for blob in last:
            if blob.phase not in (None, scope.phase):
                message = (
                    f"the last layer, `{blob.name}`, exists in phase {blob.phase} alone: "
                    "`outputs` must list what this gives"
                )
                span = (site.entry if site else context.document.layers[-1]).span
                raise context.error("missing-outputs", message, span, scope)
        context.usage.reads(last)
        return last
    value = context.evaluate(outputs, scope)
    found: list[Blob] = []
    for number, name in enumerate(value if isinstance(value, list) else [value]):
        node = outputs.node
        span = node.items[number].span if isinstance(node, Sequence) else node.span
        try:
            found += scope.resolve(str(name))
        except ExpressionError as error:
            raise context.placed(error, span, scope) from None
    context.usage.reads(found)
    return tuple(found)


def _check_limits(context: Context, site: Site, block: Block) -> None:
    _check_depth(context, site)
    least = minimum_layers(context, block)
    if len(context.nodes) + least > MAX_LAYERS:
        context.too_large(site.entry.span)


def _check_depth(context: Context, site: Site) -> None:
    if site.scope.depth >= MAX_SCOPES:
        message = f"scopes nested more than {MAX_SCOPES} levels deep"
        help = "a block that contains itself needs a `when` that becomes false"
        raise context.error("too-deep", message, site.entry.span, site.scope, help=help)


def _place_unscoped(context: Context, site: Site) -> None:
    """A group with `scope: false`: its layers belong to the list around it."""
    from netspec.elaborate.entries import run

    for name in ("name", "bottom", "top", "outputs"):
        if name in site.fields:
            message = f"a group with `scope: false` opens no scope and has no `{name}`"
            raise context.error("field-conflict", message, site.span(name), site.scope)
    run(context, site.entry.body or (), site.scope)


def _place_reuse(context: Context, site: Site) -> None:
    """An earlier layer, block instance or group on other bottoms, with the same parameters."""
    field = site.fields["reuse"]
    path = context.evaluate(field, site.scope)
    try:
        binding = site.scope.find(str(path))
    except ExpressionError as error:
        raise context.placed(error, field.span, site.scope) from None
    original = binding.instance
    if original is None:
        help = None
        if binding.container and binding.members:
            help = f"name an instance: `{path}.{next(iter(binding.members))}`"
        message = f"`{path}` is no layer, block instance or group"
        raise context.error("bad-reuse", message, field.span, site.scope, help=help)
    if original.entry is site.entry:
        raise context.error("bad-reuse", "this would reuse itself", field.span, site.scope)
    reads = bottoms(context, site)
    again = replace(site, module=original.module, reusing=True)
    if original.layer is not None:
        _place_layer(context, again, original.layer, reads)
    elif original.block is not None:
        block = context.types.blocks[original.block]
        assert original.args is not None
        _place_block(context, again, block, dict(original.args), reads)
    else:
        group = replace(again, entry=original.entry, fields=_reuse_fields(original, site))
        _place_group(context, group, original.scope, reads)


def _reuse_fields(original: Instance, site: Site) -> Mapping[str, Field]:
    """The fields of a group applied again: its own, with the reuse's name and bottoms."""
    kept = {name: each for name, each in original.fields.items() if name == "outputs"}
    return {**site.fields, **kept}
