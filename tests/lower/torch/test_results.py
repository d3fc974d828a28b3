"""What `forward` takes and gives: phases, losses, several inputs and results, reuse, sharing."""

import pytest
import torch
import torch.nn.functional as F

import netspec
from netspec.lower.torch import instrumented, to_source, to_torch
from tests.lower.torch.checks import check_text, checked_source
from tests.lower.torch.specs import INCEPTION

LOSS = """
netspec: 1
name: Classifier
inputs:
  data: [N, 3, 8, 8]
  label: {shape: [N], dtype: int64, phase: TRAIN}
layers:
  - {name: conv, type: Convolution, num_output: 4, kernel_size: 3}
  - {name: fc, type: InnerProduct, num_output: 5}
  - {name: loss, type: SoftmaxWithLoss, bottom: [fc, label], phase: TRAIN, FIELDS
     allow: [unused-layer]}
outputs: [fc]
"""


def test_training_heads_are_given_in_training_alone() -> None:
    graph = netspec.loads(INCEPTION)
    source = checked_source(graph)
    assert "-> Tensor | dict[str, Tensor]:" in source
    model = to_torch(graph)
    data = torch.randn(2, 3, 32, 32)
    trained, used = model(data), model.eval()(data)
    assert [*trained] == [graph.result_name(blob) for blob in graph.results]
    torch.testing.assert_close(used, trained[graph.result_name(graph.results[0])])


def test_a_loss_needs_its_label() -> None:
    graph = netspec.loads(LOSS.replace("FIELDS", ""))
    source = to_source(graph)
    check_text(source)
    assert "label: Tensor | None = None" in source
    assert "if self.training and label is not None:" in source
    model = to_torch(graph)
    data, label = torch.randn(4, 3, 8, 8), torch.tensor([0, 4, 2, 2])
    given = model(data, label)
    assert [*given] == ["fc", "loss"]
    torch.testing.assert_close(given["loss"], F.cross_entropy(given["fc"], label))
    torch.testing.assert_close(model(data), given["fc"])
    torch.testing.assert_close(model.eval()(data, label=label), given["fc"])


GROUPED = """
  - name: g
    layers:
      - {name: c, type: Convolution, num_output: 3, kernel_size: 1}
      - {name: l, type: EuclideanLoss, bottom: [c, aim], phase: TRAIN}
      - {name: d, type: Convolution, bottom: c, num_output: 3, kernel_size: 1}
"""
DOTTED = """
  - {name: g.c, type: Convolution, num_output: 3, kernel_size: 1}
  - {name: g.l, type: EuclideanLoss, bottom: [g.c, aim], phase: TRAIN}
  - {name: g.d, type: Convolution, bottom: g.c, num_output: 3, kernel_size: 1}
"""


@pytest.mark.parametrize(
    "layers", [GROUPED, GROUPED.replace("name: g\n", "name: g\n    repeat: 2\n"), DOTTED]
)
def test_a_loss_in_the_midst_of_what_both_phases_have(layers: str) -> None:
    """What is given without the input that the loss needs is given all the same."""
    inputs = "{data: [N, 3, 4, 4], aim: {shape: [N, 3, 4, 4], phase: TRAIN}}"
    end = "  - {name: e, type: Sigmoid}\n"
    graph = netspec.loads(f"netspec: 1\nname: Net\ninputs: {inputs}\nlayers:{layers}{end}")
    checked_source(graph)
    model, data, aim = to_torch(graph), torch.randn(2, 3, 4, 4), torch.randn(2, 3, 4, 4)
    given = model(data, aim)
    assert [*given] == ["e", *graph.losses]
    assert torch.equal(given["e"], model(data))
    assert torch.equal(given["e"], model.eval()(data))


def test_such_a_group_with_a_constant() -> None:
    inputs = "{data: [N, 3, 4, 4], aim: {shape: [N, 3, 4, 4], phase: TRAIN}}"
    constant = "      - {name: s, type: Constant, shape: [3], value: 1}\n"
    constant += "      - {name: t, type: Bias, bottom: [data, s], axis: 1}\n"
    layers = GROUPED.replace("layers:\n", f"layers:\n{constant}")
    graph = netspec.loads(f"netspec: 1\nname: Net\ninputs: {inputs}\nlayers:{layers}")
    with pytest.raises(netspec.SpecError) as caught:
        to_torch(graph)
    (found,) = caught.value.diagnostics
    assert found.message == (
        "`g` holds constants, and a layer of one phase reads an input of that phase there: "
        "PyTorch has no container for that"
    )


@pytest.mark.parametrize(
    ("fields", "divisor"),
    [
        ("normalization: NONE", 1),
        ("normalization: BATCH_SIZE", 4),
        ("normalization: FULL", 4),
        ("ignore_label: 2", 2),
        ("ignore_label: 2, normalization: FULL", 4),
        ("ignore_label: 2, normalization: BATCH_SIZE", 4),
        ("ignore_label: 2, normalization: NONE", 1),
    ],
)
def test_a_loss_divides_as_asked(fields: str, divisor: int) -> None:
    graph = netspec.loads(LOSS.replace("FIELDS", f"{fields},"))
    check_text(to_source(graph))
    label = torch.tensor([0, 4, 2, 2])
    given = to_torch(graph)(torch.randn(4, 3, 8, 8), label)
    ignored = 2 if "ignore" in fields else -100
    total = F.cross_entropy(given["fc"], label, ignore_index=ignored, reduction="sum")
    torch.testing.assert_close(given["loss"], total / divisor)


