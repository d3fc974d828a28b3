"""A network as text: its inputs, its layers in order, what becomes of its outputs."""

from collections.abc import Iterator, Mapping
from typing import Any

from netspec._version import __version__
from netspec.diagnostics import Diagnostics
from netspec.graph import Blob, Graph, Node, Parameter, Phase, SymbolicSize
from netspec.lower.prototxt.blobs import Blobs, called, shared_names, unread
from netspec.lower.prototxt.layers.catalogue import pieces_of
from netspec.lower.prototxt.pieces import Inexpressible, Piece
from netspec.lower.prototxt.text import written
from netspec.printable import printable

BATCH = 1
"""What stands for a batch of any size: Caffe's networks are reshaped when they run."""


def to_prototxt(graph: Graph) -> str:
    """The text of a network in both phases; ends with a newline.

    SpecError (`not-lowerable`) with every layer and input that Caffe can't express. Outputs that
    more than losses and accuracies read are given once more by a Split, and what else nobody reads
    ends in Silence: Caffe's outputs are what nobody reads.
    """
    problems = Diagnostics()
    pieces = {node.path: _pieces(node, problems) for node in graph.nodes}
    layers = [_input(blob, problems) for blob in graph.inputs]
    problems.raise_errors()
    blobs, shared = Blobs(graph), shared_names(graph)
    for node in graph.nodes:
        layers += _layers(node, pieces[node.path], blobs, shared, graph.losses)
    layers += _ends(graph, blobs)
    net = written("NetParameter", {"name": graph.class_name, "layer": layers})
    return _head(graph) + net.replace("\nlayer {", "\n\nlayer {")


def _head(graph: Graph) -> str:
    """Comments: what the network is, and where the text comes from."""
    said = [
        graph.doc,
        graph.source,
        f"Made from {graph.spec or 'a spec'} by netspec {__version__}.",
    ]
    return "".join(f"# {printable(each)}\n" for each in said if each)


def _pieces(node: Node, problems: Diagnostics) -> list[Piece]:
    try:
        return pieces_of(node)
    except Inexpressible as reason:
        problems.error("not-lowerable", str(reason), node.origin, path=node.path, help=reason.help)
    return []


def _input(blob: Blob, problems: Diagnostics) -> dict[str, Any]:
    sizes = list(blob.shape)
    open_sizes = [each for each in sizes[1:] if isinstance(each, SymbolicSize)]
    if open_sizes:
        message = f"the input `{blob.name}` has a size of {open_sizes[0]}, and a prototxt numbers"
        known = ["224" if isinstance(each, SymbolicSize) else str(each) for each in sizes[1:]]
        given = "x".join([str(sizes[0]), *known])
        help = f"say them: `--input {blob.name}={given}`"
        problems.error("not-lowerable", message, help=help)
    dims = [each if isinstance(each, int) else BATCH for each in sizes]
    fields = {"name": blob.name, "type": "Input", "top": [blob.name]}
    shape = {"input_param": {"shape": [{"dim": dims}]}}
    return fields | _phase(blob.phase) | shape


def _layers(
    node: Node,
    pieces: list[Piece],
    blobs: Blobs,
    shared: Mapping[str, str],
    losses: Mapping[str, float],
) -> Iterator[dict[str, Any]]:
    """The layers that a layer becomes; each but the last gives a blob that others of them read."""
    name = called(node.path)
    bottoms = [blobs.name(blob) for blob in node.bottoms]
    tops = blobs.give(node, pieces)
    local: dict[str, str] = {}
    for piece in pieces:
        own = blobs.free(f"{name}{piece.suffix}") if piece.suffix else name
        reads = range(len(bottoms)) if piece.reads is None else piece.reads
        read = [bottoms[each] if isinstance(each, int) else local[each] for each in reads]
        given = tops if piece is pieces[-1] or not piece.suffix else [own]
        local[piece.suffix] = given[0]
        yield (
            {"name": own, "type": piece.type, "bottom": read, "top": given}
            | _phase(node.phase)
            | _loss(node, losses)
            | {"param": _params(node, piece, shared)}
            | dict(piece.fields)
        )


def _phase(phase: Phase | None) -> dict[str, Any]:
    return {} if phase is None else {"include": [{"phase": str(phase)}]}


def _loss(node: Node, losses: Mapping[str, float]) -> dict[str, Any]:
    weight = losses.get(node.tops[0].name)
    return {} if weight in (None, 1) else {"loss_weight": [weight]}


def _params(node: Node, piece: Piece, shared: Mapping[str, str]) -> list[dict[str, Any]]:
    """What is said of each blob's learning and sharing, up to the last of which something is."""
    by_suffix = {_suffix(node, each): each for each in node.parameters}
    said = [_param(by_suffix[name], shared) for name in piece.weights]
    while said and not said[-1]:
        said.pop()
    return [each or {"lr_mult": 1.0} for each in said]


def _suffix(node: Node, parameter: Parameter) -> str:
    return parameter.name.removeprefix(node.module).removeprefix(".")


def _param(parameter: Parameter, shared: Mapping[str, str]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if parameter.owner in shared:
        said["name"] = shared[parameter.owner]
    if parameter.lr_mult != 1:
        said["lr_mult"] = parameter.lr_mult
    if parameter.decay_mult != 1:
        said["decay_mult"] = parameter.decay_mult
    return said


def _judges(node: Node, graph: Graph, blobs: Blobs) -> bool:
    """Whether a layer tells how good what it reads is, which so is an output though it's read."""
    return node.tops[0].name in graph.losses or blobs.type(node) == "Accuracy"


def _ends(graph: Graph, blobs: Blobs) -> Iterator[dict[str, Any]]:
    """What makes the network's outputs those of Caffe's that are meant to be."""
    for blob in graph.results:
        readers = graph.readers.get(blob.name, ())
        if blob.name not in graph.makers or not all(
            _judges(node, graph, blobs) for node in readers
        ):
            name = blobs.free(f"{called(graph.result_name(blob))}_output")
            fields = {"name": name, "type": "Split", "bottom": [blobs.name(blob)], "top": [name]}
            yield fields | _phase(blob.phase)
    kept = {blob.name for blob in graph.results} | set(graph.losses)
    for blob in unread(graph, kept):
        name = blobs.free(f"{called(blob.name)}_silence")
        fields = {"name": name, "type": "Silence", "bottom": [blobs.name(blob)]}
        yield fields | _phase(blob.phase)
