"""Give a network to every target that can run, and compare what comes out with what was promised.

PyTorch runs the source that is emitted, ONNX Runtime the file that is written, both with the same
fresh weights on the same random input. Every layer's predicted shape is held against the one that
PyTorch made, every parameter's name, shape and place against the module's state_dict, and the
outputs of the two against each other.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from netspec.extras import require
from netspec.graph import Blob, Graph, Phase, Shape
from netspec.graph.sizes import substitute, symbols
from netspec.lower.onnx import to_model
from netspec.lower.weights import Weights, fresh

Array = npt.NDArray[Any]

BATCH = 2
"""The batch that is run: more than one, so that a batch fixed by mistake is seen."""
EXTENT = 64
"""What symbolic heights and widths are run at."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Two targets' values of one blob: the largest difference, absolute and relative to the
    largest magnitude that PyTorch gave.
    """

    name: str
    shape: tuple[int, ...]
    absolute: float
    relative: float


@dataclass(frozen=True, slots=True)
class Verification:
    """What was compared and what differed; `ok` if nothing did."""

    name: str
    tolerance: float
    outputs: tuple[Difference, ...]
    shapes_checked: int
    wrong_shapes: tuple[str, ...]
    parameters_checked: int
    wrong_parameters: tuple[str, ...]
    layers: tuple[Difference, ...] = field(default=())

    @property
    def ok(self) -> bool:
        wrong = self.wrong_shapes or self.wrong_parameters
        return not wrong and all(self.agrees(each) for each in self.outputs)

    def agrees(self, difference: Difference) -> bool:
        """Whether a difference is within the tolerance; one that is no number isn't."""
        return difference.relative <= self.tolerance

    @property
    def largest(self) -> Difference:
        """The output with the largest relative difference."""
        return max(self.outputs, key=lambda each: (np.isnan(each.relative), each.relative))

    @property
    def first_difference(self) -> Difference | None:
        """The first layer, in the order of the spec, that is out of tolerance."""
        return next((each for each in self.layers if not self.agrees(each)), None)

    def to_json(self) -> dict[str, Any]:
        """The object that `netspec verify --format json` prints."""
        first = self.first_difference
        return {
            "name": self.name,
            "ok": self.ok,
            "targets": ["torch", "onnx"],
            "tolerance": self.tolerance,
            "outputs": [_difference_json(each) for each in self.outputs],
            "shapes": {"checked": self.shapes_checked, "wrong": list(self.wrong_shapes)},
            "parameters": {
                "checked": self.parameters_checked,
                "wrong": list(self.wrong_parameters),
            },
            "layers": len(self.layers),
            "first_difference": _difference_json(first) if first is not None else None,
        }


def _difference_json(each: Difference) -> dict[str, Any]:
    return {
        "name": each.name,
        "shape": list(each.shape),
        "absolute": each.absolute,
        "relative": each.relative,
    }


def verify(
    graph: Graph, *, seed: int = 0, tolerance: float = 1e-5, layers: bool = False
) -> Verification:
    """Run a network in PyTorch and in ONNX Runtime and compare.

    `seed` chooses weights and input, `tolerance` is relative to an output's largest magnitude.
    With `layers` every layer's values are compared, not only the outputs. SpecError where a layer
    can't be lowered or a library is missing.
    """
    require("torch", "torch")
    require("onnxruntime", "verify")
    weights = fresh(graph, seed)
    sizes = _sizes(graph.inputs)
    inputs = _inputs(graph.inputs, sizes, seed)
    made, wrong_parameters, wrong_shapes = _run_torch(graph, weights, inputs, sizes)
    view = graph.phase(Phase.TEST)
    model = to_model(graph, weights=weights)
    given = _run_onnx(model, {blob.name: inputs[blob.name] for blob in view.inputs})
    outputs = tuple(_compare(name, made[name], given[name]) for name in view.outputs)
    compared: tuple[Difference, ...] = ()
    if layers:
        names = [blob.name for node in view for blob in node.tops]
        every = _run_onnx(
            _with_outputs(model, names), {b.name: inputs[b.name] for b in view.inputs}
        )
        compared = tuple(_compare(name, made[name], every[name]) for name in names if name in every)
    checked = sum(len(node.tops) for node in graph.nodes)
    return Verification(
        graph.name,
        tolerance,
        outputs,
        checked,
        wrong_shapes,
        len(graph.parameters),
        wrong_parameters,
        compared,
    )


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


def _inputs(blobs: Iterable[Blob], sizes: Mapping[str, int], seed: int) -> dict[str, Array]:
    """Random inputs: normal floats, and integers 0 or 1, which are labels of any two classes."""
    random = np.random.default_rng(seed)
    inputs: dict[str, Array] = {}
    for blob in blobs:
        shape = _concrete(blob.shape, sizes)
        if blob.type.dtype.startswith("float"):
            inputs[blob.name] = random.standard_normal(shape).astype(blob.type.dtype)
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


def _run_onnx(model: Any, inputs: Mapping[str, Array]) -> dict[str, Array]:
    """The outputs of a model in ONNX Runtime, by name."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    names = [each.name for each in session.get_outputs()]
    return dict(zip(names, session.run(names, dict(inputs)), strict=True))


def _with_outputs(model: Any, names: list[str]) -> Any:
    """The model with further values as outputs."""
    import onnx

    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    known = {each.name: each for each in (*copy.graph.value_info, *copy.graph.output)}
    del copy.graph.output[:]
    copy.graph.output.extend(known[name] for name in names if name in known)
    return copy


def _compare(name: str, expected: Array, found: Array) -> Difference:
    """The largest difference between two targets' values; infinite for unequal shapes."""
    if expected.shape != found.shape:
        return Difference(name, found.shape, float("inf"), float("inf"))
    wide, other = expected.astype(np.float64), found.astype(np.float64)
    # Equal infinities, as padding alone gives to a maximum, don't differ.
    gap = np.where(wide == other, 0.0, wide - other)
    absolute = float(np.abs(gap).max(initial=0.0))
    finite = np.abs(wide[np.isfinite(wide)])
    magnitude = float(finite.max(initial=0.0))
    relative = absolute / magnitude if magnitude else (0.0 if absolute == 0 else float("inf"))
    return Difference(name, found.shape, absolute, relative)
