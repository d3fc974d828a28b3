"""What an entry reads: what its `bottom` says, or what stands before it."""

from collections.abc import Iterable
from dataclasses import dataclass

from netspec.elaborate.context import Context, Placed, shown
from netspec.elaborate.lookup import resolve
from netspec.elaborate.poison import is_unknown
from netspec.elaborate.scope import Frame, Scope, Site
from netspec.elaborate.tree import relative
from netspec.expressions import ExpressionError
from netspec.graph import Blob
from netspec.language.values import Field, PlacedError
from netspec.source import Sequence


@dataclass(slots=True, eq=False)
class Read:
    """A blob that an entry reads, the name that the text has for it, and where."""

    blob: Blob
    label: str
    placed: Placed


def bottoms(context: Context, site: Site) -> list[Read]:
    """The blobs that an entry reads; PlacedError where they can't be told."""
    field = site.fields.get("bottom")
    reads = _before(context, site) if field is None else _named(context, field, site.scope)
    for read in reads:
        phase = read.blob.phase
        if phase is not None and phase is not site.phase and not is_unknown(read.blob):
            raise _phase_error(context, site, read, named=field is not None)
    if field is not None and not reads:
        raise context.error("no-bottom", "`bottom` names nothing", field, site.scope)
    return reads


def stand_in(context: Context, site: Site) -> tuple[Blob, ...]:
    """The blobs for which an entry stands that isn't there: what `otherwise` names, or its first
    bottom, as far as there is one.
    """
    if "otherwise" in site.fields:
        return check_otherwise(context, site)
    return _would_read(context, site)[:1]


def check_otherwise(context: Context, site: Site) -> tuple[Blob, ...]:
    """The blobs that an entry's `otherwise` names, be it there or not; PlacedError if it can't."""
    field = site.fields.get("otherwise")
    if field is None:
        return ()
    reads = resolve_list(context, field, site.scope, "what an entry stands for")
    for read in reads:
        phase = read.blob.phase
        if phase is not None and phase is not site.phase and not is_unknown(read.blob):
            raise _phase_error(context, site, read, named=True)
    return tuple([read.blob for read in reads])


def _would_read(context: Context, site: Site) -> tuple[Blob, ...]:
    field = site.fields.get("bottom")
    if field is None:
        return site.scope.frame.previous
    certain = context.usage.certain
    try:
        return tuple(read.blob for read in _named(context, field, site.scope))
    except PlacedError:
        context.usage.certain = certain
        return ()


def note_reads(context: Context, site: Site) -> None:
    """Count what a mistaken entry reads as read; its mistake is not that of what stands before."""
    try:
        field = site.fields.get("bottom")
        if field is None:
            context.usage.reads(site.scope.frame.previous)
        else:
            context.usage.reads(read.blob for read in _named(context, field, site.scope))
    except PlacedError as error:
        context.report(error, site.scope, site.path)
        context.usage.certain = False
    if site.entry.body is not None:
        context.usage.certain = False


def resolve_list(context: Context, field: Field, scope: Scope, what: str) -> list[Read]:
    """The blobs that a list of paths names, or an only one."""
    value = context.evaluate(field, scope)
    reads: list[Read] = []
    for number, path in enumerate(value if isinstance(value, list) else [value]):
        node = field.node
        inside = isinstance(node, Sequence) and number < len(node.items)
        place = node.items[number] if inside and isinstance(node, Sequence) else node
        if isinstance(path, bool | float) or not isinstance(path, str | int):
            context.usage.certain = False
            help = "quote it" if isinstance(path, float) else None
            message = f"{what} is the name of a layer, not {shown(path)}"
            raise context.error("wrong-type", message, place, scope, help=help)
        try:
            blobs = resolve(scope, str(path))
        except ExpressionError as error:
            raise context.unresolved(error, place, scope) from None
        context.read(len(blobs), place)
        reads += [Read(blob, str(path), place) for blob in blobs]
    return reads


def any_unknown(blobs: Iterable[Blob]) -> bool:
    """Whether what is read comes from a mistaken layer."""
    return any(map(is_unknown, blobs))


def _named(context: Context, field: Field, scope: Scope) -> list[Read]:
    return resolve_list(context, field, scope, "a bottom")


def _before(context: Context, site: Site) -> list[Read]:
    blobs = site.scope.frame.previous
    if not blobs:
        message = "nothing stands before this entry that it could read"
        raise context.error("no-bottom", message, site.entry, site.scope)
    if site.scope.frame.doubt is not None:
        raise _doubtful(context, site)
    context.read(len(blobs), site.entry)
    return [Read(blob, blob.name, site.entry) for blob in blobs]


def _doubtful(context: Context, site: Site) -> PlacedError:
    """The error for reading by position behind an entry that stands for another blob."""
    frame, absent = site.scope.frame, site.scope.frame.doubt
    assert absent is not None
    own = absent.containers[0] if absent.tree.repeat else absent.names[absent.name]
    other = f"`{_called(frame, own.blobs[0])}`" if own.blobs else "nothing"
    before = _called(frame, frame.previous[0])
    path = absent.tree.path if absent.tree.repeat else absent.path
    message = (
        f"`{relative(path, frame.tree.path)}` isn't there and stands for {other}, but what stands "
        f"before is `{before}`"
    )
    help = f"name its bottom: `bottom: {before}`"
    return context.error("no-bottom", message, site.entry, site.scope, help=help)


def _called(frame: Frame, blob: Blob) -> str:
    """What a blob is called in a frame."""
    inputs = zip(frame.inputs or ("input",), frame.input.blobs, strict=False)
    own = next((name for name, each in inputs if each == blob), None)
    return own or relative(blob.name, frame.tree.path)


def _phase_error(context: Context, site: Site, read: Read, *, named: bool) -> PlacedError:
    phase = read.blob.phase
    if named:
        message = f"`{read.label}` exists in phase {phase} alone"
        help = f"restrict this entry as well: `phase: {phase}`"
        return context.error("phase-mismatch", message, read.placed, site.scope, help=help)
    message = (
        f"what stands before, `{read.label}`, exists in phase {phase} alone; what a layer reads "
        "may not depend on the phase"
    )
    help = f"name what it reads with `bottom`, or restrict it as well: `phase: {phase}`"
    return context.error("no-bottom", message, read.placed, site.scope, help=help)
