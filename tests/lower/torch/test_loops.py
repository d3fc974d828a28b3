"""Repeats that become loops: what they go through, what a turn has, what it hands on."""

from typing import Any

from netspec import loads
from netspec.lower.torch import to_torch
from tests.lower.torch.checks import checked_source


def source(layers: str, variables: str = "{}", size: int = 3) -> str:
    return checked_source(
        loads(
            f"netspec: 1\nname: Net\ninputs: {{data: [N, {size}, 16, 16]}}\n"
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


def test_names_that_say_the_turn_are_right_for_any_count() -> None:
    """Dotted ones too: what stands before the dot is the container."""
    layers = "  - {name: body.part$(i + 1), type: unit, repeat: $depth}\n"
    unit = "      - {name: fc, type: InnerProduct, num_output: 6, axis: 1}\n"
    graph = loads(
        "netspec: 1\nname: Net\ninputs: {data: [N, 6]}\nvars: {depth: 5}\n"
        f"blocks:\n  unit:\n    layers:\n{unit}      - {{type: ReLU}}\nlayers:\n{layers}"
    )
    text = checked_source(graph)
    assert "for i in range(depth):" in text
    assert 'self.add_module(f"part{i + 1}", Unit(6))' in text
    namespace: dict[str, Any] = {}
    exec(text.partition("\nif __name__")[0], namespace)
    names = [*namespace["Net"](depth=7).state_dict()]
    assert names[::2] == [f"body.part{number}.fc.weight" for number in range(1, 8)]
