"""A small family for the tests of sweeps."""

from pathlib import Path
from typing import Any

from netspec.diagnostics import SourceText
from netspec.families import Family
from netspec.stock import Location
from netspec.sweeping.grid import Axis, Grid
from netspec.sweeping.rows import Plan

SPEC = """\
netspec: 1
name: Tiny
inputs: {data: [N, 3, 8, 8]}
vars: {width: 4, kernels: [3], note: none}
variants: {plain: {}, deep: {kernels: [3, 3]}}
layers:
  - {name: conv, type: Convolution, repeat: $kernels, num_output: $width, kernel_size: $item}
  - {name: fc, type: InnerProduct, num_output: 2}
"""


def family(text: str = SPEC) -> Family:
    return Family(SourceText("tiny.yaml", text), Location(None, "tiny.yaml"))


def plan(**values: Any) -> Plan:
    return Plan(family(), Grid(tuple(Axis(name, tuple(each)) for name, each in values.items())), {})


def written(folder: Path) -> str:
    """The spec as a file; its path."""
    path = folder / "tiny.yaml"
    path.write_text(SPEC, encoding="utf-8")
    return str(path)
