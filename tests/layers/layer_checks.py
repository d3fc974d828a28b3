"""What a layer must stand: its numbers in PyTorch and ONNX Runtime, its weights and its costs."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from netspec.elaborate.conditions import check_known
from netspec.graph import Graph, Phase, Shape, Size, TensorType
from netspec.layers import Layer, LayerError
from netspec.layers.bottoms import require_elements
from netspec.lower.torch import to_torch
from netspec.lower.values import Array
from netspec.lower.weights import Weights
from tests.graphs import Builder, H, N, W
from tests.lower.onnx.checks import OPSETS, checked_model, run
from tests.lower.torch.checks import checked_source

Sizes = tuple[Size, ...]
Reference = Callable[..., Tensor]
"""Of the bottoms and, by the last parts of their names, the weights; all of float64."""

KNOWN: dict[Size, int] = {N: 2, H: 5, W: 6}
"""What the tests put for symbolic sizes."""


def types(*shapes: Sizes) -> list[TensorType]:
    return [TensorType(Shape(shape)) for shape in shapes]


def layer_graph(layer: Layer, *shapes: Sizes) -> Graph:
    """The layer alone, called `here`, on inputs of those shapes."""
    builder = Builder()
    inputs = [builder.input(f"in{number}", *shape) for number, shape in enumerate(shapes)]
    return builder.graph(builder.layer("here", layer, *inputs))


def values_for(shape: Sizes, number: int = 0, *, positive: bool = False) -> NDArray[np.float32]:
    """Input values on both sides of zero, or above it; the same every time."""
    sizes = [KNOWN.get(size, size) for size in shape]
    values = np.random.default_rng(number).standard_normal(sizes, np.float32)  # type: ignore[arg-type]
    return np.asarray(2 * np.abs(values) + 0.1 if positive else 2 * values, np.float32)


def weights_at_random(graph: Graph) -> Weights:
    """All positive, as a variance must be; no two alike."""

    def values(name: str, shape: tuple[int, ...], dtype: str) -> Array:
        seed = list(name.encode())
        return np.asarray(np.random.default_rng(seed).random(shape) + 0.5, dtype)

    return Weights({p.name: partial(values, p.name, p.shape, p.dtype) for p in graph.parameters})


def check_numbers(
    layer: Layer,
    shapes: Sequence[Sizes],
    reference: Reference,
    *,
    positive: bool = False,
    opsets: Sequence[int] = OPSETS,
    source: bool = True,
) -> None:
    """The TEST phase's numbers: PyTorch's in float64, and ONNX Runtime's at every opset.

    `source` also checks what is emitted: its text, shapes and names.
    """
    graph = layer_graph(layer, *shapes)
    if source:
        checked_source(graph)
    weights = weights_at_random(graph)
    inputs = [values_for(s, number, positive=positive) for number, s in enumerate(shapes)]
    tensors = [torch.from_numpy(value).double() for value in inputs]
    model = to_torch(graph).eval()
    model.load_state_dict({name: torch.from_numpy(weights[name]) for name in weights})
    held = {name.rpartition(".")[2]: torch.from_numpy(weights[name]).double() for name in weights}
    expected = reference(*tensors, **held).numpy()
    with torch.no_grad():
        actual = model.double()(*tensors).numpy()
    assert actual.shape == expected.shape
    np.testing.assert_allclose(actual, expected, rtol=1e-7, atol=1e-8)
    for opset in opsets:
        (actual,) = run(checked_model(graph, weights, opset), *inputs)
        assert actual.shape == expected.shape
        np.testing.assert_allclose(actual, expected, rtol=1e-5, atol=2e-6, err_msg=str(opset))


def check_gradients(layer: Layer, *shapes: Sizes, inputs: Sequence[Tensor] | None = None) -> None:
    """In training every input and every weight gets a finite gradient."""
    model = to_torch(layer_graph(layer, *shapes)).train()
    tensors = inputs or [torch.from_numpy(values_for(shape)) for shape in shapes]
    for tensor in tensors:
        tensor.requires_grad_()
    model(*tensors).square().sum().backward()
    for tensor in (*tensors, *model.parameters()):
        assert tensor.grad is not None
        assert tensor.grad.isfinite().all()


def held(layer: Layer, *shapes: Sizes) -> dict[str, tuple[int, ...]]:
    """The shapes of the layer's weights and buffers."""
    bottoms = types(*shapes)
    layer.outputs(bottoms)
    return {weight.suffix: weight.shape for weight in layer.weights(bottoms)}


def flops(layer: Layer, *shapes: Sizes) -> Size:
    """For one item of the batch, as the graph counts; there are no multiply-accumulates."""
    node = layer_graph(layer, *shapes).phase(Phase.TEST).nodes[0]
    assert node.macs == 0
    return node.flops


def refusal(layer: Layer, *shapes: Sizes, dtype: str = "float32") -> LayerError:
    """Why a layer can't be built on these bottoms, or at all."""
    mistakes = list(layer.check())
    if mistakes:
        return mistakes[0]
    bottoms = [TensorType(Shape(shape), dtype) for shape in shapes]
    with pytest.raises(LayerError) as caught:
        _accept(layer, bottoms)
    return caught.value


def _accept(layer: Layer, bottoms: list[TensorType]) -> None:
    require_elements(layer, bottoms)
    layer.outputs(bottoms)
    check_known(layer, bottoms)
