"""Warnings: things that are legal and seldom meant."""

from netspec.diagnostics import Diagnostics
from netspec.diagnostics.codes import WARNINGS
from netspec.elaborate.context import Context
from netspec.elaborate.usage import Usage
from netspec.graph import Graph, Node
from netspec.language.document import Block, Document
from netspec.layers import CATALOGUE, Layer
from netspec.layers.answers import Lint
from netspec.layers.base import Giver
from netspec.plugins import failure
from netspec.source import Scalar


def lint_unused(
    document: Document, usage: Usage, diagnostics: Diagnostics, expected: frozenset[str]
) -> None:
    """Blocks that nothing uses; inputs, vars and args that nothing reads.

    `expected` are the names that are read by what the document expects.
    """
    for name, given in document.inputs.items():
        if name not in usage.inputs_read and "unused-input" not in document.allow:
            message = f"nothing reads the input `{name}`"
            help = "leave it out, or keep it with `allow: [unused-input]`"
            diagnostics.warning("unused-input", message, given.key.span, help=help)
    blocks = _named_blocks(document, usage)
    entries = [*document.layers, *(entry for block in blocks.values() for entry in block.layers)]
    defaults = [each for block in blocks.values() for each in block.args.values()]
    required = [each for block in blocks.values() for each in block.requirements]
    conditions = (each.names for each in (*required, *document.requirements))
    values = (*(each.names for each in defaults), *conditions)
    named = expected.union(*(each.reads for each in entries), *values)
    for name, var in document.vars.items():
        read = name in named or ("var", name) in usage.values_read
        if not read and "unused-var" not in document.allow:
            diagnostics.warning("unused-var", f"nothing reads the var `{name}`", var.key_span)
    for block in document.blocks.values():
        if block.library:
            continue
        if block.name in blocks:
            _lint_args(block, document, usage, diagnostics)
        elif "unused-block" not in document.allow | block.allow:
            message = f"nothing uses the block `{block.name}`"
            diagnostics.warning("unused-block", message, block.key.span)


def _named_blocks(document: Document, usage: Usage) -> dict[str, Block]:
    """The blocks that are used, and those that would be if another `when` were true."""
    found = {name: each for name, each in document.blocks.items() if name in usage.blocks_used}
    entries = [*document.layers, *(entry for block in found.values() for entry in block.layers)]
    while entries:
        entry = entries.pop()
        entries += entry.body or ()
        node = entry.fields["type"].node if "type" in entry.fields else None
        block = document.blocks.get(str(node.value)) if isinstance(node, Scalar) else None
        if block is not None and block.name not in found:
            found[block.name] = block
            entries += block.layers
    return found


def _lint_args(block: Block, document: Document, usage: Usage, diagnostics: Diagnostics) -> None:
    allow = document.allow | block.allow
    values = (each.names for each in block.args.values())
    conditions = (each.names for each in block.requirements)
    named = frozenset().union(*(each.reads for each in block.layers), *values, *conditions)
    for name, each in block.args.items():
        read = name in named or (f"arg {block.name}", name) in usage.values_read
        if not read and "unused-arg" not in allow:
            message = f"block `{block.name}` doesn't read its arg `{name}`"
            diagnostics.warning("unused-arg", message, each.key_span)


def lint_shares(context: Context) -> None:
    """Sharing names that share nothing."""
    for name, share in context.shares.items():
        if share.count == 1 and not share.allowed:
            message = f"only `{share.parameter.name}` bears the sharing name `{name}`"
            help = "it is a label: give it to the `param` of each layer that shares the parameter"
            context.diagnostics.warning("share-once", message, share.place.span, help=help)


def lint_graph(graph: Graph, context: Context) -> None:
    """What the layers say of themselves and their neighbours."""
    for node in graph.nodes:
        assert isinstance(node.layer, Layer)
        try:
            bottoms = [blob.type for blob in node.bottoms]
            for each in node.layer.lints(bottoms, _givers(graph, node)):
                _warn(context, graph, node, each)
        except Exception as error:
            if node.type in CATALOGUE:
                raise
            # A custom layer's own code, which another package has to mend.
            message = str(failure(node.layer, error))
            context.diagnostics.error("unknown-type", message, node.origin, path=node.path)


def _givers(graph: Graph, node: Node) -> list[Giver | None]:
    """The layers that give a layer's bottoms."""
    found: list[Giver | None] = []
    for blob in node.bottoms:
        maker = graph.makers.get(blob.name)
        layer = None if maker is None else maker.layer
        alone = len(graph.readers[blob.name]) == 1
        found.append(Giver(layer, alone) if isinstance(layer, Layer) else None)
    return found


def _warn(context: Context, graph: Graph, node: Node, lint: Lint) -> None:
    makers = [graph.makers.get(blob.name) for blob in node.bottoms]
    about = node if lint.bottom is None else makers[lint.bottom]
    assert about is not None
    if lint.code not in WARNINGS:
        raise ValueError(f"`{lint.code}` is no warning")
    if lint.code not in about.allow:
        paths = [
            blob.name if each is None else each.path
            for blob, each in zip(node.bottoms, makers, strict=True)
        ]
        message = lint.message.format(*paths, here=node.path)
        context.diagnostics.warning(
            lint.code, message, about.origin, path=about.path, help=lint.help
        )
