"""Instances of a block that are alike: one is elaborated, the others are copies of it.

What the layers of an instance become depends on the args that it is given, on the types of what it
reads, on the phase, on the warnings that it is exempt from and on the vars, and on nothing else
around it. Instances that agree in these differ in names alone, and those, with the layers that
bear them, are made when someone asks for them.
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from netspec.elaborate.body import Body, settle
from netspec.elaborate.context import Context
from netspec.elaborate.originals import Copy, Likeness, Original
from netspec.elaborate.outline import outline_of
from netspec.elaborate.poison import is_unknown
from netspec.elaborate.provenance import written
from netspec.elaborate.scope import Binding, Site
from netspec.graph import Blob
from netspec.language.document import Block, Document
from netspec.language.values import Compiled

Traces: TypeAlias = tuple[int, ...]


def can_copy(document: Document) -> bool:
    """Whether nothing in a document looks at the layers of scopes that have been closed: an entry
    that applies them again, or a `state_order` that reaches into them.
    """
    entries = [*document.layers, *(each for b in document.blocks.values() for each in b.layers)]
    orders = [document.state_order, *(block.state_order for block in document.blocks.values())]
    while entries:
        entry = entries.pop()
        entries += entry.body or ()
        orders.append(entry.fields.get("state_order"))
        if "reuse" in entry.fields:
            return False
    return all(each is None or _is_shallow(each.compiled) for each in orders)


def _is_shallow(order: Compiled) -> bool:
    return isinstance(order, list) and not any("." in str(name) for name in order)


def likeness(
    context: Context, site: Site, block: Block, args: str, blobs: Sequence[Blob]
) -> Likeness | None:
    """What this instance has in common with those that it may be a copy of, or they of it; None
    where it's to be elaborated by itself.

    `args` are those that it is given, as text.
    """
    if not context.copying or site.scope.reusing or context.diagnostics.has_errors:
        return None
    read = []
    for blob in blobs:
        # Whether anything reads an input of the network is told one by one.
        alone = blob.name in context.document.inputs or blob.name in context.integers
        if alone or is_unknown(blob):
            return None
        read += [id(context.types.same(blob.type)), blob.phase]
    names = [blob.name for blob in blobs]
    repeated = tuple(map(names.index, names)) if len(set(names)) < len(names) else ()
    said = context.vars_of(block)
    return (id(block), args, said, *read, repeated, site.phase, site.scope.allow)


def copy(context: Context, site: Site, alike: Likeness, blobs: tuple[Blob, ...]) -> bool:
    """Make an instance a copy; False where there is no original of it yet, or it would be over a
    limit, which is told where it is elaborated.
    """
    original = context.originals.get(alike)
    if original is None or not _is_deeper(original, site):
        return False
    tree, outline = original.tree, outline_of(original)
    if not context.budget.covers(original.spent, _longer(site.path, blobs, original)):
        return False
    made = Copy(original, site.path, blobs, (), context.usage)
    made.results = results = made.copying.blobs(tree.outputs)
    made.written = written(context, site)
    made.output_names = site.tops or original.labels
    context.usage.reads([blobs[number] for number in outline.passed])
    for blob, there, keys in zip(results, tree.outputs, original.givers, strict=True):
        if there not in tree.inputs:
            context.usage.givers[blob.name] = keys
    context.items.append(made)
    settle(context, site, made, Binding(results, made, False, None, site.at("name")))
    return True


def _longer(path: str, blobs: Sequence[Blob], original: Original) -> int:
    """How much longer than the original's the names in a copy are together."""
    tree, reads = original.tree, outline_of(original).inputs
    own = (len(path) - len(tree.path)) * (original.spent.names - sum(reads))
    pairs = zip(blobs, tree.inputs, reads, strict=True)
    return own + sum([count * (len(one.name) - len(other.name)) for one, other, count in pairs])


def _is_deeper(original: Original, site: Site) -> bool:
    """Whether an original stands as deep as a copy would, in which nothing then is too deep."""
    return site.scope.depth < original.depth and site.tree.depth < original.tree.depth


def traces(context: Context) -> Traces:
    """What elaboration leaves behind beside layers: an instance that changes it is no original."""
    return (
        len(context.diagnostics),
        context.unique,
        len(context.sized),
        len(context.types.tables),
    )


class Recording:
    """An instance that is about to be elaborated, and may be an original then."""

    def __init__(self, context: Context) -> None:
        self._traces = traces(context)
        self._spent = context.budget.spent
        self._start = len(context.items)

    def end(self, context: Context, body: Body) -> None:
        """Keep the instance, now that it's closed, unless it's to be elaborated by itself."""
        if body.alike is None or traces(context) != self._traces:
            return
        scope = body.scope
        original = Original(
            scope.frame.tree,
            scope.depth,
            context.items[self._start :],
            body.givers,
            body.labels,
            _kept(scope.frame.names),
            context.usage.givers,
            context.budget.spent.since(self._spent),
        )
        context.originals[body.alike] = original


def _kept(names: Mapping[str, Binding]) -> dict[str, Binding]:
    """What names stand for, for longer than the network is being elaborated."""
    return {
        name: Binding(
            each.blobs,
            _kept(each.held) if isinstance(each.held, dict) else each.held,
            each.container,
            each.instance,
            each.place,
            each.absent,
            each.chained,
        )
        for name, each in names.items()
    }
