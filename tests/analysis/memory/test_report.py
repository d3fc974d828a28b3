"""The figures of a network, as users have them, and the largest batch that fits."""

import dataclasses
import re
from typing import Any

import pytest

import netspec
from netspec import Network
from netspec.analysis.memory.batch import Open
from netspec.analysis.memory.budget import largest_batch
from netspec.analysis.memory.passes import forward, step
from netspec.analysis.memory.tensors import weight_bytes
from netspec.graph import Size
from netspec.graph.sizes import substitute

GIBI = 2**30


def net(inputs: str, *layers: str) -> Network:
    listed = "".join(f"  - {{{each}}}\n" for each in layers)
    return netspec.loads(f"netspec: 1\nname: Net\ninputs: {{{inputs}}}\nlayers:\n{listed}")


SMALL = net(
    "data: [N, 3, 8, 8]",
    "name: conv, type: Convolution, num_output: 4, kernel_size: 3, bias_term: false",
    "name: bn, type: BatchNorm",
    "name: relu, type: ReLU",
    "name: fc, type: InnerProduct, num_output: 10",
)
IMAGE, MAP = 3 * 8 * 8, 4 * 6 * 6
"""Elements of an input, and of what the layers give behind it."""
WEIGHTS = 4 * 3 * 9 + 4 + 4 + (MAP + 1) * 10
BUFFERS = 4 * (4 + 4) + 8
"""Bytes: running means and variances, and a count of batches, which is an int64."""


def test_a_small_network_by_hand() -> None:
    found = SMALL.memory(batch=5, optimizer="AdamW")
    assert found.weight_bytes == 4 * WEIGHTS + BUFFERS
    assert found.activation_bytes == 4 * 5 * (3 * MAP + 10)
    # The rectifier writes over what BatchNorm gave.
    assert found.inference_peak_bytes == found.weight_bytes + 4 * 5 * (IMAGE + 2 * MAP)
    assert (found.inference_peak.during, found.inference_peak.layer) == ("forward", "bn")
    # What conv gave, what bn gave, and the mean and deviation of the batch.
    assert found.saved_bytes == 4 * (5 * 2 * MAP + 2 * 4)
    assert found.gradient_bytes == 4 * WEIGHTS
    assert found.optimizer_bytes == 2 * 4 * WEIGHTS + 4 * 5
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.batch = 6  # type: ignore[misc]


def test_where_the_most_is() -> None:
    """Of few items weights are the most, in the optimizer's step; of many what autograd keeps."""
    few, many = SMALL.memory(batch=1), SMALL.memory(batch=1000)
    assert (few.training_peak.during, few.training_peak.layer) == ("step", None)
    assert few.training_peak.largest[0] == ("optimizer state", 2 * 4 * WEIGHTS + 4 * 5)
    step_takes = few.weight_bytes + few.gradient_bytes + few.optimizer_bytes + 4 * WEIGHTS
    assert few.peak_bytes == step_takes + 4 * (IMAGE + 10)
    assert (many.training_peak.during, many.training_peak.layer) == ("backward", "relu")
    assert dict(many.training_peak.largest)["made by conv"] == 4 * 1000 * MAP


def test_momentum_takes_no_more_in_its_step() -> None:
    found = SMALL.memory(1, "momentum")
    assert found.optimizer_bytes == found.gradient_bytes == 4 * WEIGHTS
    assert SMALL.memory(1, "SGD").optimizer_bytes == 0


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_half_the_bytes(precision: Any) -> None:
    """Of all but the count of batches: the module is converted, and runs without autocast."""
    whole, half = SMALL.memory(100), SMALL.memory(100, precision=precision)
    assert 2 * (half.weight_bytes - 8) == whole.weight_bytes - 8
    assert 2 * (half.inference_peak_bytes - 8) == whole.inference_peak_bytes - 8
    assert 2 * half.activation_bytes == whole.activation_bytes
    assert half.gradient_bytes == whole.gradient_bytes
    assert half.optimizer_bytes == whole.optimizer_bytes
    kept, most = half.saved_bytes, whole.saved_bytes
    assert isinstance(kept, int)
    assert isinstance(most, int)
    assert kept < most


def test_the_batch() -> None:
    fixed = net("data: [4, 6]", "name: fc, type: InnerProduct, num_output: 2")
    assert fixed.memory().batch == fixed.memory(4).batch == 4
    assert SMALL.memory().batch == 1
    with pytest.raises(ValueError, match="`batch` is 4 in the spec: its inputs hold no symbol"):
        fixed.memory(32)
    with pytest.raises(ValueError, match="the batch is 4 in the spec: its inputs hold no symbol"):
        largest_batch(fixed, GIBI)


