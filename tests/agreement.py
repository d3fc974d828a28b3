"""A network in PyTorch and in ONNX Runtime: everything that was predicted, and equal numbers."""

import contextlib
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from torch.utils.flop_counter import FlopCounterMode

from netspec.diagnostics import SpecError
from netspec.graph import Graph, Phase, Shape, Size
from netspec.graph.sizes import is_mere_symbol, substitute, symbols
from netspec.lower.onnx.model import to_model
from netspec.lower.onnx.options import Options
from netspec.lower.torch import instrumented, to_torch
from netspec.lower.weights import Weights, fresh
from tests.lower.torch.checks import check_backward
from tests.shaking import run_shaken
from tests.whole import check_whole

Array = NDArray[Any]
Blobs = Mapping[str, Array]
TOLERANCE = 1e-5
SLACK = 8
"""How many times PyTorch's own rounding error another float32 computation may be off."""

torch.set_num_threads(1)


@dataclass(frozen=True)
class Ran:
    """Every blob of the TEST phase, as PyTorch gives it in float32 and in float64."""

    single: dict[str, Array]
    double: dict[str, Array]


def check_agreement(
    graph: Graph,
    inputs: Mapping[str, Array],
    sizes: dict[str, Size],
    *,
    counted: bool = True,
    every: bool = False,
) -> None:
    """Shapes, parameters and multiply-accumulates are PyTorch's, numbers also ONNX Runtime's.

    `counted` is false where torch's counter of operations has its own view. With `every` all blobs
    are compared, which keeps ONNX Runtime from joining layers; else the results.
    """
    check_whole(graph)
    weights = weights_at_random(graph)
    ran = run_torch(graph, weights, inputs, sizes, counted)
    with contextlib.suppress(TooOpen):
        found = run_onnx(graph, weights, inputs, every)
        check_close(found, ran.single, ran.double, lambda: run_shaken(graph, weights, inputs))


class TooOpen(Exception):
    """A layer says that ONNX can't express it where sizes are symbolic, as they are here."""


def weights_at_random(graph: Graph) -> Weights:
    """Values of the size that a trained network has: what a layer gives stays near 1."""

    def values(name: str, shape: tuple[int, ...], dtype: str) -> Array:
        random = np.random.default_rng(zlib.crc32(name.encode()))
        made = random.standard_normal(shape)
        suffix = name.rpartition(".")[2]
        if suffix == "running_var" or (suffix == "weight" and len(shape) < 2):
            made = 1 + 0.3 * np.tanh(made)
        elif len(shape) > 1:
            made = made / np.sqrt(np.prod(shape[1:]))
        return np.asarray(made).astype(dtype)

    named = {p.name: p for p in graph.parameters}
    makers = {p.name: partial(values, p.owner, p.shape, p.dtype) for p in named.values()}
    given = fresh(graph)
    constants = [name for name, each in named.items() if each.values is not None]
    return Weights(makers | {name: partial(given.__getitem__, name) for name in constants})


def run_torch(
    graph: Graph,
    weights: Weights,
    inputs: Mapping[str, Array],
    sizes: dict[str, Size],
    counted: bool = True,
) -> Ran:
    """The emitted source: its state_dict, every shape and the operations are as predicted."""
    network = instrumented(graph)
    model = network.model
    expected = [(each.name, each.shape) for each in graph.parameters]
    assert [(name, tuple(each.shape)) for name, each in model.state_dict().items()] == expected
    for each in graph.parameters:
        if each.values is not None:
            assert (model.state_dict()[each.name].numpy() == fresh(graph)[each.name]).all()
        elif each.filler.type == "constant" and not each.shared:
            assert (model.state_dict()[each.name] == each.filler.value).all(), each.name
    model.load_state_dict({name: torch.from_numpy(np.array(weights[name])) for name in weights})
    tensors = {name: torch.from_numpy(each) for name, each in inputs.items()}
    single = _pass(network, graph.phase(Phase.TEST), tensors, sizes)
    check_emitted(graph, weights, tensors, single)
    if any(node.phase is Phase.TRAIN for node in graph.nodes):
        _pass(network, graph.phase(Phase.TRAIN), tensors, sizes)
        model.load_state_dict({name: torch.from_numpy(np.array(weights[name])) for name in weights})
    model.double()
    tensors = {
        name: each.double() if each.is_floating_point() else each for name, each in tensors.items()
    }
    # In float32 PyTorch gives an LSTM to oneDNN, where nothing is counted.
    counter = FlopCounterMode(display=False) if counted else None
    double = _pass(network, graph.phase(Phase.TEST), tensors, sizes, counter)
    if counter is not None:
        assert counter.get_total_flops() == 2 * _macs(graph.phase(Phase.TEST), sizes)
    return Ran(single, double)


