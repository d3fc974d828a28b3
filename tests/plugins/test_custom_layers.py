"""Layers of other packages: the worked example, and everything that can be wrong with one."""

from pathlib import Path

import pytest
import torch

from netspec import SpecError, loads, plugins
from tests.checking import found
from tests.lower.torch.checks import check_init
from tests.plugins.site import (
    EXAMPLE,
    HEAD,
    LAYER,
    TWICE,
    install,
    install_example,
    netspec,
    python,
)

SPEC = EXAMPLE / "wave.yaml"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    install_example(folder)
    return folder


def test_both_back_ends_agree(site: Path) -> None:
    done = netspec(site, "verify", SPEC)
    assert done.returncode == 0, done.stderr
    assert "verified" in done.stdout


def test_the_source_needs_torch_alone(site: Path, tmp_path: Path) -> None:
    source = tmp_path / "wave.py"
    assert netspec(site, "compile", SPEC, "-o", source).returncode == 0
    text = source.read_text()
    assert "class Snake(nn.Module):" in text
    assert "netspec import" not in text
    assert python(tmp_path, "-m", "ruff", "format", "--isolated", "--check", source).returncode == 0
    assert python(tmp_path, "-m", "ruff", "check", "--isolated", source).returncode == 0
    done = python(tmp_path, source)
    assert done.stdout == "torch.Size([1, 10])\n", done.stderr


def test_it_is_listed_and_has_a_page(site: Path) -> None:
    assert "Snake " in netspec(site, "layers").stdout
    page = netspec(site, "layers", "snake").stdout
    assert "Ziyin et al. 2020" in page
    assert "alpha: C" in page
    assert '"Snake"' in netspec(site, "schema").stdout


def test_its_fields_are_checked(site: Path, tmp_path: Path) -> None:
    spec = tmp_path / "net.yaml"
    spec.write_text(SPEC.read_text().replace("filler:", "filer:"))
    done = netspec(site, "check", spec)
    assert "unknown-field" in done.stderr + done.stdout
    assert "did you mean `filler`?" in done.stderr + done.stdout


def test_nothing_is_looked_up_for_built_in_layers(site: Path, tmp_path: Path) -> None:
    spec = tmp_path / "net.yaml"
    spec.write_text("netspec: 1\nname: Net\ninputs: {data: [N, 3]}\nlayers: [{type: ReLU}]\n")
    code = (
        "import sys; from importlib import metadata\n"
        "def refuse(group='', **_): assert not group.startswith('netspec'); return ()\n"
        "metadata.entry_points = refuse\n"
        f"import netspec; netspec.load({str(spec)!r})\n"
        "assert 'snake_layer' not in sys.modules\n"
    )
    assert python(site, "-c", code).returncode == 0


def test_without_the_package_the_type_is_unknown() -> None:
    with pytest.raises(SpecError, match="there is no layer type or block `Snake`"):
        loads(SPEC.read_text())


