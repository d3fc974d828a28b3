"""Repeats that become loops: what they go through, what a turn has, what it hands on."""

import pytest

from netspec import loads
from netspec.lower.torch import to_torch
from tests.lower.torch.checks import checked_source


def source(layers: str, variables: str = "{}", size: int = 3, places: str = "16, 16") -> str:
    return checked_source(
        loads(
            f"netspec: 1\nname: Net\ninputs: {{data: [N, {size}, {places}]}}\n"
            f"vars: {variables}\nlayers:\n{layers}"
        )
    )


CONFIGURED = """
  - name: features
    layers:
      - scope: false
        repeat: $(len(config))
        layers:
          - {type: Convolution, num_output: "$(config[i])", kernel_size: 3, pad: 1,
             when: "$(config[i] > 0)"}
          - {type: ReLU, when: "$(config[i] > 0)"}
          - {type: Pooling, kernel_size: 2, stride: 2, when: "$(config[i] == 0)"}
"""


def test_elements_of_a_turn_that_are_not_in_all_turns_stand_under_an_if() -> None:
    text = source(CONFIGURED, "{config: [8, 8, 0, 16, 16, 0]}")
    assert "for out_channels in CONFIG:" in text
    assert "if out_channels > 0:" in text
    assert "                width = out_channels\n" in text
    assert "if out_channels == 0:" in text


@pytest.mark.parametrize(("places", "axes"), [("16", 1), ("L", 1), ("4, H, 8", 3)])
def test_channels_are_handed_on_along_one_and_three_axes(places: str, axes: int) -> None:
    text = source(CONFIGURED, "{config: [8, 8, 0, 16, 16, 0]}", places=places)
    assert f"nn.Conv{axes}d(width, out_channels, 3, padding=1)" in text
    assert "                width = out_channels\n" in text


ROWS = """
  - name: features
    layers:
      - scope: false
        repeat: $(len(rows))
        index: s
        layers:
          - {type: Convolution, num_output: "$(rows[s][0])", kernel_size: "$(rows[s][1])",
             repeat: "$(rows[s][2])", stride: "$(2 if i == 0 else 1)", pad: 1}
          - {type: Dropout, dropout_ratio: $(s / 10)}
"""


def test_items_of_rows_are_called_after_what_they_are_given_for() -> None:
    assert "for s, (out_channels, kernel_size, count) in enumerate(ROWS):" in source(ROWS, TABLE)


TABLE = "{rows: [[8, 3, 2], [16, 3, 1], [24, 1, 3]]}"

FIRST = """
  - {name: body, type: stage, repeat: 8, channels: $(4 * i + 4), first: {stride: 2}}
"""
STAGE = """
blocks:
  stage:
    args: {channels: required, stride: 1}
    layers:
      - {type: Convolution, num_output: $channels, kernel_size: 3, pad: 1, stride: $stride}
      - {type: ReLU}
"""


def test_the_first_turn_may_differ_from_the_others() -> None:
    graph = loads(
        f"netspec: 1\nname: Net\ninputs: {{data: [N, 3, 16, 16]}}\n{STAGE}layers:\n{FIRST}"
    )
    assert "stride=2 if i == 0 else 1" in checked_source(graph)


def test_what_one_item_of_a_list_gives_is_not_the_whole_list() -> None:
    layers = """
  - {name: conv, type: Convolution, num_output: "$(dims[0])", kernel_size: 1}
  - {name: norm, type: LayerNorm, axis: 1}
  - {name: last, type: Convolution, num_output: "$(dims[1])", kernel_size: 1}
"""
    text = source(layers, "{dims: [4, 6]}")
    assert "((dims[0],), (1,))" in text
    graph = loads(
        f"netspec: 1\nname: Net\ninputs: {{data: [N, 3, 16, 16]}}\nvars: {{dims: [4, 6]}}\n"
        f"layers:{layers}"
    )
    other = type(to_torch(graph))(dims=(8, 2))
    assert [tuple(each.shape) for each in other.get_submodule("norm").parameters()] == [(8,), (8,)]


def test_a_size_that_grows_from_member_to_member_is_a_variable() -> None:
    layers = "".join(
        f"""
  - {{name: conv{i}, type: Convolution, num_output: $growth, kernel_size: 3, pad: 1}}
  - {{name: cat{i}, type: Concat, bottom: [previous, {before}]}}
  - {{name: half{i}, type: Convolution, num_output: $(previous.channels // 2), kernel_size: 1}}"""
        for i, before in enumerate(("data", "half0", "half1", "half2"))
    )
    text = source(layers, "{growth: 7}", size=5)
    assert "width //= 2" in text
    assert "nn.Conv2d(width, width // 2, 1)" in text
