"""`reuse`: an earlier layer, block instance or group on other bottoms, with its parameters."""

from dataclasses import replace

from netspec.elaborate.body import Body, open_block, open_group
from netspec.elaborate.context import Context
from netspec.elaborate.layer import place_layer
from netspec.elaborate.lookup import find
from netspec.elaborate.reads import bottoms
from netspec.elaborate.scope import Binding, Instance, Site
from netspec.expressions import ExpressionError
from netspec.language.values import PlacedError


def reuse(context: Context, site: Site) -> Body | None:
    """Place the layer again, or open the scope again."""
    original = _original(context, site)
    reads = bottoms(context, site)
    again = replace(site, scope=replace(site.scope, reusing=True), module=original.site.module)
    if original.layer is not None:
        place_layer(context, again, original.layer, reads)
        return None
    if original.block is not None:
        assert original.args is not None
        return open_block(context, again, original.block, original.args, reads)
    return open_group(context, again, original.site, reads)


def _original(context: Context, site: Site) -> Instance:
    field = site.fields["reuse"]
    path = str(context.evaluate(field, site.scope))
    try:
        binding = find(site.scope, path)
    except ExpressionError as error:
        raise context.unresolved(error, field, site.scope) from None
    original = binding.instance
    if binding.poisoned:
        raise PlacedError(None)
    if original is None:
        message = f"`{path}` is no layer, block instance or group"
        help = _instance_help(path, binding)
        raise context.error("bad-reuse", message, field, site.scope, help=help)
    if original.site.phase not in (None, site.phase):
        phase = original.site.phase
        message = f"`{path}` exists in phase {phase} alone"
        help = f"restrict this entry as well: `phase: {phase}`"
        raise context.error("phase-mismatch", message, field, site.scope, help=help)
    return original


def _instance_help(path: str, binding: Binding) -> str | None:
    if binding.absent:
        return "its `when` is false or its `repeat` 0"
    if binding.container and binding.members:
        return f"name an instance: `{path}.{next(iter(binding.members))}`"
    return None