def test_open_sizes() -> None:
    graph = net("data: [N, 3, H, 32*W]", "name: relu, type: ReLU")
    message = (
        "the most that is alive at once depends on H and W: "
        "load it with inputs={'data': ['N', 3, 224, 224]}"
    )
    found = graph.memory(2)
    for figure in ("inference_peak_bytes", "inference_peak", "peak_bytes", "training_peak"):
        with pytest.raises(Open, match=f"^{re.escape(message)}$") as caught:
            getattr(found, figure)
        assert caught.value.options == "--input data=Nx3x224x224"
        assert found.to_json()[figure] is None
    assert str(found.activation_bytes) == found.to_json()["activation_bytes"] == "768*H*W"
    with pytest.raises(Open):
        largest_batch(graph, GIBI)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("name", ["resnet18", "vgg11", "mobilenet_v2"])
def test_what_is_a_sum_is_a_formula_in_open_sizes(name: str, precision: Any) -> None:
    found = netspec.load(name, inputs={"data": ["N", 3, "H", "W"]}).memory(3, "AdamW", precision)
    for height, width in ((64, 96), (33, 51)):
        fixed = netspec.load(name, inputs={"data": ["N", 3, height, width]})
        known = fixed.memory(3, "AdamW", precision)
        sizes: dict[str, Size] = {"H": height, "W": width}
        assert substitute(found.activation_bytes, sizes) == known.activation_bytes
        assert substitute(found.saved_bytes, sizes) == known.saved_bytes
        assert found.weight_bytes == known.weight_bytes
        assert found.gradient_bytes == known.gradient_bytes
        assert found.optimizer_bytes == known.optimizer_bytes


def test_rows_that_show_when_it_runs() -> None:
    graph = netspec.load("ssd300")
    message = "depends on detection_out.rows, which shows only when it runs"
    with pytest.raises(Open, match=re.escape(message)):
        forward(graph.phase("TEST"), {"N": 1, "G": 1}).peak()
    found = netspec.load("ssd300", inputs={"label": [9, 6]}).memory()
    with pytest.raises(Open, match=re.escape(message)):
        _ = found.inference_peak
    assert str(found.saved_bytes) == "32*mbox_loss.rows + 142659300"


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"batch": "two"}, TypeError, "`batch` should be an integer, not 'two'"),
        ({"batch": 0}, ValueError, "`batch` should be at least 1, not 0"),
        ({"optimizer": "adam"}, ValueError, "`optimizer` should be 'SGD', 'momentum', 'Adam' or"),
        ({"precision": "half"}, ValueError, "`precision` should be 'float32', 'bfloat16' or"),
    ],
)
def test_what_can_not_be_asked(given: dict[str, Any], error: Any, message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        SMALL.memory(**given)


@pytest.mark.parametrize("optimizer", [None, "SGD", "Adam"])
@pytest.mark.parametrize("budget", [2**20, 3 * 2**20 + 1, GIBI])
def test_the_largest_batch_fits_and_one_more_does_not(budget: int, optimizer: str | None) -> None:
    found = largest_batch(SMALL, budget, optimizer)

    def takes(batch: int) -> int:
        if optimizer is None:
            return forward(SMALL, {"N": batch}).peak().bytes
        return step(SMALL, {"N": batch}, optimizer).peak().bytes

    assert takes(found) <= budget < takes(found + 1)


def test_a_budget_that_is_too_small_or_just_enough() -> None:
    needed = SMALL.memory().inference_peak_bytes
    assert largest_batch(SMALL, needed) == 1
    assert largest_batch(SMALL, needed - 1) == 0
    assert largest_batch(SMALL, 0) == 0


def test_layers_of_training_alone() -> None:
    """The heads of GoogLeNet that only training has count there, and not in use."""
    graph = netspec.load("googlenet")
    found = graph.memory()
    assert found.weight_bytes == 4 * graph.params
    assert found.gradient_bytes == 4 * graph.phase("TRAIN").params > 4 * graph.params
    assert weight_bytes(graph) == found.gradient_bytes


def test_json() -> None:
    found = SMALL.memory(2).to_json()
    names = ["batch", "optimizer", "precision", "weight_bytes", "activation_bytes"]
    names += ["inference_peak_bytes", "saved_bytes", "gradient_bytes", "optimizer_bytes"]
    assert [*found] == [*names, "peak_bytes", "inference_peak", "training_peak"]
    peak = found["inference_peak"]
    assert peak["bytes"] == found["inference_peak_bytes"]
    assert [*peak] == ["bytes", "during", "layer", "largest"]
    assert {"what": "weights", "bytes": found["weight_bytes"]} in peak["largest"]
