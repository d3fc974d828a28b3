"""Names: paths, numbers, dotted names, and what may not be a name."""

import pytest

from tests.checking import (
    HEAD,
    IMAGE,
    Expected,
    bottoms,
    check,
    check_error,
    check_errors,
    good,
    paths,
)


def test_a_path_is_the_scopes_path_and_the_name() -> None:
    net = good(
        IMAGE
        + """blocks:
  unit: {layers: [{name: conv, type: Convolution, num_output: 4, kernel_size: 1}]}
layers:
  - {name: stage, layers: [{name: block, type: unit, repeat: 2}]}
"""
    )
    assert paths(net) == ["stage.block.0.conv", "stage.block.1.conv"]
    assert [each.name for each in net.parameters] == [
        "stage.block.0.conv.weight",
        "stage.block.0.conv.bias",
        "stage.block.1.conv.weight",
        "stage.block.1.conv.bias",
    ]


def test_layers_without_a_name_are_numbered_in_their_list() -> None:
    """Those left out take no number; an unnamed repeat takes one for each instance."""
    net = good(
        IMAGE
        + """layers:
  - {type: ReLU}
  - {type: ReLU, when: false}
  - {name: pool, type: Pooling, kernel_size: 2}
  - {type: ReLU, repeat: 3}
  - {layers: [{type: ReLU}, {type: ReLU}]}
  - {scope: false, layers: [{type: ReLU}]}
"""
    )
    assert paths(net) == ["0", "pool", "1", "2", "3", "4.0", "4.1", "5"]


def test_layers_of_the_other_phase_take_a_number() -> None:
    net = good(
        IMAGE
        + """layers:
  - {type: ReLU}
  - {name: a, type: ReLU, phase: TRAIN, allow: [unused-layer]}
  - {type: ReLU, phase: TRAIN, allow: [unused-layer]}
  - {type: ReLU, bottom: "0"}
"""
    )
    assert paths(net) == ["0", "a", "1", "2"]


def test_dotted_names_make_scopes_that_may_interleave() -> None:
    net = good(
        IMAGE
        + """layers:
  - {name: a.x, type: Convolution, num_output: 4, kernel_size: 1}
  - {name: b.x, type: Convolution, num_output: 4, kernel_size: 1}
  - {name: a.y, type: Convolution, num_output: 4, kernel_size: 1}
  - {name: sum, type: Eltwise, bottom: [a.x, b, a]}
"""
    )
    assert paths(net) == ["a.x", "b.x", "a.y", "sum"]
    assert bottoms(net)["sum"] == ["a.x", "b.x", "a.y"]  # a scope stands for its last
    assert [each.name for each in net.parameters][::2] == [
        "a.x.weight",
        "a.y.weight",
        "b.x.weight",
    ]


def test_a_name_with_the_index_names_each_instance() -> None:
    net = good(
        IMAGE + 'layers: [{name: "layer$(i + 1)", type: ReLU, repeat: 2}, {name: c.$k, type: ReLU,'
        " repeat: 2, index: k}]"
    )
    assert paths(net) == ["layer1", "layer2", "c.0", "c.1"]


@pytest.mark.parametrize(
    ("name", "help"),
    [
        ("forward", "say `forward_`"),
        ("half", "say `half_`"),
        ("class", "say `class_`"),
        ("input", "say `input_`"),
        ("_x", "say `x`"),
        ("conv-", "did you mean `conv`?"),
        ("conv--1", "did you mean `conv_1`?"),
        ("conv+1", "did you mean `conv_1`?"),
        ("a..b", ""),
        ("été", ""),
        ('"007"', ""),
    ],
)
def test_names_that_cannot_be(name: str, help: str) -> None:
    check_error(IMAGE + f"layers: [{{name: {name}, type: ReLU}}]", "bad-name", 4, 17, "", help)


def test_a_float_as_a_name() -> None:
    text = IMAGE + "layers: [{name: 1.5, type: ReLU}]"
    check_error(text, "wrong-type", 4, 17, "`name` should be text or an integer, not 1.5", "quote")


