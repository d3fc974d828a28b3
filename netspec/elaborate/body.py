"""Entries with layers of their own: block instances and groups, opened before and closed after."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from netspec.counted import counted
from netspec.elaborate.arrange import arrange
from netspec.elaborate.bind import bind
from netspec.elaborate.budget import Spent
from netspec.elaborate.context import Context
from netspec.elaborate.fields import block_mistakes
from netspec.elaborate.layer import give
from netspec.elaborate.originals import Likeness
from netspec.elaborate.poison import FAILED
from netspec.elaborate.provenance import note_outputs, written
from netspec.elaborate.reads import Read, resolve_list
from netspec.elaborate.requirements import require_of_block
from netspec.elaborate.same import check_same
from netspec.elaborate.scope import Binding, Frame, Instance, Scope, Site, Use
from netspec.elaborate.tree import Tree, Unmade
from netspec.elaborate.usage import Givers
from netspec.graph import Blob
from netspec.language.document import Block, Entry, own_fields, static_names
from netspec.language.values import Field, PlacedError, unplaced

MAX_SCOPES = 64


@dataclass(slots=True, eq=False)
class Body:
    """A scope that has been opened: the entries to elaborate in it, and what it then gives.

    `alike` is what it has in common with those that may be copies of it, and `before` what had been
    spent before it was opened. Once it is closed
    `results` are the blobs that it gives, `labels` what it calls them, and `givers` the entries
    within that they come from.
    """

    entries: tuple[Entry, ...]
    scope: Scope
    outputs: Field | None
    state_order: Field | None
    instance: Instance
    alike: Likeness | None = None
    before: Spent | None = None
    results: tuple[Blob, ...] = ()
    labels: tuple[str, ...] = ()
    givers: tuple[Givers, ...] = ()


def open_block(
    context: Context,
    site: Site,
    block: Block,
    args: Mapping[str, Any],
    reads: list[Read],
) -> Body:
    """An instance of a block: a scope that sees its args, the vars and its inputs."""
    context.usage.blocks_used.add(block.name)
    if block.bad:
        raise PlacedError(None)
    check_depth(context, site.scope, site.entry)
    blobs = tuple([read.blob for read in reads])
    if block.inputs is not None and len(blobs) != len(block.inputs):
        count = counted(len(block.inputs), "blob")
        names = ", ".join(f"`{name}`" for name in block.inputs)
        message = f"block `{block.name}` reads {count} ({names}), not {len(blobs)}"
        raise context.error("bottom-count", message, site.at("bottom"), site.scope)
    frame = _frame(context, site, blobs, block.names, block.doc)
    frame.tree.block = block.name
    frame.tree.defaults = context.types.defaults(block)
    if block.inputs is not None:
        frame.inputs = frame.tree.input_names = block.inputs
        frame.names = {n: Binding((b,)) for n, b in zip(block.inputs, blobs, strict=True)}
        frame.previous = blobs[:1]
    values: dict[str, Any] = {}
    outer = site.scope
    inner = Scope(
        frame,
        values,
        None if block.library else Scope(frame, context.variables, owner="var"),
        f"arg {block.name}",
        outer.phase,
        (Use(block.name, site.path, site.entry), *outer.chain),
        outer.allow | block.allow if block.allow else outer.allow,
        outer.depth + 1,
        outer.reusing,
    )
    for name, default in block.args.items():
        values[name] = args[name] if name in args else _default(context, default, inner)
    require_of_block(context, site, block, inner)
    frame.tree.args = {name: unplaced(value) for name, value in values.items()}
    instance = Instance(site, None, block, args)
    return Body(block.layers, inner, block.outputs, block.state_order, instance)


def _default(context: Context, default: Field, inner: Scope) -> Any:
    try:
        return context.evaluate(default, inner)
    except PlacedError as error:
        context.report(error, inner)
        return FAILED


def open_group(context: Context, site: Site, group: Site, reads: list[Read]) -> Body:
    """A group: a scope within the one around it. `group` is where it was written.

    That is the site itself, or for a reuse another one, whose names its layers see.
    """
    check_depth(context, site.scope, site.entry)
    entry, blobs = group.entry, tuple([read.blob for read in reads])
    body = entry.body or ()
    frame = _frame(context, site, blobs, static_names(body), entry.doc)
    here = site.scope
    inner = Scope(
        frame,
        {},
        group.scope,
        None,
        here.phase,
        here.chain,
        here.allow | entry.allow if entry.allow else here.allow,
        here.depth + 1,
        here.reusing,
        controls=here.controls,
    )
    given = group.fields
    outputs, state_order = given.get("outputs"), given.get("state_order")
    return Body(body, inner, outputs, state_order, Instance(group))


def _frame(
    context: Context, site: Site, blobs: tuple[Blob, ...], later: frozenset[str], doc: str | None
) -> Frame:
    context.write(len(doc or ""), site.entry)
    tree = Tree(
        site.path,
        site.module,
        inputs=blobs,
        phase=site.phase,
        doc=doc,
        depth=site.tree.depth + 1,
        written=written(context, site),
    )
    frame = Frame(tree, Binding(blobs), previous=blobs, later=later)
    context.frames.append(frame)
    return frame


def arguments(context: Context, site: Site, block: Block) -> dict[str, Any]:
    """The args that a use of a block gives, evaluated where it stands."""
    if block.bad:
        raise PlacedError(None)
    fields = own_fields(dict(site.fields))
    mistakes = block_mistakes(block, [fields], site.at("type").span)
    if mistakes:
        for mistake in mistakes:
            context.report(PlacedError(mistake), site.scope, site.path)
        raise PlacedError(None)
    return {name: context.evaluate(each, site.scope) for name, each in fields.items()}


def close(context: Context, site: Site, body: Body) -> None:
    """Bind the site's name to what a scope gives, now that its entries are elaborated."""
    tree = body.scope.frame.tree
    if "reuse" in site.fields:
        check_same(context, site, tree)
    arrange(context, body.scope, body.state_order)
    note_outputs(body.scope, body.outputs)
    reads = outputs_of(context, body.scope, body.outputs, site.entry)
    results = tuple([each.blob for each in reads])
    body.results, body.labels = results, _labels(reads, body.outputs)
    body.givers = tuple([context.usage.givers.get(each.name, ()) for each in results])
    tree.outputs = results
    tree.output_names = site.tops or body.labels
    names = body.scope.frame.names
    settle(context, site, tree, Binding(results, names, False, body.instance, site.at("name")))