def test_reuse_and_sharing() -> None:
    graph = netspec.loads("""
netspec: 1
name: Siamese
inputs: {left: [N, 1, 8, 8], right: [N, 1, 8, 8]}
blocks:
  tower:
    layers:
      - {name: conv, type: Convolution, num_output: 4, kernel_size: 3, param: [{lr_mult: 0}]}
      - {name: relu, type: ReLU}
      - {name: twice, reuse: relu}
layers:
  - {name: tower, type: tower, bottom: left}
  - {name: tower_right, reuse: tower, bottom: right}
  - {name: fc1, type: InnerProduct, num_output: 3, bottom: tower,
     param: [{name: w}, {lr_mult: 0}]}
  - {name: fc2, type: InnerProduct, num_output: 3, bottom: tower_right, param: [{name: w}]}
  - {name: sum, type: Eltwise, operation: MAX, bottom: [fc1, fc2]}
""")
    source = checked_source(graph)
    assert "self.fc2.weight = self.fc1.weight" in source
    model = to_torch(graph).eval()
    left, right = torch.randn(2, 1, 8, 8), torch.randn(2, 1, 8, 8)

    def tower(x: torch.Tensor) -> torch.Tensor:
        conv = model.get_submodule("tower.conv")
        return conv(x).relu().flatten(1)  # type: ignore[no-any-return]

    weight = model.get_parameter("fc1.weight").T
    one = tower(left) @ weight + model.get_parameter("fc1.bias")
    other = tower(right) @ weight + model.get_parameter("fc2.bias")
    torch.testing.assert_close(model(left, right), torch.maximum(one, other))

    watched = instrumented(graph)
    watched.model.load_state_dict(model.state_dict())
    watched.model.eval()(left, right)
    assert [*watched.blobs] == [blob.name for node in graph.nodes for blob in node.tops]
    torch.testing.assert_close(watched.blobs["fc1"], one)
    torch.testing.assert_close(watched.blobs["fc2"], other)


def test_deep_weights_are_tied_and_frozen() -> None:
    graph = netspec.loads("""
netspec: 1
name: Deep
inputs: {data: [N, 4, 8, 8]}
layers:
  - name: group
    layers:
      - {type: Convolution, num_output: 4, kernel_size: 1, param: [{name: w}]}
      - {type: ReLU}
      - {type: Convolution, num_output: 4, kernel_size: 1,
         param: [{name: w}, {lr_mult: 0}]}
      - {type: BatchNorm}
      - {type: Convolution, num_output: 4, kernel_size: 1, param: [{lr_mult: 0}, {lr_mult: 0}]}
""")
    source = checked_source(graph)
    assert 'self.get_submodule("group.2").weight = self.get_parameter("group.0.weight")' in source
    assert 'self.get_submodule("group.4").requires_grad_(False)' in source


def test_several_inputs_in_order() -> None:
    graph = netspec.loads("""
netspec: 1
name: Two
inputs: {b: [N, 4], a: [N, 4]}
layers:
  - {name: sum, type: Eltwise, coeff: [1, -1], bottom: [a, b]}
""")
    assert "def forward(self, b: Tensor, a: Tensor) -> Tensor:" in checked_source(graph)
    b, a = torch.randn(2, 4), torch.randn(2, 4)
    torch.testing.assert_close(to_torch(graph)(b, a), a - b)


def test_a_network_called_as_a_class_it_needs() -> None:
    text = """
netspec: 1
name: DropPath
inputs: {data: [N, 3, 4, 4]}
layers:
  - {name: drop, type: DropPath, drop_ratio: 0.5}
"""
    with pytest.raises(netspec.SpecError, match="the network is called `DropPath`"):
        netspec.loads(text).to_source()


DETECTOR = """
netspec: 1
name: Detector
inputs:
  regions: [R, 8]
  classes_of_the_regions: {shape: [R], dtype: int64, phase: TRAIN}
  offsets_of_the_regions: {shape: [R, 4], phase: TRAIN}
  weights_of_the_offsets: {shape: [R, 4], phase: TRAIN}
layers:
  - {name: scores, type: InnerProduct, num_output: 5}
  - {name: offsets, type: InnerProduct, bottom: regions, num_output: 4}
  - {name: loss, type: SoftmaxWithLoss, bottom: [scores, classes_of_the_regions], phase: TRAIN}
  - name: far
    type: SmoothL1Loss
    bottom: [offsets, offsets_of_the_regions, weights_of_the_offsets, weights_of_the_offsets]
    phase: TRAIN
  - {name: found, type: Softmax, bottom: scores, phase: TEST}
outputs: OUTPUTS
"""


@pytest.mark.parametrize("outputs", ["[found, offsets]", "found"])
def test_what_training_gives_without_its_inputs(outputs: str) -> None:
    """It gives less, which the annotation says; what it needs for a loss breaks as an operation."""
    graph = netspec.loads(DETECTOR.replace("OUTPUTS", outputs))
    source = to_source(graph)
    check_text(source)
    assert ") -> Tensor | dict[str, Tensor]:" in source
    assert (
        """
            if (
                offsets_of_the_regions is not None
                and weights_of_the_offsets is not None
            ):
"""
        in source
    )
    model, regions = to_torch(graph), torch.randn(3, 8)
    result = model(regions)
    assert result == {} if outputs == "found" else result.shape == (3, 4)
    given = model(regions, torch.tensor([0, 4, 2]))
    assert [*given] == [*(["offsets"] if "offsets" in outputs else []), "loss"]
