"""What an entry is: a layer, an instance of a block, a group, or something applied again."""

from netspec.elaborate.body import Body, arguments, open_block, open_group
from netspec.elaborate.context import Context, shown
from netspec.elaborate.layer import make_layer, place_layer
from netspec.elaborate.reads import bottoms
from netspec.elaborate.reuse import reuse
from netspec.elaborate.scope import Site
from netspec.language.document import Block
from netspec.language.values import PlacedError


def place(context: Context, site: Site) -> Body | None:
    """Elaborate what stands at a site; the body of its scope, if it has one, is left to do."""
    field = site.fields.get("type")
    if field is None:
        if "reuse" in site.fields:
            return reuse(context, site)
        return open_group(context, site, site, bottoms(context, site))
    name = context.evaluate(field, site.scope)
    if not isinstance(name, str):
        message = f"`type` is the name of a layer or a block, not {shown(name)}"
        raise context.error("wrong-type", message, field, site.scope)
    kind = context.types.find(name)
    if kind is None:
        raise PlacedError(context.types.unknown(name, field.span))
    if isinstance(kind, Block):
        if "param" in site.fields:
            message = f"block `{kind.name}` has no parameters of its own"
            raise context.error("field-conflict", message, site.at("param"), site.scope)
        args = arguments(context, site, kind)
        return open_block(context, site, kind, args, bottoms(context, site))
    layer = make_layer(context, site, kind)
    # What stands before a layer that reads nothing isn't meant for it.
    alone = layer.bottom_count == (0, 0) and "bottom" not in site.fields
    place_layer(context, site, layer, [] if alone else bottoms(context, site))
    return None