BROKEN = {
    "no module": ("", "loading `twice:Twice` fails with ModuleNotFoundError"),
    "raises": ("1 / 0", "loading `twice:Twice` fails with ZeroDivisionError"),
    "no class": ("Twice = 1", "it is no subclass of netspec's `Layer`"),
    "another name": (f"{HEAD}{LAYER.replace('Twice', 'Two')}\nTwice = Two", "is called `Two`"),
    "lacks": (
        HEAD + LAYER.replace('    flops_rule = "1 for each element"\n', ""),
        "its class lacks `flops_rule`",
    ),
    "lacks a method": (
        HEAD + LAYER.replace("def work", "def flops"),
        "its class lacks `work`",
    ),
    "fails": (
        HEAD + LAYER + "    def weights(self, bottoms):\n        raise KeyError('w')\n",
        "the custom layer `Twice` fails with KeyError: 'w'",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_layer_is_a_diagnostic(name: str, here: Path) -> None:
    code, message = BROKEN[name]
    install(here, "twice", {"netspec.layers": {"Twice": "twice:Twice"}}, code)
    (mistake,) = found(TWICE)
    assert mistake.code == "unknown-type"
    assert message in mistake.message
    _, problems = plugins.installed()
    assert [message in problem for problem in problems] == [True] * (name != "fails")


LOWERINGS = {
    "none": ("", "Twice can't be expressed in PyTorch"),
    "fails": ("def lower(layer, node): return node.nothing", "fails with AttributeError"),
    "gives": ("def lower(layer, node): return 2", "its lowering to PyTorch gives 2"),
    "no function": ("lower = 1", "it is no function"),
    "helper": (
        "from netspec.lower.torch.registry import Lowered\n"
        "def lower(layer, node): return Lowered(helper='roi_pool', text='x')",
        "netspec has one of that name",
    ),
    "text": (
        "from netspec.lower.torch.registry import Lowered\n"
        "def lower(layer, node): return Lowered(helper='twice', text='def twice(x) x')",
        "its helper `twice` can't be used: its text is no Python: expected ':' in line 1",
    ),
    "other text": (
        "from netspec.lower.torch.registry import Lowered\n"
        "def lower(layer, node): return Lowered(helper='twice', text='def two(x): return x')",
        "its helper `twice` can't be used: its text doesn't define it",
    ),
    "taken": (
        "from netspec.lower.torch.registry import Lowered\n"
        "TEXT = 'import math as nn\\ndef twice(x): return x'\n"
        "def lower(layer, node): return Lowered(helper='twice', text=TEXT)",
        "its helper `twice` can't be used: its text gives `nn` another meaning",
    ),
}


@pytest.mark.parametrize("name", LOWERINGS)
def test_a_broken_lowering_is_a_diagnostic(name: str, here: Path) -> None:
    code, message = LOWERINGS[name]
    points = {"netspec.layers": {"Twice": "twice:Twice"}}
    if code:
        points["netspec.lower.torch"] = {"Twice": "twice:lower"}
    install(here, "twice", points, f"{HEAD}{LAYER}\n{code}\n")
    with pytest.raises(SpecError, match=message):
        loads(TWICE).to_source()


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("", "netspec has no way to express Twice in ONNX"),
        ("def lower(layer, to): to.nothing", "the custom layer `Twice` fails with AttributeError"),
    ],
)
def test_a_lowering_to_onnx_may_be_missing_or_fail(code: str, message: str, here: Path) -> None:
    points = {"netspec.layers": {"Twice": "twice:Twice"}}
    if code:
        points["netspec.lower.onnx"] = {"Twice": "twice:lower"}
    install(here, "twice", points, f"{HEAD}{LAYER}\n{code}\n")
    with pytest.raises(SpecError, match=message):
        loads(TWICE).to_onnx(here / "net.onnx")


def test_a_name_of_netspec_is_refused(here: Path) -> None:
    install(here, "twice", {"netspec.layers": {"ReLU": "twice:ReLU"}}, "raise SystemError\n")
    assert plugins.installed() == (
        {},
        [
            "the custom layer `ReLU` of the package `twice` can't be used: netspec has a layer of "
            "that name itself"
        ],
    )


def test_two_packages_with_one_name_are_refused(here: Path) -> None:
    for name in ("one", "two"):
        install(here, name, {"netspec.layers": {"Twice": f"{name}:Twice"}}, HEAD + LAYER)
    (mistake,) = found(TWICE)
    assert "has one of that name too" in mistake.message


HELPING = '''
from netspec.lower.torch.code import call
from netspec.lower.torch.registry import Lowered
TEXT = """
import torch.nn.functional as F


def {name}(x: Tensor) -> Tensor:
    return F.relu(x) * {factor}
"""
def lower(layer, node):
    return Lowered(function=lambda x: call({name!r}, x[0]), helper={name!r}, text=TEXT)
'''


def install_helping(site: Path, package: str, type: str, name: str, factor: int) -> None:
    """A layer whose function is written into the emitted file."""
    points = {
        "netspec.layers": {type: f"{package}:{type}"},
        "netspec.lower.torch": {type: f"{package}:lower"},
    }
    code = HEAD + LAYER.replace("Twice", type) + HELPING.format(name=name, factor=factor)
    install(site, package, points, code)