def test_a_name_is_unique_in_its_scope() -> None:
    check_error(
        IMAGE + "layers:\n  - {name: a, type: ReLU}\n  - {name: a, type: ReLU}\n",
        "duplicate-name",
        6,
        12,
        "`a` is the name of something else here, in line 5",
    )


def test_inputs_are_names_of_the_outermost_scope() -> None:
    text = IMAGE + "layers: [{name: data, type: ReLU}]"
    check_error(text, "duplicate-name", 4, 17, "in line 3")


def test_a_layer_may_have_the_name_of_an_arg_or_a_var() -> None:
    net = good(
        IMAGE
        + """vars: {depth: 2, x: 4}
blocks:
  b:
    args: {width: 4}
    inputs: [x]
    layers:
      - name: group
        layers:
          - {name: width, type: Convolution, num_output: $width, kernel_size: 1}
          - {name: next, type: Convolution, num_output: $(width + x.channels), kernel_size: 1}
          - {name: sum, type: Concat, bottom: [width, next]}
layers:
  - {name: depth, type: ReLU, repeat: $depth}
  - {name: x.conv, type: Convolution, bottom: depth, num_output: $x, kernel_size: 1}
  - {name: b, type: b, width: "$(x * depth)", bottom: x.conv}
"""
    )
    assert bottoms(net)["b.group.sum"] == ["b.group.width", "b.group.next"]
    assert net.outputs["b"].sizes[1] == 8 + 12


@pytest.mark.parametrize("name", ["i", "i.conv", "k"])
def test_a_layer_named_like_a_value_of_the_turn(name: str) -> None:
    layers = f"layers: [{{name: «{name}, type: ReLU, bottom: data, when: $(k > i)}}]"
    text = "layers: [{scope: false, repeat: {columns: [k], rows: [[1]]}, %s}]"
    check(IMAGE + text % layers, ("name-conflict", "is a value of the repeat's turn here", ""))


def test_a_name_may_have_a_hyphen_inside() -> None:
    net = good(
        IMAGE
        + """layers:
  - {name: block1-0, type: Convolution, num_output: 4, kernel_size: 1}
  - {name: block1-$(i + 1).conv-a, type: ReLU, repeat: 2}
  - {name: sum, type: Eltwise, bottom: [block1-0, block1-2.conv-a]}
"""
    )
    assert paths(net) == ["block1-0", "block1-1.conv-a", "block1-2.conv-a", "sum"]


def test_tops_belong_to_the_list_that_the_entry_stands_in() -> None:
    net = good(
        IMAGE
        + """layers:
  - name: g
    layers:
      - {name: convs.0, type: Convolution, num_output: 4, kernel_size: 1, top: feat}
      - {name: cut.0, type: Slice, top: [left, halves.right]}
      - {name: acts.0, type: ReLU, bottom: left, top: acts.0}
      - {name: acts.1, type: ReLU, bottom: halves.right}
      - {name: all, type: Concat, bottom: [feat, acts.0, acts.1]}
  - {name: r, type: ReLU, repeat: 2, top: r_$i}
  - {name: end, type: Concat, bottom: [r_0, r_1, g.left]}
"""
    )
    assert bottoms(net)["g.all"] == ["g.feat", "g.acts.0", "g.acts.1"]
    assert bottoms(net)["g.acts.1"] == ["g.halves.right"]
    assert bottoms(net)["end"] == ["r_0", "r_1", "g.left"]


def test_a_top_that_is_something_else() -> None:
    check(
        IMAGE
        + """layers:
  - {name: a, type: ReLU}
  - {name: x.b, type: ReLU, bottom: data, top: «a}
  - {name: x.c, type: ReLU, bottom: data, top: «a.d}
""",
        ("duplicate-name", "`a` is the name of something else here, in line 5", ""),
        ("duplicate-name", "not a scope of dotted names", ""),
    )


def test_a_dotted_name_in_what_is_no_scope_of_dotted_names() -> None:
    check_errors(
        IMAGE
        + """layers:
  - {name: a, type: ReLU}
  - {name: a.b, type: ReLU}
  - {name: r, type: ReLU, repeat: 2, bottom: a}
  - {name: r.x, type: ReLU}
""",
        Expected("duplicate-name", 6, 12, "not a scope of dotted names"),
        Expected("duplicate-name", 8, 12, "not a scope of dotted names"),
    )