def settle(context: Context, site: Site, member: Tree | Unmade, binding: Binding) -> None:
    """Put a scope where its site is, and bind the site's name to what it gives."""
    results = binding.blobs
    if site.tops and len(site.tops) != len(results):
        message = f"`top` names {counted(len(site.tops), 'blob')}, but this gives {len(results)}"
        raise context.error("top-count", message, site.at("top"), site.scope)
    if site.name not in site.tree.members:
        site.tree.put(site.name, member)
    give(context, site, results)
    bind(context, site, binding)


def _labels(reads: list[Read], outputs: Field | None) -> tuple[str, ...]:
    """What `outputs` calls several results; an only one goes by the scope's name."""
    labels = tuple(dict.fromkeys([read.label for read in reads]))
    return labels if outputs is not None and 1 < len(labels) == len(reads) else ()


def outputs_of(context: Context, scope: Scope, outputs: Field | None, entry: Entry) -> list[Read]:
    """What a scope gives: what its `outputs` lists, or what its last layer gives."""
    if outputs is not None:
        results = resolve_list(context, outputs, scope, "an output")
        if not results:
            raise context.error("missing-outputs", "`outputs` names nothing", outputs, scope)
    else:
        results = [Read(blob, blob.name, entry) for blob in scope.frame.previous]
        for each in results:
            phase = each.blob.phase
            if phase not in (None, scope.phase):
                message = (
                    f"the last layer, `{each.label}`, exists in phase {phase} alone: "
                    "say with `outputs` what to give"
                )
                raise context.error("missing-outputs", message, entry, scope)
    context.usage.reads(each.blob for each in results)
    return results


def check_depth(context: Context, scope: Scope, entry: Entry) -> None:
    """Refuse scopes that are nested too deeply."""
    if scope.depth >= MAX_SCOPES:
        context.too_deep(f"scopes nested more than {MAX_SCOPES} levels deep", entry, scope)
