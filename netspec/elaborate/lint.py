"""Warnings: things that are legal and seldom meant."""

from netspec.diagnostics import Diagnostics
from netspec.diagnostics.codes import WARNINGS
from netspec.elaborate.context import Context
from netspec.elaborate.usage import Usage
from netspec.graph import Graph, Node
from netspec.language.document import Block, Document
from netspec.layers import CATALOGUE, Layer
from netspec.layers.base import Giver, Lint
from netspec.plugins import failure
from netspec.source import Scalar


def lint_unused(document: Document, usage: Usage, diagnostics: Diagnostics) -> None:
    """Blocks that nothing uses; inputs, vars and args that nothing reads."""
    for name, given in document.inputs.items():
        if name not in usage.inputs_read and "unused-input" not in document.allow:
            message = f"nothing reads the input `{name}`"
            help = "leave it out, or keep it with `allow: [unused-input]`"
            diagnostics.warning("unused-input", message, given.key.span, help=help)
    for name, each in document.vars.items():
        if ("var", name) not in usage.values_read and "unused-var" not in document.allow:
            diagnostics.warning("unused-var", f"nothing reads the var `{name}`", each.key_span)
    named = _named_blocks(document, usage)
    for block in document.blocks.values():
        if block.library:
            continue
        if block.name in usage.blocks_used:
            _lint_args(block, document, usage, diagnostics)
        elif block.name not in named and "unused-block" not in document.allow | block.allow:
            message = f"nothing uses the block `{block.name}`"
            diagnostics.warning("unused-block", message, block.key.span)


def _named_blocks(document: Document, usage: Usage) -> set[str]:
    """The blocks that are used, and those that would be if another `when` were true."""
    named = set(usage.blocks_used)
    entries = [*document.layers]
    for name in named & document.blocks.keys():
        entries += document.blocks[name].layers
    while entries:
        entry = entries.pop()
        entries += entry.body or ()
        node = entry.fields["type"].node if "type" in entry.fields else None
        block = document.blocks.get(str(node.value)) if isinstance(node, Scalar) else None
        if block is not None and block.name not in named:
            named.add(block.name)
            entries += block.layers
    return named


def _lint_args(block: Block, document: Document, usage: Usage, diagnostics: Diagnostics) -> None:
    allow = document.allow | block.allow
    for name, each in block.args.items():
        if (f"arg {block.name}", name) not in usage.values_read and "unused-arg" not in allow:
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
