"""What passes ask of layers, answered by those of other packages as by netspec's own."""

from pathlib import Path

import numpy as np
import pytest
import torch

from netspec import loads
from netspec.lower.onnx.model import to_model
from netspec.lower.onnx.options import Options
from netspec.network import Network
from tests.checking import found
from tests.lower.onnx.checks import image, run, weights_at_random
from tests.plugins.site import HEAD, LAYER, TWICE, install

HELP = """
from netspec.graph.scales import ChannelScale
from netspec.graph.fillers import ONES, ZEROS
from netspec.layers.base import Giver, Lint, Weight
from netspec.lower.torch.code import Name, Operation, call
from netspec.lower.torch.registry import Lowered
"""


def install_twice(site: Path, members: str, torch: str = "", onnx: str = "") -> None:
    """The package of a layer `Twice` with these members of its class and these lowerings."""
    code = HEAD + HELP + LAYER + members
    points = {"netspec.layers": {"Twice": "twice:Twice"}}
    if torch:
        points["netspec.lower.torch"] = {"Twice": "twice:to_torch"}
        code += f"\ndef to_torch(layer, node):\n    return {torch}\n"
    if onnx:
        points["netspec.lower.onnx"] = {"Twice": "twice:to_onnx"}
        code += f"\ndef to_onnx(layer, to):\n{onnx}\n"
    install(site, "twice", points, code)


def folded_nodes(network: Network, *shape: int) -> list[str]:
    """The nodes of the model for inference, which gives what the whole one gives."""
    weights = weights_at_random(network)
    whole = to_model(network, Options(weights))
    simple = to_model(network, Options(weights, fold_batchnorm=True))
    x = image(*shape)
    for one, other in zip(run(simple, x), run(whole, x), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-4)
    return [node.name for node in simple.graph.node]


def test_is_identity_in_test(here: Path) -> None:
    members = "    is_identity_in_test: ClassVar = True\n"
    install_twice(here, members, onnx="    to.top('Identity', to.bottoms)")
    text = TWICE.replace("}]", "}, {name: b, type: ReLU}]")
    assert folded_nodes(loads(text), 2, 3) == ["b"]


PRODUCT = """
    bias_term: bool = False
    def weights(self, bottoms):
        both = Weight("weight", (3,), ONES), Weight("bias", (3,), ZEROS)
        return both if self.bias_term else both[:1]
    def takes_in_scale(self, bottoms):
        return 0
"""
TO_PRODUCT = """
    inputs, type = [to.bottoms[0], to.weight("weight")], to.node.tops[0].type
    if layer.bias_term:
        to.top("Add", [to.step("scaled", "Mul", inputs, type), to.weight("bias")])
    else:
        to.top("Mul", inputs)
"""


@pytest.mark.parametrize("bias", ["true", "false"])
def test_takes_in_scale(bias: str, here: Path) -> None:
    install_twice(here, PRODUCT, onnx=TO_PRODUCT)
    text = TWICE.replace("Twice}]", f"Twice, bias_term: {bias}}}, {{name: b, type: BatchNorm}}]")
    assert folded_nodes(loads(text), 2, 3) == ["a/scaled", "a"]


SHIFTED = """
    def weights(self, bottoms):
        return Weight("gain", (3,), ONES), Weight("offset", (3,), ZEROS)
    scale_in_test: ClassVar = ChannelScale(factor="gain", shift="offset")
"""
TO_SHIFTED = """
    inputs, type = [to.bottoms[0], to.weight("gain")], to.node.tops[0].type
    to.top("Add", [to.step("scaled", "Mul", inputs, type), to.weight("offset")])
"""


def test_scale_in_test(here: Path) -> None:
    install_twice(here, SHIFTED, onnx=TO_SHIFTED)
    text = TWICE.replace("[{name: a", "[{name: fc, type: InnerProduct, num_output: 3}, {name: a")
    assert folded_nodes(loads(text), 2, 3) == ["fc"]


def test_a_layer_that_takes_in_a_scale_and_is_one(here: Path) -> None:
    scale = '    scale_in_test: ClassVar = ChannelScale(factor="weight")\n'
    install_twice(here, PRODUCT + scale, onnx=TO_PRODUCT)
    text = TWICE.replace("}]", "}, {name: b, type: Twice}, {name: c, type: Twice}]")
    assert folded_nodes(loads(text), 2, 3) == ["a/scaled", "a", "c"]


CONVOLUTION = """
netspec: 1
name: Net
inputs: {data: [N, 3, 4, 4]}
layers: [{name: a, type: Twice}, {name: b, type: BatchNorm}]
"""
TO_CONVOLUTION = 'Lowered(call("nn.Conv2d", Name("3"), Name("3"), Name("1"), bias=Name("False")))'
WEIGHT = """
    def weights(self, bottoms):
        return (Weight("weight", (3, 3, 1, 1), ONES),)
"""


@pytest.mark.parametrize("takes", [True, False])
def test_a_convolution_of_a_module_for_use_alone(takes: bool, here: Path) -> None:
    members = WEIGHT + "    def takes_in_scale(self, bottoms):\n        return 0\n" * takes
    install_twice(here, members, TO_CONVOLUTION)
    network = loads(CONVOLUTION)
    source = network.to_source(inference=True)
    assert ("pairwise(layers)" in source) == takes
    x = torch.randn(2, 3, 4, 4)
    weights = weights_at_random(network)
    folded = network.to_torch(weights=weights, inference=True)
    assert isinstance(folded.b, torch.nn.Identity) == takes
    torch.testing.assert_close(folded(x), network.to_torch(weights=weights).eval()(x))


