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
from netspec.elaborate.originals import Copy, Likeness, Original, Outline
from netspec.elaborate.outline import outline_of
from netspec.elaborate.poison import is_unknown
from netspec.elaborate.provenance import written
from netspec.elaborate.scope import Binding, Site, Use
from netspec.elaborate.usage import Given, Usage
from netspec.graph import Blob
from netspec.graph.copying import Copying
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
        read += [id(blob.type), blob.phase]  # of equal types there is one
    names = [blob.name for blob in blobs]
    repeated = tuple(map(names.index, names)) if len(set(names)) < len(names) else ()
    said = context.vars_of(block)
    return (id(block), args, said, *read, repeated, site.phase, site.scope.allow)


def copy(
    context: Context, site: Site, block: Block, alike: Likeness, blobs: tuple[Blob, ...]
) -> bool:
    """Make an instance a copy; False where there is no original of it yet, or it would be over a
    limit, which is told where it is elaborated.
    """
    original = context.originals.get(alike)
    if original is None or not _is_deeper(original, site):
        return False
    outline, usage = outline_of(original), context.usage
    if not context.budget.covers(original.spent, _longer(site.path, blobs, original, outline)):
        return False
    if original.usage.givers is not usage.givers and id(original.usage) not in usage.parts:
        _use_again(context, site, original, block)
    usage.reads([blobs[number] for number in outline.passed])
    results = _results(site.path, blobs, original, outline, usage)
    names = site.tops or original.labels
    made = Copy(original, site.path, blobs, results, usage, written(context, site), names)
    context.items.append(made)
    settle(context, site, made, Binding(results, made, False, None, site.at("name")))
    return True


def _results(
    path: str, blobs: Sequence[Blob], original: Original, outline: Outline, usage: Usage
) -> tuple[Blob, ...]:
    """What a copy gives: blobs of its own, which come from the same entries, or that it reads."""
    start, found = len(original.tree.path), []
    given = zip(original.tree.outputs, outline.inputs_given, original.givers, strict=True)
    for there, number, givers in given:
        if number is not None:
            found.append(blobs[number])
            continue
        blob = Blob(path + there.name[start:], there.type, there.phase)
        usage.givers[blob.name] = givers
        found.append(blob)
    return tuple(found)


def _use_again(context: Context, site: Site, original: Original, block: Block) -> None:
    """Count what is given and read within, of an original that another network had."""
    usage, within = context.usage, original.usage
    usage.parts[id(within)] = within
    usage.blocks_used |= {block.name} | within.blocks_used
    usage.values_read |= within.values_read
    usage.read |= within.read
    copying = Copying(original.tree.path, site.path, (), ())
    use = Use(block.name, site.path, site.entry)
    for key in within.given.keys() - within.read - usage.given.keys():
        given = within.given[key]
        inner = given.chain[: len(given.chain) - len(original.chain)]
        uses = [Use(each.block, copying.name(each.path), each.entry) for each in inner]
        chain = (*uses, use, *site.scope.chain)
        usage.given[key] = Given(given.entry, copying.name(given.path), given.allowed, chain)


def _longer(path: str, blobs: Sequence[Blob], original: Original, outline: Outline) -> int:
    """How much longer than the original's the names in a copy are together."""
    tree, more = original.tree, len(path) - len(original.tree.path)
    characters, others = 0, original.spent.names
    for blob, there, count in zip(blobs, tree.inputs, outline.inputs, strict=True):
        characters += count * (len(blob.name) - len(there.name))
        others -= count
    return characters + more * others


def _is_deeper(original: Original, site: Site) -> bool:
    """Whether an original stands as deep as a copy would, in which nothing then is too deep."""
    return site.scope.depth < original.depth and site.tree.depth < original.tree.depth


def _traces(context: Context) -> Traces:
    """What elaboration leaves behind beside layers: an instance that changes it is no original."""
    return (
        len(context.diagnostics),
        context.unique,
        len(context.sized),
        len(context.types.tables),
    )


class Recording:
    """An instance while it is being elaborated: what it leaves behind, for others to be copies."""

    def __init__(self, context: Context, body: Body) -> None:
        self._context, self._body = context, body
        self._usage = context.usage
        self._traces = _traces(context)
        self._start = len(context.items)

    def __enter__(self) -> None:
        if self._body.alike is not None:
            self._context.usage = self._usage.within()

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        context = self._context
        part, context.usage = context.usage, self._usage
        if part is not self._usage:
            context.usage.add(part)
        alike, mistaken = self._body.alike, kind is not None or context.diagnostics.has_errors
        if alike is not None and not mistaken and _traces(context) == self._traces:
            context.originals[alike] = self._original(part)

    def _original(self, part: Usage) -> Original:
        body, context = self._body, self._context
        scope = body.scope
        part.read &= part.given.keys()  # what gave its inputs is another's
        assert body.before is not None
        return Original(
            scope.frame.tree,
            scope.depth,
            scope.chain,
            context.items[self._start :],
            body.givers,
            body.labels,
            _kept(scope.frame.names),
            part,
            context.budget.spent.since(body.before),
        )


def _kept(names: Mapping[str, Binding]) -> dict[str, Binding]:
    """What names stand for, for longer than the network is being elaborated; nothing of it will be
    applied again, so that a site is kept only for what numbers its blobs.
    """
    return {
        name: Binding(
            each.blobs,
            _kept(each.held) if isinstance(each.held, dict) else each.held,
            each.container,
            each.instance if len(each.blobs) > 1 else None,
            each.place,
            each.absent,
            each.chained,
        )
        for name, each in names.items()
    }