def test_the_networks_name_names_a_class() -> None:
    text = "netspec: 1\nname: VGG-16\ninputs: {data: [N, 3]}\nlayers: [{type: ReLU}]\n"
    check_error(text, "bad-name", 2, 7, "that of a class", "did you mean `VGG_16`?")


def test_a_variant_goes_by_its_own_name() -> None:
    from netspec import loads

    text = HEAD + "inputs: {x: [N, 3]}\nvariants: {small: {}}\nlayers: [{type: ReLU}]\n"
    net = loads(text, variant="small")
    assert (net.name, net.class_name) == ("small", "Net")


def test_tops_share_the_names_of_their_scope() -> None:
    net = good(
        IMAGE
        + """layers:
  - {name: conv, type: Convolution, num_output: 4, kernel_size: 1, top: features}
  - {name: relu, type: ReLU, bottom: conv}
  - {name: cat, type: Concat, bottom: [features, relu]}
"""
    )
    assert bottoms(net)["cat"] == ["features", "relu"]
    assert bottoms(net)["relu"] == ["features"]
    check_error(
        IMAGE + "layers: [{name: a, type: ReLU, top: b}, {name: b, type: ReLU}]",
        "duplicate-name",
        4,
        48,
    )


@pytest.mark.parametrize(
    ("entry", "reader"),
    [
        ("{name: r, type: ReLU, top: c}", "`r`"),
        ("{name: r, type: ReLU, bottom: c, top: c}", "`r`"),
        ("{type: ReLU, bottom: c, top: c}", "it by a `name` of its own"),
    ],
)
def test_in_place(entry: str, reader: str) -> None:
    check_error(
        IMAGE + f"layers:\n  - {{name: c, type: ReLU}}\n  - {entry}\n",
        "in-place",
        6,
        entry.index("top: c") + 10,
        "a top can't bear the name of the layer's own bottom",
        f"leave `top` out; later layers then read {reader}",
    )


def test_readers_of_what_caffe_would_write_over() -> None:
    """Up to the next that does, which is one of them; outputs count where nobody does."""
    check(
        IMAGE
        + """layers:
  - {name: c, type: Convolution, num_output: 4, kernel_size: 1}
  - {name: bn, type: BatchNorm, bottom: c, top: «c}
  - {name: relu, type: ReLU, bottom: c, top: «c}
  - {name: d, type: Convolution, bottom: c, num_output: 4, kernel_size: 1}
  - {name: sum, type: Eltwise, bottom: [c, d], top: sum}
  - {name: sum_relu, type: ReLU, top: «sum}
  - {name: group, layers: [{name: e, type: ReLU, bottom: c}, {type: ReLU, bottom: e, top: «e}]}
  - {name: m, type: Concat, bottom: [group, sum, c, c, sum, sum]}
  - {name: n, type: Concat, bottom: [m, c]}
  - {name: o, type: Concat, bottom: [n, c]}
  - {name: p, type: Concat, bottom: [o, c]}
outputs: [p, sum]
""",
        ("in-place", "own bottom", "then read `bn`, not `c` (line 7)"),
        ("in-place", "own bottom", "then read `relu`, not `c` (lines 8, 9, 11, 12 and 3 more)"),
        ("in-place", "own bottom", "then read `sum_relu`, not `sum` (lines 12 and 16)"),
        ("in-place", "own bottom", "then read it by a `name` of its own"),
    )


def test_in_place_within_a_dotted_scope() -> None:
    check(
        IMAGE
        + """layers:
  - {name: x.c, type: ReLU}
  - {name: x.r, type: ReLU, bottom: x.c, top: «x.c}
  - {name: y, type: ReLU, bottom: x.c}
""",
        ("in-place", "own bottom", "then read `x.r`, not `x.c` (line 7)"),
    )


def test_readers_within_a_block() -> None:
    check(
        IMAGE
        + """blocks:
  b:
    layers:
      - {name: r, type: ReLU, bottom: input}
      - {name: s$(1), type: ReLU, bottom: r, top: «r}
    outputs: r
layers: [{type: b}]
""",
        ("in-place", "own bottom", "then read `s1`, not `r` (line 9)"),
    )