RESIDUAL = """
netspec: 1
name: Net
inputs: {data: [N, 3]}
blocks:
  unit:
    layers:
      - {name: fc, type: InnerProduct, num_output: 3}
      - {name: relu, type: ReLU}
      - {name: fc2, type: InnerProduct, num_output: 3}
      - {name: sum, type: Twice, bottom: [fc2, input]}
layers: [{name: a, type: unit}, {name: b, type: unit}]
"""
JOINED = """
    bottom_count = (2, None)
"""
TO_JOINED = 'Lowered(function=lambda x: Operation(tuple(x), ("+",)), overwritable=True)'


@pytest.mark.parametrize("adds", [True, False])
def test_adds(adds: bool, here: Path) -> None:
    install_twice(here, JOINED + "    adds: ClassVar = True\n" * adds, TO_JOINED)
    source = loads(RESIDUAL).to_source()
    assert ("fc2 = self.fc2(relu)" in source) != adds


def test_loss_factor(here: Path) -> None:
    members = "    loss_factor: ClassVar = 0.5\n"
    install_twice(here, members, "Lowered(function=lambda x: x[0])")
    text = TWICE.replace("Twice}]", "Twice, phase: TRAIN}, {name: b, type: ReLU, bottom: data}]")
    network = loads(f"{text}outputs: b\n")
    assert dict(network.losses) == {"a": 0.5}
    assert list(network.to_torch().train()(torch.ones(2, 3))) == ["b", "a"]
    (mistake,) = found(TWICE)
    assert mistake.message == "Twice is a loss, which the TRAIN phase alone has"


LINTING = """
    def lints(self, bottoms, givers):
        if givers[0] is not None and givers[0].alone and givers[0].layer.adds_bias:
            message = "`{here}` takes away the bias of `{0}`"
            yield Lint("bias-before-batchnorm", message, "leave it out", bottom=0)
"""
BIASED = TWICE.replace("[{name: a", "[{name: fc, type: InnerProduct, num_output: 3}, {name: a")


def test_lints(here: Path) -> None:
    install_twice(here, LINTING)
    (warning,) = found(BIASED)
    assert (warning.code, warning.path) == ("bias-before-batchnorm", "fc")
    assert (warning.message, warning.help) == ("`a` takes away the bias of `fc`", "leave it out")
    assert found(BIASED.replace("Product,", "Product, allow: [bias-before-batchnorm],")) == []
    assert found(TWICE) == []


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("givers[9]", "IndexError: list index out of range"),
        ("[Lint('odd', 'It is odd.')]", "ValueError: `odd` is no warning"),
        ("[Lint('unused-var', '{9}')]", "IndexError: Replacement index 9 out of range"),
    ],
)
def test_lints_that_fail(code: str, message: str, here: Path) -> None:
    install_twice(here, f"    def lints(self, bottoms, givers):\n        return {code}\n")
    (mistake,) = found(TWICE)
    assert mistake.code == "unknown-type"
    assert f"the custom layer `Twice` fails with {message}" in mistake.message


def test_adds_bias(here: Path) -> None:
    install_twice(here, "    adds_bias: ClassVar = True\n")
    (warning,) = found(TWICE.replace("}]", "}, {name: b, type: BatchNorm}]"))
    assert warning.message == "the bias of `a` is taken away again by `b`"


def test_scales_channels(here: Path) -> None:
    install_twice(here, "    scales_channels: ClassVar = True\n")
    (warning,) = found(TWICE.replace("}]", "}, {name: b, type: Scale}]"))
    assert warning.message == "`b` scales channels that `a` has scaled already"


def test_gives_distribution(here: Path) -> None:
    install_twice(here, "    gives_distribution = True\n")
    text = """netspec: 1
name: Net
inputs: {data: [N, 3], label: {shape: [N], dtype: int64, phase: TRAIN}}
layers:
  - {name: a, type: Twice, bottom: data}
  - {name: loss, type: SoftmaxWithLoss, bottom: [a, label], phase: TRAIN}
outputs: a
"""
    (warning,) = found(text)
    assert warning.code == "softmax-before-loss"


LINEAR = '''
TEXT = """
class Linear(nn.Module):
    bias: nn.Parameter | None

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(3))
        self.bias = nn.Parameter(torch.ones(3))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.weight
"""
'''


@pytest.mark.parametrize("optional", [True, False])
def test_optional_bias(optional: bool, here: Path) -> None:
    members = """
    def weights(self, bottoms):
        return Weight("weight", (3,), ONES), Weight("bias", (3,), ZEROS)
"""
    lowered = f'Lowered(call("Linear"), helper="Linear", text=TEXT, optional_bias={optional})'
    install_twice(here, members + LINEAR, lowered)
    source = loads(TWICE).to_source()
    assert ("if module.bias is not None:" in source) == optional


@pytest.mark.parametrize(("spatial", "name"), [(True, "in_channels"), (False, "in_length")])
def test_spatial(spatial: bool, name: str, here: Path) -> None:
    install_twice(here, f"    spatial = {spatial}\n", "Lowered(function=lambda x: x[0])")
    text = """netspec: 1
name: Net
inputs: {data: [N, 3, L]}
blocks: {b: {layers: [{name: t, type: Twice}, {name: r, type: PReLU}]}}
layers: [{name: one, type: b}]
"""
    assert f"def __init__(self, {name}: int) -> None:" in loads(text).to_source()
