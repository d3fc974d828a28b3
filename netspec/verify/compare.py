"""Give a network to every target that can run, and compare what comes out with what was promised.

PyTorch runs the source that is emitted, ONNX Runtime the file that is written, both with the same
weights on the same input. Every layer's predicted shape is held against the one that PyTorch made,
every parameter's name, shape and place against the module's state_dict, the file against onnx's
checker, and the values of the two against each other: the outputs, and what goes into layers that
would hide a difference. Whether one would show is tried, too.
"""

import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from netspec.extras import require
from netspec.graph import Graph
from netspec.lower.onnx.options import Options
from netspec.lower.onnx.runtime import require_runnable
from netspec.lower.weights import UserWeights, weights_for
from netspec.verify.compared import before_saturation
from netspec.verify.examples import Example, examples_for
from netspec.verify.refused import Refused
from netspec.verify.result import Verification
from netspec.verify.varied import varied

if TYPE_CHECKING:
    from netspec.verify.torch_network import TorchNetwork


def verify(
    graph: Graph,
    options: Options | None = None,
    *,
    tolerance: float | None = None,
    absolute_tolerance: float = 0.0,
    layers: bool = False,
    nonfinite: bool = False,
) -> Verification:
    """Run a network in PyTorch and in ONNX Runtime and compare.

    `options` are the ONNX file's; their seed chooses the input, too. Fresh weights are such as
    show a fault: constant ones are moved a little, and where that isn't enough, statistics are of
    the input. `tolerance` is relative to an output's largest magnitude; None is that of
    TOLERANCES, and where values differ by more, what PyTorch's float64 shows that the type can't
    help. With `layers` every layer's values are compared, not only the outputs; with `nonfinite`
    NaN and infinities are put in. A file in bfloat16 is run by onnx's reference evaluator. What a
    target says where it can't run the network is part of the result. SpecError where a layer can't
    be lowered, weights don't fit or a library is missing; ValueError for `no_weights`.
    """
    options = options or Options()
    if options.no_weights:
        raise ValueError("a model without weights can't be run")
    require("torch", "verify")
    require("onnxruntime", "verify")
    if options.dtype != "bfloat16":  # which onnx's own evaluator runs
        require_runnable(options.version)
    from netspec.verify.bench import Bench
    from netspec.verify.onnx_file import OnnxFile
    from netspec.verify.torch_network import TorchNetwork

    given = options.weights is not None
    weights = weights_for(graph, options.weights) if given else varied(graph, options.seed)
    usual, *edges = examples_for(graph, options.seed, options.dtype)
    network = TorchNetwork(graph, weights)
    noticed = _noticed(network, usual)
    if not (given or noticed):
        settled = network.settle(usual.inputs)
        weights = weights.overlaid({name: partial(settled.__getitem__, name) for name in settled})
    with TemporaryDirectory(prefix="netspec-") as name:
        folder = Path(name)
        stored = _beside(options.user_weights, folder) if options.reference_weights else weights
        file = OnnxFile(graph, folder / "network.onnx", replace(options, weights=stored))
        bench = Bench(
            network=network,
            file=file,
            options=options,
            tolerance=tolerance,
            absolute_tolerance=absolute_tolerance,
            noticed=noticed,
        )
        return bench.verify(usual, edges, layers=layers, nonfinite=nonfinite)


def _noticed(network: "TorchNetwork", usual: Example) -> frozenset[str]:
    """The outputs and what goes into last layers that saturate, if a change of any parameter
    shows there; else nothing.
    """
    from netspec.verify.moving import unmoving

    blobs = (*network.view.results, *before_saturation(network.view))
    names = frozenset(blob.name for blob in blobs)
    try:
        return frozenset() if unmoving(network, usual.inputs, names) else names
    except Refused:  # which is told when it's run
        return frozenset()


def _beside(weights: UserWeights | None, folder: Path) -> UserWeights:
    """The file of weights in the model's folder, where alone a model may refer to it."""
    assert weights is not None and weights.path is not None
    place = folder / "weights.safetensors"
    shutil.copyfile(weights.path, place)
    return replace(weights, source=place)
