"""Give a network to every target that can run, and compare what comes out with what was promised.

PyTorch runs the source that is emitted, ONNX Runtime the file that is written, both with the same
weights on the same random input. Every layer's predicted shape is held against the one that
PyTorch made, every parameter's name, shape and place against the module's state_dict, the file
against onnx's checker, and the outputs of the two against each other.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt

from netspec.extras import require
from netspec.graph import Blob, Graph, Phase, Shape
from netspec.graph.sizes import substitute, symbols
from netspec.lower.onnx import Options, save
from netspec.lower.weights import Weights, weights_for
from netspec.verification import TOLERANCES, Difference, Verification

Array = npt.NDArray[Any]

BATCH = 2
"""The batch that is run: more than one, so that a batch fixed by mistake is seen."""
EXTENT = 64
"""What symbolic heights and widths are run at."""


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
    compared, not only the outputs. SpecError where a layer can't be lowered, weights don't fit or
    a library is missing; ValueError for bfloat16, which ONNX Runtime's CPU doesn't compute.
    """
    options = options or Options()
    if options.dtype not in TOLERANCES:
        raise ValueError(f"ONNX Runtime's CPU doesn't compute with {options.dtype}")
    require("torch", "torch")
    require("onnxruntime", "verify")
    weights = weights_for(graph, options.weights, options.seed)
    sizes = _sizes(graph.inputs)
    inputs = _inputs(graph.inputs, sizes, options.seed, options.dtype)
    made, wrong_parameters, wrong_shapes = _run_torch(graph, weights, inputs, sizes)
    view = graph.phase(Phase.TEST)
    with TemporaryDirectory(prefix="netspec-") as folder:
        file = _File(view, Path(folder) / "network.onnx")
        save(graph, file.path, replace(options, weights=weights))
        invalid = file.invalid()
        arguments = {
            blob.name: inputs[blob.name].astype(_given(blob, options)) for blob in view.inputs
        }
        given = file.outputs(arguments)
        every = file.all_values(arguments) if layers else {}
    tops = [blob for node in view for blob in node.tops]
    return Verification(
        graph.name,
        TOLERANCES[options.dtype] if tolerance is None else tolerance,
        absolute_tolerance,
        _differences(view, view.results, made, given),
        sum(len(node.tops) for node in graph.nodes),
        wrong_shapes,
        len(graph.parameters),
        wrong_parameters,
        invalid,
        _differences(view, tops, made, every),
    )


def _given(blob: Blob, options: Options) -> str:
    """The element type that the ONNX file has an input of."""
    return options.dtype if blob.type.dtype == "float32" else blob.type.dtype


def _differences(
    view: Graph, blobs: Iterable[Blob], made: Mapping[str, Array], given: Mapping[str, Array]
) -> tuple[Difference, ...]:
    """What PyTorch and ONNX Runtime made of each blob that the latter gave."""
    named = ((blob.name, view.result_name(blob)) for blob in blobs)
    return tuple(_compare(name, made[blob], given[name]) for blob, name in named if name in given)


def _sizes(blobs: Iterable[Blob]) -> dict[str, int]:
    """What each symbol is run at: the batch's first axis, and any other."""
    sizes: dict[str, int] = {}
    for blob in blobs:
        for axis, size in enumerate(blob.shape):
            for name in symbols(size):
                sizes.setdefault(name, BATCH if axis == 0 else EXTENT)
    return sizes


def _concrete(shape: Shape, sizes: Mapping[str, int]) -> tuple[int, ...]:
    found = (substitute(size, dict(sizes)) for size in shape)
    return tuple(size for size in found if isinstance(size, int))


def _inputs(
    blobs: Iterable[Blob], sizes: Mapping[str, int], seed: int, dtype: str
) -> dict[str, Array]:
    """Random inputs: normal floats, which the type holds exactly, and integers 0 or 1, which are
    labels of any two classes.
    """
    random = np.random.default_rng(seed)
    inputs: dict[str, Array] = {}
    for blob in blobs:
        shape = _concrete(blob.shape, sizes)
        if blob.type.dtype.startswith("float"):
            values = random.standard_normal(shape).astype(dtype)
            inputs[blob.name] = values.astype(blob.type.dtype)
        else:
            inputs[blob.name] = random.integers(0, 2, shape).astype(blob.type.dtype)
    return inputs


