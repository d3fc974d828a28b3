"""Give a network to every target that can run, and compare what comes out with what was promised.

PyTorch runs the source that is emitted, ONNX Runtime the file that is written, both with the same
weights on the same random input. Every layer's predicted shape is held against the one that
PyTorch made, every parameter's name, shape and place against the module's state_dict, the file
against onnx's checker, and the outputs of the two against each other.
"""

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from netspec.extras import require
from netspec.graph import Blob, Graph, Phase
from netspec.lower.onnx import Options, save
from netspec.lower.onnx.runtime import require_runnable
from netspec.lower.values import element_type
from netspec.lower.weights import UserWeights, weights_for
from netspec.verify.examples import inputs_for, sizes_for
from netspec.verify.result import TOLERANCES, Difference, Verification
from netspec.verify.running import Array, OnnxFile, Refused, TorchRun, run_torch


def verify(
    graph: Graph,
    options: Options | None = None,
    *,
    tolerance: float | None = None,
    absolute_tolerance: float = 0.0,
    layers: bool = False,
) -> Verification:
    """Run a network in PyTorch and in ONNX Runtime and compare.

    `options` are the ONNX file's; their seed chooses the input, too. `tolerance` is relative to
    an output's largest magnitude, None for TOLERANCES. With `layers` every layer's values are
    compared, not only the outputs. A file in bfloat16 is run by onnx's reference evaluator. What a
    target says where it can't run the network is part of the result. SpecError where a layer can't
    be lowered, weights don't fit or a library is missing; ValueError for `no_weights`.
    """
    options = options or Options()
    if options.no_weights:
        raise ValueError("a model without weights can't be run")
    require("torch", "torch")
    require("onnxruntime", "verify")
    if options.dtype != "bfloat16":  # which onnx's own evaluator runs
        require_runnable(options.version)
    ran = _ran(graph, options, layers)
    view, made = graph.phase(Phase.TEST), ran.made
    names = [view.result_name(blob) for blob in view.results]
    tops = [blob for node in view for blob in node.tops]
    shown = {view.result_name(blob): made.values[blob.name] for blob in tops if made.values}
    return Verification(
        graph.name,
        TOLERANCES[options.dtype] if tolerance is None else tolerance,
        absolute_tolerance,
        () if ran.refused else _differences(names, made.results, ran.given),
        sum(len(node.tops) for node in graph.nodes),
        tuple(made.wrong_shapes),
        len(graph.parameters),
        made.wrong_parameters,
        ran.invalid,
        ran.runner,
        ran.refused,
        _differences((name for name in shown if name in ran.every), shown, ran.every),
    )


@dataclass(slots=True)
class _Ran:
    """What PyTorch made, and the ONNX file: its outputs, and the values of its layers if they were
    asked for; what the checker has against it, and what either target said that can't run it.
    """

    runner: str
    invalid: str | None
    made: TorchRun = field(default_factory=TorchRun)
    given: dict[str, Array] = field(default_factory=dict)
    every: dict[str, Array] = field(default_factory=dict)
    refused: tuple[str, ...] = ()


def _ran(graph: Graph, options: Options, layers: bool) -> _Ran:
    """Both targets, on the same weights and the same input."""
    weights = weights_for(graph, options.weights, options.seed)
    sizes = sizes_for(graph)
    inputs = inputs_for(graph, sizes, options.seed, options.dtype)
    view = graph.phase(Phase.TEST)
    with TemporaryDirectory(prefix="netspec-") as name:
        folder = Path(name)
        file = OnnxFile(folder / "network.onnx", options.dtype)
        stored = _beside(options.user_weights, folder) if options.reference_weights else weights
        save(graph, file.path, replace(options, weights=stored))
        arguments = {
            blob.name: inputs[blob.name].astype(_given(blob, options)) for blob in view.inputs
        }
        ran = _Ran(file.runner, file.invalid())
        try:
            ran.made = run_torch(graph, weights, inputs, sizes)
            ran.given = file.outputs(arguments)
            ran.every = file.all_values(view, arguments) if layers else {}
        except Refused as error:
            ran.refused = (str(error),)
    return ran


def _beside(weights: UserWeights | None, folder: Path) -> UserWeights:
    """The file of weights in the model's folder, where alone a model may refer to it."""
    assert weights is not None and weights.path is not None
    place = folder / "weights.safetensors"
    shutil.copyfile(weights.path, place)
    return replace(weights, source=place)


def _given(blob: Blob, options: Options) -> "np.dtype[np.generic]":
    """The element type that the ONNX file has an input of."""
    return element_type(options.dtype if blob.type.dtype == "float32" else blob.type.dtype)


def _differences(
    names: Iterable[str], made: Mapping[str, Array], given: Mapping[str, Array]
) -> tuple[Difference, ...]:
    """What PyTorch and the ONNX file gave by these names."""
    return tuple(_compare(name, made.get(name), given.get(name)) for name in names)


def _compare(name: str, expected: Array | None, found: Array | None) -> Difference:
    """The largest difference between two values; infinite where one is missing or of another
    shape.
    """
    if expected is None or found is None or expected.shape != found.shape:
        shape = found.shape if found is not None else ()
        return Difference(name, shape, float("inf"), float("inf"))
    wide, other = expected.astype(np.float64), found.astype(np.float64)
    # Equal infinities, as padding alone gives to a maximum, don't differ.
    gap = np.subtract(wide, other, where=wide != other, out=np.zeros_like(wide))
    absolute = float(np.abs(gap).max(initial=0.0))
    finite = np.abs(wide[np.isfinite(wide)])
    magnitude = float(finite.max(initial=0.0))
    relative = absolute / magnitude if magnitude else (0.0 if absolute == 0 else float("inf"))
    return Difference(name, found.shape, absolute, relative)
