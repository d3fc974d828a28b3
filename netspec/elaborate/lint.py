"""Warnings: things that are legal and seldom meant."""

from netspec.diagnostics import Diagnostics
from netspec.elaborate.context import Context
from netspec.elaborate.usage import Usage
from netspec.graph import Graph, Node
from netspec.language.document import Block, Document
from netspec.layers.convolution import Convolution
from netspec.layers.deconvolution import Deconvolution
from netspec.layers.inner_product import InnerProduct
from netspec.layers.normalization import BatchNorm
from netspec.layers.pooling import Pooling
from netspec.layers.softmax import Softmax


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
    for block in document.blocks.values():
        if not block.library:
            _lint_block(block, document, usage, diagnostics)


def _lint_block(block: Block, document: Document, usage: Usage, diagnostics: Diagnostics) -> None:
    allow = document.allow | block.allow
    if block.name not in usage.blocks_used:
        if "unused-block" not in allow:
            message = f"nothing uses the block `{block.name}`"
            diagnostics.warning("unused-block", message, block.key.span)
        return
    for name, each in block.args.items():
        if (f"arg {block.name}", name) not in usage.values_read and "unused-arg" not in allow:
            message = f"block `{block.name}` doesn't read its arg `{name}`"
            diagnostics.warning("unused-arg", message, each.key_span)


def lint_shares(context: Context) -> None:
    """Sharing names that share nothing."""
    for name, share in context.shares.items():
        if share.count == 1 and not share.allowed:
            message = f"only `{share.parameter.name}` bears the sharing name `{name}`"
            context.diagnostics.warning("share-once", message, share.place.span)


def lint_graph(graph: Graph, context: Context) -> None:
    """What the layers and their neighbours show."""
    for node in graph.nodes:
        if node.bottoms:
            read = node.bottoms[0].name
            producer = graph.makers.get(read)
            if producer is not None:
                if len(graph.readers[read]) == 1:
                    _bias_before_batchnorm(node, producer, context)
                _softmax_before_loss(node, producer, context)
        _pooling_in_padding(node, context)


def _warn(context: Context, node: Node, code: str, message: str, help: str | None = None) -> None:
    if code not in node.allow:
        context.diagnostics.warning(code, message, node.origin, path=node.path, help=help)


def _bias_before_batchnorm(node: Node, producer: Node, context: Context) -> None:
    layer = producer.layer
    if (
        isinstance(node.layer, BatchNorm)
        and isinstance(layer, Convolution | Deconvolution | InnerProduct)
        and layer.bias_term
    ):
        message = f"the bias of `{producer.path}` is taken away again by `{node.path}`"
        help = "give the layer `bias_term: false`"
        _warn(context, producer, "bias-before-batchnorm", message, help)


def _softmax_before_loss(node: Node, producer: Node, context: Context) -> None:
    if isinstance(producer.layer, Softmax) and getattr(node.layer, "contains_softmax", False):
        message = (
            f"`{node.path}` contains a softmax, but `{producer.path}`, which it reads, is one "
            "already"
        )
        _warn(context, node, "softmax-before-loss", message, "let the loss read the scores")


def _pooling_in_padding(node: Node, context: Context) -> None:
    layer = node.layer
    if isinstance(layer, Pooling) and layer.kernel_size is not None:
        pairs = zip(layer.pad, layer.kernel_size, strict=True)
        if any(pad >= kernel for pad, kernel in pairs):
            message = f"windows of `{node.path}` lie wholly in padding"
            _warn(context, node, "pooling-in-padding", message, "pad by less than `kernel_size`")
