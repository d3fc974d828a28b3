"""The module in memory, its source in a traceback, and what stays unimported."""

import subprocess
import sys
import traceback
from typing import ClassVar

import pytest
import torch

import netspec
from netspec.layers.base import ElementwiseLayer
from netspec.lower.torch import to_source, to_torch
from tests.graphs import Builder, N
from tests.lower.torch.checks import check_text
from tests.lower.torch.specs import RESIDUAL


class Unheard(ElementwiseLayer):
    """A layer that no back end knows."""

    family: ClassVar[str] = "none"
    source: ClassVar[str] = "none"
    flops_rule: ClassVar[str] = "none"


def test_layers_without_a_lowering_are_all_named() -> None:
    builder = Builder()
    blob = builder.input("data", N, 3)
    for name in ("a", "b"):
        blob = builder.layer(name, Unheard(), blob)
    with pytest.raises(netspec.SpecError) as failure:
        to_source(builder.graph(blob))
    found = failure.value.diagnostics
    assert {diagnostic.code for diagnostic in found} == {"not-lowerable"}


def test_a_traceback_shows_the_source() -> None:
    model = to_torch(netspec.loads(RESIDUAL))
    with pytest.raises(RuntimeError) as failure:
        model(torch.randn(2, 5, 16, 16))
    text = "".join(traceback.format_exception(failure.value))
    assert "x = self.relu(self.bn1(self.conv1(data)))" in text


def test_without_init_nothing_is_drawn() -> None:
    state = torch.get_rng_state()
    model = to_torch(netspec.loads(RESIDUAL), init=False)
    assert torch.equal(state, torch.get_rng_state())
    for name, buffer in model.named_buffers():
        expected = 1 if name.endswith("var") else 0
        assert (buffer == expected).all(), name


def test_the_source_is_written_without_torch() -> None:
    program = (
        "import sys, netspec\n"
        f"netspec.loads({RESIDUAL!r}).to_source()\n"
        "print({'torch', 'onnx', 'numpy'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"


def test_the_file_runs(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("torch") / "net.py"
    file.write_text(to_source(netspec.loads(RESIDUAL)), encoding="utf-8")
    done = subprocess.run([sys.executable, str(file)], capture_output=True, text=True, check=True)
    assert done.stdout == "torch.Size([1, 10])\n"


def test_a_docstring_can_hold_anything() -> None:
    text = RESIDUAL.replace(
        "doc: A residual network for small images.",
        r"""doc: 'Ends with a backslash \ and """ + '"""' + r""" and \n'""",
    )
    source = to_source(netspec.loads(text))
    check_text(source)
    compile(source, "net.py", "exec", dont_inherit=True)


def test_names_that_shadow_nothing() -> None:
    text = """
netspec: 1
name: Names
inputs: {data: [N, 4, 8, 8]}
layers:
  - {name: sum, type: Convolution, num_output: 4, kernel_size: 1, bottom: data}
  - {name: torch, type: Convolution, num_output: 4, kernel_size: 1, bottom: data}
  - {name: nn, type: Convolution, num_output: 4, kernel_size: 1, bottom: data}
  - {name: all, type: Concat, bottom: [sum, torch, nn]}
"""
    graph = netspec.loads(text)
    source = to_source(graph)
    check_text(source)
    assert "torch.cat([sum_, torch_, nn_], 1)" in source
    to_torch(graph)(torch.randn(1, 4, 8, 8))
