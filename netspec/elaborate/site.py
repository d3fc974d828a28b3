"""The place of one instance of an entry: its name, its fields and what it stands in."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from netspec.diagnostics import Span
from netspec.elaborate.context import Context
from netspec.elaborate.scope import Scope
from netspec.elaborate.tree import Tree, join
from netspec.elaborate.values import UNKNOWN, Binding, is_unknown
from netspec.expressions import ExpressionError
from netspec.graph import Blob, Phase
from netspec.language.document import Entry
from netspec.language.names import problem
from netspec.language.values import Field
from netspec.source import Sequence


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """Where an instance goes.

    `number` counts within the entry's own repeat. `names` is where its name will be bound and
    `tree` where its member will stand: the scope's, or those of the repeat or the dotted name
    that holds it; `containers` are the bindings of the latter, which stand for their last
    instance. `module` names its parameters, another layer's where it is `reusing`.
    """

    entry: Entry
    fields: Mapping[str, Field]
    scope: Scope
    number: int
    name: str
    names: dict[str, Binding]
    tree: Tree
    containers: tuple[Binding, ...] = ()
    module: str = ""
    phase: Phase | None = None
    reusing: bool = False
    top_names: tuple[str, ...] = field(default=())

    @property
    def path(self) -> str:
        return join(self.tree.path, self.name)

    def span(self, name: str) -> Span:
        """The place of a field, or of the entry where it doesn't have it."""
        return self.fields[name].span if name in self.fields else self.entry.span


@dataclass(frozen=True, slots=True)
class Read:
    """A blob that an entry reads, the name that the text has for it, and where."""

    blob: Blob
    label: str
    span: Span


def check_name(context: Context, name: str, span: Span, scope: Scope) -> None:
    """Refuse names that can't be attributes of a module."""
    wrong = problem(name)
    if wrong is not None:
        raise context.error("bad-name", wrong[0], span, scope, help=wrong[1])


def bind(context: Context, site: Site, binding: Binding) -> None:
    """Give the site's name, and its tops' names, to what it gives; what follows reads it."""
    span = site.span("name")
    _bind_name(context, site, site.names, site.name, binding, span)
    for name, blob in zip(site.top_names, binding.blobs, strict=False):
        if name != site.name:
            top = Binding(
                binding.blobs if binding.absent else (blob,), place=span, absent=binding.absent
            )
            _bind_name(context, site, site.names, name, top, site.span("top"))
    for container in site.containers:
        if not binding.absent:
            container.blobs = binding.blobs
    if not binding.absent:
        site.scope.frame.previous = binding.blobs


def _bind_name(
    context: Context,
    site: Site,
    names: dict[str, Binding],
    name: str,
    binding: Binding,
    span: Span,
) -> None:
    existing = names.get(name)
    if existing is not None and not existing.absent:
        where = f" in line {existing.place.line}" if existing.place else ""
        message = f"`{name}` is the name of another layer here{where}"
        context.report(context.error("duplicate-name", message, span, site.scope), site.scope)
        return
    if names is site.scope.frame.names and name in site.scope.values_around():
        message = f"`{name}` is an arg, a var or an index here; a layer needs another name"
        context.report(context.error("name-conflict", message, span, site.scope), site.scope)
    names[name] = binding


def fail(context: Context, site: Site, count: int = 1) -> None:
    """Let the site give blobs of which nothing more is said: its mistake has been reported."""
    blob = Blob(site.path, UNKNOWN, site.phase)
    bind(context, site, Binding((blob,) * max(count, len(site.top_names)), members=None))


def bottoms(context: Context, site: Site) -> list[Read]:
    """What an entry reads: what its `bottom` says, or what stands before it."""
    field_ = site.fields.get("bottom")
    if field_ is None:
        return _default_bottoms(context, site)
    reads = []
    value = context.evaluate(field_, site.scope)
    for number, path in enumerate(value if isinstance(value, list) else [value]):
        node = field_.node
        span = node.items[number].span if isinstance(node, Sequence) else node.span
        if isinstance(path, bool | float) or not isinstance(path, str | int):
            message = f"a bottom is the name of a layer, not {path!r}"
            raise context.error("wrong-type", message, span, site.scope)
        try:
            blobs = site.scope.resolve(str(path))
        except ExpressionError as error:
            raise context.placed(error, span, site.scope) from None
        reads += [Read(blob, str(path), span) for blob in blobs]
    for read in reads:
        if read.blob.phase not in (None, site.phase):
            message = f"`{read.label}` exists in phase {read.blob.phase} alone"
            help = f"restrict this entry as well: `phase: {read.blob.phase}`"
            raise context.error("phase-mismatch", message, read.span, site.scope, help=help)
    if not reads:
        raise context.error("no-bottom", "`bottom` names nothing", field_.span, site.scope)
    return reads


def _default_bottoms(context: Context, site: Site) -> list[Read]:
    blobs = site.scope.frame.previous
    span = site.entry.span
    if not blobs:
        message = "nothing stands before this entry that it could read"
        raise context.error("no-bottom", message, span, site.scope)
    for blob in blobs:
        if blob.phase not in (None, site.phase):
            message = (
                f"what stands before, `{blob.name}`, exists in phase {blob.phase} alone; "
                "what a layer reads may not depend on the phase"
            )
            help = "name what it reads: `bottom: …`"
            raise context.error("no-bottom", message, span, site.scope, help=help)
    return [Read(blob, blob.name, span) for blob in blobs]


def any_unknown(reads: list[Read]) -> bool:
    """Whether what is read comes from a mistaken layer."""
    return any(is_unknown(read.blob) for read in reads)