TWO = """
netspec: 1
name: Net
inputs: {data: [N, 3]}
layers: [{name: a, type: Twice}, {name: b, type: Thrice}]
"""


def test_helpers_of_one_name_that_differ_are_refused(here: Path) -> None:
    install_helping(here, "one", "Twice", "multiple", 2)
    install_helping(here, "two", "Thrice", "multiple", 3)
    message = (
        "the custom layer `Thrice` of the package `two` brings another `multiple` along than "
        "the custom layer `Twice` of the package `one`, and one source can't have both"
    )
    with pytest.raises(SpecError) as caught:
        loads(TWO).to_source()
    (mistake,) = caught.value.diagnostics
    assert (mistake.code, mistake.message) == ("not-lowerable", message)
    # One alone has its own text, whatever another network had before.
    for name, factor in (("Twice", 2), ("Thrice", 3)):
        source = loads(TWICE.replace("Twice", name)).to_source()
        assert f"return F.relu(x) * {factor}" in source


def test_one_helper_of_two_layers_is_written_once(here: Path) -> None:
    install_helping(here, "one", "Twice", "multiple", 2)
    install_helping(here, "two", "Thrice", "multiple", 2)
    graph = loads(TWO)
    assert graph.to_source().count("def multiple(") == 1
    data = torch.randn(2, 3)
    torch.testing.assert_close(graph.to_torch()(data), data.relu() * 4)


BLOCKS = """
netspec: 1
name: {network}
inputs: {{{data}: [N, 3]}}
blocks:
  multiple:
    layers: [{{name: Multiple, type: Twice}}, {{type: Eltwise, bottom: [Multiple, input]}}]
layers: [{{type: multiple}}, {{name: last, type: multiple}}]
"""


def test_a_helper_is_hidden_by_no_class_and_no_variable(here: Path) -> None:
    """A block and a layer of it are called as the helper is, or the network and its input."""
    install_helping(here, "one", "Twice", "Multiple", 2)
    data = torch.rand(2, 3)
    graph = loads(BLOCKS.format(network="Net", data="data"))
    torch.testing.assert_close(graph.to_torch()(data), data * 9)
    for network, name, message in (
        ("Multiple", "data", "the network is called `Multiple`, as a class that a layer of it"),
        ("Net", "Multiple", "an input is called `Multiple`, which `forward` needs for"),
    ):
        with pytest.raises(SpecError, match=message):
            loads(BLOCKS.format(network=network, data=name)).to_source()


BUFFERED = '''
from netspec.graph.fillers import ONES, Filler
from netspec.layers.base import Weight
from netspec.lower.torch.code import call
from netspec.lower.torch.registry import Lowered
TEXT = """
class Counted(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(3))
        self.register_buffer("places", torch.full((3,), 2.0))
RESET
    def forward(self, x: Tensor) -> Tensor:
        return x * self.weight * self.places
"""
class Twice(ElementwiseLayer):
    """Twice the bottom."""
    family = "custom"
    source = "none"
    flops_rule = "2 for each element"
    def work(self, bottoms, tops):
        return Work({Kind.ELEMENTWISE: 2 * tops[0].shape.elements})
    def weights(self, bottoms):
        two = Filler(type="constant", value=2)
        return (Weight("weight", (3,), ONES), Weight("places", (3,), two, buffer=True))
def lower(layer, node):
    filled = {"weight": ONES}
    return Lowered(call("Counted"), filled=filled, helper="Counted", text=TEXT)
'''
RESET = """
    def reset_parameters(self) -> None:
        nn.init.ones_(self.weight)
        nn.init.constant_(self.places, 2)
"""


@pytest.mark.parametrize("reset", [RESET, ""])
def test_a_helper_is_filled_with_or_without_a_method_for_that(reset: str, here: Path) -> None:
    points = {
        "netspec.layers": {"Twice": "twice:Twice"},
        "netspec.lower.torch": {"Twice": "twice:lower"},
    }
    install(here, "twice", points, HEAD + BUFFERED.replace("RESET\n", reset))
    model = loads(TWICE).to_torch()
    check_init(type(model))
    torch.testing.assert_close(model(torch.ones(2, 3)), torch.full((2, 3), 2.0))
