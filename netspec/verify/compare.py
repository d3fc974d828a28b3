"""Give a network to every target that can run, and compare what comes out with what was promised.

PyTorch runs the source that is emitted, each other target what it makes (ONNX Runtime the file that
is written), all with the same weights on the same input. Every layer's predicted shape is held
against the one that PyTorch made, every parameter's name, shape and place against the module's
state_dict, an ONNX file against onnx's checker, and the values of every target against PyTorch's:
the outputs, and what goes into layers that would hide a difference. Whether one would show is
tried, too.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from netspec.extras import require
from netspec.graph import Graph
from netspec.lower.onnx.options import Options
from netspec.lower.running import Refused, Running
from netspec.lower.weights import weights_for
from netspec.targets import TARGETS
from netspec.verify.compared import before_saturation
from netspec.verify.examples import Example, examples_for
from netspec.verify.result import Verification
from netspec.verify.room import require_room_to_run
from netspec.verify.varied import varied

if TYPE_CHECKING:
    from netspec.verify.torch_network import TorchNetwork


def verify(
    graph: Graph,
    options: Options | None = None,
    *others: Any,
    tolerance: float | None = None,
    absolute_tolerance: float = 0.0,
    layers: bool = False,
    nonfinite: bool = False,
) -> Verification:
    """Run a network in PyTorch and in every other target that can run, and compare.

    `options` are the ONNX file's, whose weights and type are everyone's; their seed chooses the
    input, too. `others` are those of further targets. Fresh weights are such as show a fault:
    constant ones are moved a little, and where that isn't enough, statistics are of the input.
    `tolerance` is relative to an output's largest magnitude; None is that of TOLERANCES, and where
    values differ by more, what PyTorch's float64 shows that the type can't help. With `layers`
    every layer's values are compared, not only the outputs; with `nonfinite` NaN and infinities are
    put in. A file in bfloat16 is run by onnx's reference evaluator. What a target says where it
    can't run the network is part of the result. SpecError where a layer can't be lowered, weights
    don't fit or a library is missing; ValueError for `no_weights`.
    """
    options = options or Options()
    require("torch", "verify")
    from netspec.verify.bench import Bench
    from netspec.verify.torch_network import TorchNetwork

    require_room_to_run(graph)
    with TemporaryDirectory(prefix="netspec-") as folder:
        targets = running(graph, Path(folder), (options, *others))
        given = options.weights is not None
        weights = weights_for(graph, options.given) if given else varied(graph, options.seed)
        usual, *edges = examples_for(graph, options.seed, options.dtype)
        network = TorchNetwork(graph, weights)
        noticed = _noticed(network, usual)
        if not (given or noticed):
            settled = network.settle(usual.inputs)
            made = {name: partial(settled.__getitem__, name) for name in settled}
            weights = weights.overlaid(made)
        for each in targets.values():
            each.load(weights)
        bench = Bench(
            network=network,
            targets=targets,
            dtype=options.dtype,
            tolerance=tolerance,
            absolute_tolerance=absolute_tolerance,
            noticed=noticed,
        )
        return bench.verify(usual, edges, layers=layers, nonfinite=nonfinite)


def running(graph: Graph, folder: Path, options: Sequence[Any]) -> dict[str, Running]:
    """The network in every target that can be held against PyTorch, each in a folder of its own,
    with those of the options that are of its class, else with its usual ones.
    """
    asked = {type(each): each for each in options}
    found = {}
    for name, target in TARGETS.items():
        if target.run is not None:
            place = folder / name
            place.mkdir()
            usual = target.options() if target.options is not None else None
            found[name] = target.run(graph, place, asked.get(type(usual), usual))
    return found


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