def check_emitted(
    graph: Graph, weights: Weights, tensors: Mapping[str, torch.Tensor], single: Blobs
) -> None:
    """The module as users get it, where layers may write over what they read: it gives what it
    gives where every value is looked at, and a pass back finds what it needs.
    """
    model = to_torch(graph, weights=weights).eval()
    view = graph.phase(Phase.TEST)
    arguments = {blob.name: tensors[blob.name].clone() for blob in view.inputs}
    found = model(**arguments)
    if not isinstance(found, dict):
        found = {view.result_name(view.results[0]): found}
    for blob in view.results:
        given = found[view.result_name(blob)].detach()
        torch.testing.assert_close(given, torch.from_numpy(single[blob.name]), equal_nan=True)
    for name, given in arguments.items():
        assert torch.equal(given, tensors[name])
    check_backward(found)


def _pass(
    network: Any,
    view: Graph,
    tensors: Mapping[str, torch.Tensor],
    sizes: dict[str, Size],
    counter: FlopCounterMode | None = None,
) -> dict[str, Array]:
    """Every blob of a forward pass in one phase; their shapes are as predicted."""
    network.model.train(view.view is Phase.TRAIN)
    arguments = {blob.name: tensors[blob.name] for blob in view.inputs}
    with torch.no_grad():
        if counter is None:
            network.model(**arguments)
        else:
            with counter:
                network.model(**arguments)
    blobs = network.blobs
    for node in view:
        for blob in node.tops:
            made = tuple(blobs[blob.name].shape)
            sizes = with_rows(sizes, blob.shape, made)
            predicted = tuple(substitute(size, sizes) for size in blob.shape)
            assert made == predicted, blob.name
    given = {name: each.numpy() for name, each in blobs.items()}
    return given | {name: each.numpy() for name, each in arguments.items()}


def with_rows(sizes: Mapping[str, Size], shape: Shape, made: tuple[int, ...]) -> dict[str, Size]:
    """The sizes, and what a layer counted when it ran, where that first stands."""
    pairs = zip(shape, made, strict=True)
    rows = {str(size): number for size, number in pairs if is_mere_symbol(size)}
    return {**rows, **sizes}


def _macs(graph: Graph, sizes: dict[str, Size]) -> Size:
    """Multiply-accumulates of a whole batch."""
    total: Size = 0
    for node in graph:
        bottoms = [blob.type for blob in node.bottoms]
        tops = [blob.type for blob in node.tops]
        total = total + node.layer.work(bottoms, tops).macs
    return substitute(total, sizes)


def run_onnx(
    graph: Graph, weights: Weights, inputs: Mapping[str, Array], every: bool
) -> dict[str, Array]:
    """The results of the TEST phase in ONNX Runtime, or every blob."""
    try:
        model = to_model(graph, Options(weights))
    except SpecError as error:
        codes = {each.code for each in error.diagnostics}
        # A Permute may have moved the batch to where a layer wants a known size.
        read = (blob for node in graph for blob in node.bottoms)
        is_open = any(symbols(size) for blob in read for size in blob.shape[1:])
        if codes == {"not-lowerable"} and is_open:
            raise TooOpen from error
        raise
    onnx.checker.check_model(model)
    view = graph.phase(Phase.TEST)
    results = {view.result_name(blob): blob.name for blob in view.results}
    values = {value.name: value for value in model.graph.value_info}
    if every:
        inner = (blob.name for node in view for blob in node.tops)
        model.graph.output.extend(values[name] for name in inner if name in values)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    names = [each.name for each in session.get_outputs()]
    given = {each.name: inputs[each.name] for each in session.get_inputs()}
    found = session.run(names, given)
    return {results.get(name, name): each for name, each in zip(names, found, strict=True)}


def check_close(found: Blobs, single: Blobs, double: Blobs, shake: Callable[[], Blobs]) -> None:
    """ONNX Runtime's values agree with PyTorch's, relative to the largest of a blob.

    Where float32 is too coarse for that, they are held against PyTorch's in float64: they may be
    off by a few times what PyTorch's own float32 is, or what rounding behind every layer makes.
    """
    for name, values in found.items():
        assert values.shape == single[name].shape, name
        assert values.dtype == single[name].dtype, name
    apart = {n: min(gap(v, single[n]), gap(v, double[n])) for n, v in found.items()}
    bounds = {n: max(TOLERANCE, SLACK * gap(single[n], double[n])) for n in found}
    if any(apart[name] > bounds[name] for name in found):
        shaken = shake()
        for name in found.keys() & shaken.keys():
            bounds[name] = max(bounds[name], SLACK * gap(shaken[name], double[name]))
    for name in found:
        assert apart[name] <= bounds[name], f"{name}: {apart[name]:.2g} apart"


def gap(one: Array, other: Array) -> float:
    """The largest difference relative to the largest magnitude; equal ones that aren't finite
    don't differ.
    """
    here, there = one.astype(np.float64), other.astype(np.float64)
    finite = np.isfinite(there)
    same = (here == there) | (np.isnan(here) & np.isnan(there))
    if not (same | (finite & np.isfinite(here))).all():
        return float("inf")
    difference = np.abs(np.subtract(here, there, where=~same, out=np.zeros_like(here)))
    largest = difference.max(initial=0.0)
    magnitude = np.abs(there[finite]).max(initial=0.0)
    return float(largest / magnitude) if largest else 0.0
