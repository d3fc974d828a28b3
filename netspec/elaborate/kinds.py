"""What an entry is: a layer, an instance of a block, a group, or something applied again."""

from netspec.elaborate.body import Body, arguments, open_block, open_group
from netspec.elaborate.context import Context, shown
from netspec.elaborate.copies import copy, likeness
from netspec.elaborate.layer import built, make_layer, place_layer
from netspec.elaborate.lookup import holder_of
from netspec.elaborate.reads import bottoms
from netspec.elaborate.reuse import reuse
from netspec.elaborate.scope import Meant, Site
from netspec.language.document import Block
from netspec.language.keys import ENTRY_KEYS
from netspec.language.values import PlacedError
from netspec.layers import Layer


def place(context: Context, site: Site) -> Body | None:
    """Elaborate what stands at a site; the body of its scope, if it has one, is left to do."""
    if "type" not in site.fields:
        if "reuse" in site.fields:
            return reuse(context, site)
        return open_group(context, site, site, bottoms(context, site))
    layer = built(context, site)
    if layer is not None:
        _place_layer(context, site, layer)
        return None
    meant = _meant(context, site)
    if meant.layer is not None:
        _place_layer(context, site, meant.layer)
        return None
    block = meant.block
    assert block is not None
    reads = bottoms(context, site)
    blobs = tuple([read.blob for read in reads])
    alike = likeness(context, site, block, meant.text, blobs)
    if alike is not None and copy(context, site, block, alike, blobs):
        return None
    before = context.budget.spent
    body = open_block(context, site, block, meant.args, reads)
    body.alike, body.before = alike, before
    return body


def _place_layer(context: Context, site: Site, layer: Layer) -> None:
    # What stands before a layer that reads nothing isn't meant for it.
    alone = layer.bottom_count == (0, 0) and "bottom" not in site.fields
    place_layer(context, site, layer, [] if alone else bottoms(context, site))


def _meant(context: Context, site: Site) -> Meant:
    """What an entry says that it is; the turns of a repeat that read nothing of their own say the
    same.
    """
    entry, around = site.entry, site.scope.parent
    if not entry.repeats:
        return _said(context, site)
    known = context.meant.get(id(entry))
    same = known is not None and known.scope is around and known.fields is site.fields
    # What it takes to say it counts each time, as what it says is written down each time.
    if known is not None and same and context.budget.covers_again(known.work):
        return known
    before = context.budget.work
    found = _said(context, site)
    if _is_steady(site):
        found.scope, found.fields = around, site.fields
        found.work = context.budget.work - before
        context.meant[id(entry)] = found
    return found


def _is_steady(site: Site) -> bool:
    """Whether what says what a turn is reads values alone, and none that is the turn's."""
    fields = site.fields.items()
    said = [each.names for name, each in fields if name == "type" or name not in ENTRY_KEYS]
    names = set().union(*said)
    own = site.scope.values
    return own.keys().isdisjoint(names) and all(holder_of(site.scope, name) for name in names)


def _said(context: Context, site: Site) -> Meant:
    field = site.fields["type"]
    name = context.evaluate(field, site.scope)
    if not isinstance(name, str):
        message = f"`type` is the name of a layer or a block, not {shown(name)}"
        raise context.error("wrong-type", message, field, site.scope)
    kind = context.types.find(name)
    if kind is None:
        raise PlacedError(context.types.unknown(name, field.span))
    if not isinstance(kind, Block):
        return Meant(layer=make_layer(context, site, kind))
    if "param" in site.fields:
        message = f"block `{kind.name}` has no parameters of its own"
        raise context.error("field-conflict", message, site.at("param"), site.scope)
    args = arguments(context, site, kind)
    return Meant(block=kind, args=args, text=repr(args))