def _run_torch(
    graph: Graph, weights: Weights, inputs: Mapping[str, Array], sizes: Mapping[str, int]
) -> tuple[dict[str, Array], tuple[str, ...], tuple[str, ...]]:
    """The values of the TEST phase by blob, wrong parameters, and wrong shapes of both phases."""
    import torch

    from netspec.lower.torch import instrumented

    network = instrumented(graph)
    state = network.model.state_dict()
    wrong_parameters = _wrong_parameters(graph, {n: tuple(t.shape) for n, t in state.items()})
    tensors = {name: torch.from_numpy(np.array(weights[name])) for name in state if name in weights}
    network.model.load_state_dict(tensors, strict=False)
    wrong_shapes: list[str] = []
    values: dict[str, Array] = {}
    phases = [Phase.TEST]
    if any(node.phase is Phase.TRAIN for node in graph.nodes):
        # Last run first: a training pass would change running statistics.
        phases.append(Phase.TRAIN)
    for phase in phases:
        view = graph.phase(phase)
        network.model.train(phase is Phase.TRAIN)
        arguments = {b.name: torch.from_numpy(inputs[b.name]) for b in view.inputs}
        with torch.no_grad():
            network.model(**arguments)
        blobs = network.blobs
        for node in view:
            for blob in node.tops:
                expected = _concrete(blob.shape, sizes)
                tensor = blobs.get(blob.name)
                found = tuple(tensor.shape) if tensor is not None else None
                if found != expected:
                    wrong_shapes.append(f"{blob.name}: predicted {expected}, PyTorch made {found}")
        if phase is Phase.TEST:
            values = {name: tensor.numpy() for name, tensor in blobs.items()}
            values |= {blob.name: inputs[blob.name] for blob in view.inputs}
    return values, wrong_parameters, tuple(wrong_shapes)


def _wrong_parameters(graph: Graph, state: Mapping[str, tuple[int, ...]]) -> tuple[str, ...]:
    """Where the state_dict departs from the graph's parameters in name, shape or order."""
    expected = {each.name: each.shape for each in graph.parameters}
    wrong = [f"{name}: only the graph has it" for name in expected if name not in state]
    wrong += [f"{name}: only PyTorch has it" for name in state if name not in expected]
    wrong += [
        f"{name}: predicted {shape}, PyTorch has {state[name]}"
        for name, shape in expected.items()
        if name in state and state[name] != shape
    ]
    if not wrong and list(expected) != list(state):
        first = next(a for a, b in zip(expected, state, strict=True) if a != b)
        wrong.append(f"{first}: another place in PyTorch's state_dict")
    return tuple(wrong)


class _File:
    """The ONNX file of a network's TEST phase, at a path."""

    def __init__(self, view: Graph, path: Path) -> None:
        self._view = view
        self.path = path

    def invalid(self) -> str | None:
        """What onnx's checker has against it."""
        import onnx
        from onnx.checker import ValidationError
        from onnx.shape_inference import InferenceError

        try:
            onnx.checker.check_model(str(self.path), full_check=True)
        except (ValidationError, InferenceError) as error:
            return str(error).strip()
        return None

    def outputs(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """What it gives in ONNX Runtime, by name."""
        return _run_onnx(self.path, inputs)

    def all_values(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """What its layers give in ONNX Runtime, by name."""
        import onnx

        model = onnx.load(str(self.path), load_external_data=False)
        graph = model.graph
        known = {each.name: each for each in (*graph.value_info, *graph.output)}
        tops = (self._view.result_name(blob) for node in self._view for blob in node.tops)
        every = [known[name] for name in dict.fromkeys(tops) if name in known]
        del graph.output[:]
        graph.output.extend(every)
        # Beside the first, whose file of weights it may need.
        whole = self.path.with_name("layers.onnx")
        onnx.save(model, str(whole))
        return _run_onnx(whole, inputs)


def _run_onnx(path: Path, inputs: Mapping[str, Array]) -> dict[str, Array]:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    names = [each.name for each in session.get_outputs()]
    read = {each.name for each in session.get_inputs()}
    arguments = {name: values for name, values in inputs.items() if name in read}
    return dict(zip(names, session.run(names, arguments), strict=True))


def _compare(name: str, expected: Array, found: Array) -> Difference:
    """The largest difference between two targets' values; infinite for unequal shapes."""
    if expected.shape != found.shape:
        return Difference(name, found.shape, float("inf"), float("inf"))
    wide, other = expected.astype(np.float64), found.astype(np.float64)
    # Equal infinities, as padding alone gives to a maximum, don't differ.
    gap = np.subtract(wide, other, where=wide != other, out=np.zeros_like(wide))
    absolute = float(np.abs(gap).max(initial=0.0))
    finite = np.abs(wide[np.isfinite(wide)])
    magnitude = float(finite.max(initial=0.0))
    relative = absolute / magnitude if magnitude else (0.0 if absolute == 0 else float("inf"))
    return Difference(name, found.shape, absolute, relative)
