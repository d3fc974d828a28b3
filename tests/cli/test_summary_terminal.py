"""`netspec summary` on a terminal: as wide as that, in color, with bars and marks."""

import re
import sys

import pytest

if sys.platform == "win32":
    pytest.skip("there are no such terminals", allow_module_level=True)

from tests.cli.terminal import on_terminal


def test_a_terminal_of_80_columns() -> None:
    printed = on_terminal("summary", "lenet", width=80, NO_COLOR="1")
    assert printed == (
        "LeNet (TEST): data N×1×28×28 → ip2 N×10\n"
        "\n"
        "layer  type          output shape  parameters      MACs  share\n"
        f"{'─' * 77}\n"
        "conv1  Convolution   N×20×24×24           520  288.00 k  12.6% █▊         3rd\n"
        "pool1  Pooling       N×20×12×12\n"
        "conv2  Convolution   N×50×8×8          25,050    1.60 M  69.8% ██████████ 1st\n"
        "pool2  Pooling       N×50×4×4\n"
        "ip1    InnerProduct  N×500            400,500  400.00 k  17.4% ██▌        2nd\n"
        "relu1  ReLU          N×500\n"
        "ip2    InnerProduct  N×10               5,010    5.00 k   0.2% ▏\n"
        "\n"
        "parameters   431,080\n"
        "MACs         2,293,000\n"
        "FLOPs        4,612,770\n"
        "activations  19,410\n"
        "weight bytes 1,724,320 (1.64 MiB)\n"
        "depth        4\n"
        "layers       7\n"
    )


def test_a_wide_terminal_has_more_columns() -> None:
    printed = on_terminal("summary", "lenet", width=120, NO_COLOR="1")
    head = "layer  type          output shape  parameters  field  activations     FLOPs      MACs"
    assert printed.splitlines()[2] == f"{head}  share"
    # The environment's word goes before what the terminal says of itself.
    narrow = on_terminal("summary", "lenet", width=120, NO_COLOR="1", COLUMNS="60")
    assert max(map(len, narrow.splitlines())) <= 60
    assert "activations  19,410" in narrow
    assert "FLOPs " not in narrow.splitlines()[2]


@pytest.mark.parametrize("width", [80, 50, 30, 1])
def test_no_line_is_broken(width: int) -> None:
    printed = on_terminal("summary", "resnet50", width=width, NO_COLOR="1")
    lines = printed.splitlines()
    assert max(map(len, lines)) <= max(20, width)
    assert sum(1 for line in lines if line.startswith("layer")) >= 150
    assert ("Left out at " in printed) == (width < 80)


def test_color_bars_and_marks() -> None:
    colored = on_terminal("summary", "lenet", width=80)
    assert "\x1b[1mLeNet (TEST)" in colored
    (dearest,) = [line for line in colored.splitlines() if "1st" in line]
    assert dearest.startswith("\x1b[1;33mconv2")
    plain = on_terminal("summary", "lenet", width=80, NO_COLOR="1")
    assert re.sub("\x1b\\[[0-9;]*m", "", colored) == plain
    assert on_terminal("summary", "lenet", width=80, TERM="dumb") == plain


def test_bars_without_the_characters_for_them() -> None:
    options = {"NO_COLOR": "1", "PYTHONIOENCODING": "ascii"}
    printed = on_terminal("summary", "lenet", "--columns", "name,top,share", width=80, **options)
    assert printed.splitlines()[:5] == [
        "LeNet (TEST): data Nx1x28x28 -> ip2 Nx10",
        "",
        "layer  output shape  share",
        "-----------------------------------------",
        "conv1  Nx20x24x24    12.6% ##         3rd",
    ]
    printed = on_terminal("summary", "googlenet", width=60, **options)
    assert "\nincept~anch1.conv  Nx64x28x28       12.35 k    9.63 M   0.6%\n" in printed
