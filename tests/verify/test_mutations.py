"""Faults that are made on purpose, in what either target computes and in what the file holds.

Each must be noticed on fresh weights, without a word about where it might be.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from netspec.graph import Graph, Phase
from netspec.lower.onnx.layers.catalogue import LOWERINGS
from netspec.lower.onnx.model import save
from netspec.lower.onnx.options import Options
from netspec.lower.torch import registry
from netspec.lower.weights import weights_for
from netspec.verify import verify
from tests.verify.networks import loads

CONV = "{name: conv, type: Convolution, num_output: 6, kernel_size: 3, pad: 1}"
NORM = "{name: bn, type: BatchNorm}"
TAIL = "{name: fc, type: InnerProduct, num_output: 6}"

CHANGED: list[tuple[str, dict[str, Any]]] = [
    ("{name: x, type: BatchNorm}", {"eps": 1e-4}),
    ("{name: x, type: BatchNorm, use_global_stats: false}", {"eps": 1e-3}),
    ("{name: x, type: GroupNorm, group: 3}", {"eps": 1e-3}),
    ("{name: x, type: GroupNorm, group: 3}", {"group": 2}),
    ("{name: x, type: InstanceNorm}", {"eps": 1e-3}),
    ("{name: x, type: LayerNorm}", {"eps": 1e-3}),
    ("{name: x, type: MVN}", {"eps": 1e-3}),
    ("{name: x, type: MVN}", {"across_channels": True}),
    ("{name: x, type: Normalize}", {"across_spatial": False}),
    ("{name: x, type: LRN}", {"alpha": 1.1}),
    ("{name: x, type: LRN, alpha: 0.01}", {"beta": 0.5}),
    ("{name: x, type: Softmax}", {"axis": 2}),
    ("{name: x, type: Softmax}", {"axis": 3}),
    ("{name: x, type: LogSoftmax}", {"axis": 2}),
    ("{name: x, type: ReLU}", {"negative_slope": 0.01}),
    ("{name: x, type: ELU}", {"alpha": 1.01}),
    ("{name: x, type: Swish}", {"beta": 1.01}),
    ("{name: x, type: GELU}", {"approximate": "TANH"}),
    ("{name: x, type: Clip, min: -1, max: 1}", {"max": 1.01}),
    ("{name: x, type: Threshold}", {"threshold": 0.05}),
    ("{name: x, type: Power, shift: 1}", {"shift": 1.001}),
    ("{name: x, type: Power, scale: 2}", {"scale": 2.001}),
    ("{name: x, type: Exp}", {"base": 2.0}),
    ("{name: x, type: Pooling, kernel_size: 3, stride: 2}", {"pool": "AVE"}),
    ("{name: x, type: Pooling, pool: AVE, kernel_size: 3, pad: 1}", {"count_include_pad": False}),
    ("{name: x, type: Pooling, kernel_size: 3, stride: 2}", {"pad": (1, 1)}),
    ("{name: x, type: Pooling, kernel_size: 3, stride: 2}", {"stride": (1, 1)}),
    ("{name: x, type: Convolution, num_output: 6, kernel_size: 3, pad: 1}", {"pad": (0, 0)}),
    ("{name: x, type: Convolution, num_output: 6, kernel_size: 3, pad: 2}", {"dilation": (2, 2)}),
    ("{name: x, type: Reduction, axis: 2}", {"operation": "MEAN"}),
    ("{name: x, type: Reduction, axis: 2}", {"coeff": 1.001}),
    ("{name: x, type: ArgMax, axis: 1}", {"axis": 2}),
    ("{name: x, type: Permute, order: [0, 1, 3, 2]}", {"order": (0, 1, 2, 3)}),
    ("{name: x, type: ChannelShuffle, group: 2}", {"group": 3}),
]


def network(layer: str) -> Graph:
    """A layer among others, that is followed by nothing that would hide it."""
    return loads("\n".join(f"  - {each}" for each in (CONV, NORM, layer)))


def names(case: tuple[str, dict[str, Any]]) -> str:
    layer, change = case
    kind = layer.partition("type: ")[2].strip("}").partition(",")[0]
    return f"{kind}-{'-'.join(f'{name}={value}' for name, value in change.items())}"


def changed(lower: Callable[..., Any], change: Mapping[str, Any]) -> Callable[..., Any]:
    """A lowering that takes the layer for another."""

    def lowered(layer: Any, place: Any) -> Any:
        other = layer.model_copy(update=dict(change)) if _is_meant(place) else layer
        return lower(other, place)

    return lowered


def _is_meant(place: Any) -> bool:
    return str(getattr(place, "node", place).path) == "x"


@pytest.mark.parametrize("case", CHANGED, ids=names)
def test_a_file_that_computes_something_else(
    case: tuple[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    layer, change = case
    graph = network(layer)
    kind: Any = type(graph.nodes[2].layer)
    assert verify(graph).ok
    monkeypatch.setitem(LOWERINGS, kind, changed(LOWERINGS[kind], change))
    assert verify(graph).result == "failed"


IN_PYTORCH = [
    each
    for each in CHANGED
    if names(each)
    in (
        "BatchNorm-eps=0.0001",
        "ELU-alpha=1.01",
        "Softmax-axis=2",
        "Pooling-pad=(1, 1)",
        "Convolution-pad=(0, 0)",
    )
]


@pytest.mark.parametrize("case", IN_PYTORCH, ids=names)
def test_a_module_that_computes_something_else(
    case: tuple[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    layer, change = case
    graph = network(layer)
    kind: Any = type(graph.nodes[2].layer)
    lower = registry._REGISTRY.functions[kind]
    monkeypatch.setitem(registry._REGISTRY.functions, kind, changed(lower, change))
    assert verify(graph).result == "failed"


Arrays = Mapping[str, Any]
WEIGHTS: dict[str, Callable[[Arrays], Arrays]] = {
    "a bias for a mean": lambda w: {
        "bn.running_mean": w["bn.bias"],
        "bn.bias": w["bn.running_mean"],
    },
    "a scale for a variance": lambda w: {
        "bn.running_var": w["bn.weight"],
        "bn.weight": w["bn.running_var"],
    },
    "no bias": lambda w: {"conv.bias": 0 * w["conv.bias"]},
    "no mean": lambda w: {"bn.running_mean": 0 * w["bn.running_mean"]},
    "a kernel upside down": lambda w: {"conv.weight": w["conv.weight"][:, :, ::-1].copy()},
    "a kernel on its side": lambda w: {"conv.weight": w["conv.weight"].swapaxes(2, 3).copy()},
    "channels the other way round": lambda w: {"conv.weight": w["conv.weight"][:, ::-1].copy()},
    "a matrix transposed": lambda w: {"again.weight": w["again.weight"].T.copy()},
    "weights of another layer": lambda w: {"again.bias": w["fc.bias"], "fc.bias": w["again.bias"]},
    "weights scaled": lambda w: {"conv.weight": np.float32(0.7) * w["conv.weight"]},
    "weights scaled a little": lambda w: {"fc.weight": np.float32(0.9999) * w["fc.weight"]},
    "a slope for all": lambda w: {"prelu.weight": np.full_like(w["prelu.weight"], 0.25)},
}
HELD = "\n".join(
    f"  - {each}"
    for each in (
        CONV,
        NORM,
        "{name: prelu, type: PReLU}",
        TAIL,
        "{name: again, type: InnerProduct, num_output: 6}",
        "{name: prob, type: Softmax}",
    )
)


@pytest.mark.parametrize("fault", WEIGHTS)
def test_a_file_that_holds_something_else(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def written(graph: Graph, path: Any, options: Options) -> None:
        weights = weights_for(graph, options.weights)
        other = WEIGHTS[fault](weights)
        makers = {name: (lambda values=values: values) for name, values in other.items()}
        save(graph, path, replace(options, weights=weights.overlaid(makers)))

    graph = loads(HELD)
    monkeypatch.setattr("netspec.lower.onnx.running.save", written)
    result = verify(graph)
    assert result.result == "failed"
    assert len(graph.phase(Phase.TEST).results) == len(result.outputs)


def test_what_is_right_is_not_noticed() -> None:
    result = verify(loads(HELD))
    assert result.ok
    assert [each.name for each in result.inner] == ["again"]
