"""A site's name, and its tops' names, given to what it gives."""

from dataclasses import replace

from netspec.elaborate.context import Context
from netspec.elaborate.in_place import readers_behind
from netspec.elaborate.poison import UNKNOWN
from netspec.elaborate.scope import Binding, Site
from netspec.graph import Blob
from netspec.language.values import PlacedError


def bind(context: Context, site: Site, binding: Binding) -> None:
    """Give the site's name, and its tops' names, to what it gives; what follows reads it."""
    own = binding
    number = site.own_top
    if number is not None and not binding.absent:
        own = replace(binding, blobs=binding.blobs[number : number + 1])
    bind_name(context, site, site.names, site.name, own)
    for at, (path, names) in enumerate(zip(site.tops, site.top_names, strict=True)):
        name = path.rpartition(".")[2]
        taken = binding.poisoned and name in names
        if at != number and not taken:
            each_own = not binding.absent or len(binding.blobs) == len(site.tops)
            blobs = binding.blobs[at : at + 1] if each_own else binding.blobs
            top = Binding(blobs, place=site.at("top"), absent=binding.absent)
            bind_name(context, site, names, name, top)
    for container in site.containers:
        # An absent instance stands for what it would read only as long as there is no other.
        if not binding.absent or not container.blobs:
            container.blobs = binding.blobs
    if not binding.absent:
        site.scope.frame.previous, site.scope.frame.doubt = binding.blobs, None


def bind_name(
    context: Context,
    site: Site,
    names: dict[str, Binding],
    name: str,
    binding: Binding,
) -> None:
    """Let a name stand for something, unless it is taken."""
    existing = names.get(name)
    if existing is not None and not existing.absent:
        if binding.absent:
            return  # the else of an if that is there
        in_place = "top" in site.fields and "bottom" not in site.fields
        if in_place and existing.blobs == site.scope.frame.previous:
            error = in_place_error(context, site, name)
        else:
            where = f", in line {existing.place.line}" if existing.place is not None else ""
            message = f"`{name}` is the name of something else here{where}"
            place = binding.place or site.at("name")
            error = context.error("duplicate-name", message, place, site.scope)
        context.report(error, site.scope, site.path)
        # Whoever reads the name may mean either.
        names[name] = Binding((Blob(name, UNKNOWN),), place=existing.place)
        return
    if names is site.scope.frame.names and site.scope.hides(name):
        message = f"`{name}` is a value of the repeat's turn here; a layer needs another name"
        place = binding.place or site.at("name")
        error = context.error("name-conflict", message, place, site.scope)
        context.report(error, site.scope, site.path)
    names[name] = binding


def in_place_error(context: Context, site: Site, name: str) -> PlacedError:
    """The error for a top that bears the name of what the layer reads, which is `name`."""
    message = "a top can't bear the name of the layer's own bottom"
    field = site.fields.get("name")
    own = "it by a `name` of its own"
    if field is not None:
        own = f"`{site.name if field.dynamic else field.compiled}`"
    lines = readers_behind(context.document, site.entry, name)
    readers = f", not `{name}` ({lines})" if lines else ""
    help = f"leave `top` out; later layers then read {own}{readers}"
    return context.error("in-place", message, site.at("top"), site.scope, help=help)


def fail(context: Context, site: Site, count: int = 1) -> None:
    """Let the site give blobs of which nothing more is said: its mistake has been reported."""
    blob = Blob(site.path, UNKNOWN, site.phase)
    blobs = (blob,) * max(count, len(site.tops))
    bind(context, site, Binding(blobs, place=site.at("name")))
