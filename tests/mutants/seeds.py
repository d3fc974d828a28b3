"""The specs that are mutated: small ones of the tests, with every construct; and the stock ones."""

from pathlib import Path

from netspec.api import check_text
from netspec.diagnostics import SourceText
from netspec.stock import Location
from tests.lower.flat.test_flat import SHARED
from tests.lower.torch import specs as torch_specs

ROOT = Path(__file__).resolve().parent.parent.parent
TESTS = ROOT / "tests"


def accepts(text: str) -> bool:
    """Whether `check` has nothing against a spec."""
    checked = check_text(SourceText("x.yaml", text), Location(None, "x.yaml"))
    return not checked.has_errors


BRANCHES = """
netspec: 1
name: Branches
inputs: {data: [N, 4, 8, 8], rois: [R, 5]}
vars: {n: 2, wide: true}
variants: {small: {n: 1}, none: {n: 0}, narrow: {wide: false}}
blocks:
  pair:
    inputs: [x, y]
    outputs: [a, b]
    layers:
      - {name: a, type: ReLU, bottom: y}
      - {name: b, type: Convolution, num_output: 4, kernel_size: 1, bottom: x}
  maybe:
    args: {there: true}
    layers:
      - {name: one, type: Convolution, num_output: 4, kernel_size: 1, when: $there}
      - {name: two, type: ReLU, when: $there}
layers:
  - {name: head, type: maybe, there: $wide}
  - {name: split, type: Slice, slice_point: 2}
  - {name: off, type: ReLU, when: false}
  - {name: both, type: pair, bottom: split}
  - {name: join, type: Concat, bottom: both}
  - {name: rows, type: maybe, repeat: $n, bottom: join}
  - scope: false
    repeat: 2
    layers:
      - {type: ReLU}
      - {name: dense.$i, type: Convolution, num_output: 4, kernel_size: 1}
  - {name: last, type: Eltwise, bottom: [dense.0, dense.1]}
  - {name: pooled, type: ROIPooling, bottom: [last, rois], pooled_h: 2, pooled_w: 2}
outputs: [last, pooled, head]
"""

TABLES = """
netspec: 1
name: Tables
inputs: {data: [N, 3, 2*H, 2*W]}
vars: {rows: [[3, 4, 1], [1, 8, 2]], named: [{num_output: 4}, {num_output: 8}], side: false}
variants: {other: {side: true, rows: [[1, 4, 1]]}}
state_order: [last, sum]
layers:
  - {name: stem-0, type: Convolution, num_output: $c, kernel_size: $k, stride: $s, pad: $(k // 2),
     repeat: {columns: [k, c, s], rows: $rows}}
  - {name: rows, type: Convolution, kernel_size: 1, repeat: $named}
  - {name: side, type: BatchNorm, when: $side, otherwise: stem-0}
  - {name: ramp, type: Constant, shape: [8], axes: [i], value: $(i % 3 - 1)}
  - {name: sum, type: Bias, bottom: [rows, ramp], axis: 1}
  - {name: sized, type: Upsample, bottom: sum, size: ["$(sum.height * 2)", "$(sum.width + 1)"]}
  - {name: last, type: BatchNorm, bottom: sized}
outputs: [last, side]
"""

FILES = [*(TESTS / "errors").glob("*.yaml"), *(TESTS / "specs").glob("*.yaml")]
WRITTEN = [each for name, each in vars(torch_specs).items() if name.isupper() and name != "ALEXNET"]
SMALL = [
    text
    for text in (*(path.read_text() for path in sorted(FILES)), *WRITTEN, SHARED, BRANCHES, TABLES)
    if accepts(text)
]
STOCK = [path.read_text() for path in sorted((ROOT / "specs").glob("*.yaml"))]
