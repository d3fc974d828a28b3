"""Wiring: what a layer reads, where names are sought, and what scopes see."""

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

CONV = "type: Convolution, num_output: 4, kernel_size: 1"


def test_a_layer_reads_what_stands_before_it() -> None:
    net = good(IMAGE + "layers: [{name: a, type: ReLU}, {name: b, type: ReLU}]")
    assert bottoms(net) == {"a": ["data"], "b": ["a"]}


def test_all_of_what_stands_before_if_that_gave_several() -> None:
    net = good(
        IMAGE
        + f"""layers:
  - name: two
    outputs: [a, b]
    layers: [{{name: a, {CONV}}}, {{name: b, {CONV}, bottom: input}}]
  - {{name: sum, type: Eltwise}}
"""
    )
    assert bottoms(net)["sum"] == ["two.a", "two.b"]


def test_the_first_of_several_inputs_is_read_first() -> None:
    net = good(
        HEAD
        + """inputs: {x: [N, 3, 8, 8], y: [N, 3, 8, 8]}
blocks:
  add: {inputs: [a, b], layers: [{name: r, type: ReLU}, {type: Eltwise, bottom: [r, b]}]}
layers:
  - {name: r, type: ReLU}
  - {name: sum, type: add, bottom: [r, y]}
"""
    )
    assert bottoms(net) == {"r": ["x"], "sum.r": ["r"], "sum.0": ["sum.r", "y"]}


def test_several_inputs_are_not_called_input() -> None:
    check_error(
        HEAD
        + """inputs: {data: [N, 3]}
blocks:
  add: {inputs: [a, b], layers: [{type: Eltwise, bottom: [input, b]}]}
layers: [{name: x, type: ReLU}, {type: add, bottom: [x, data]}]
""",
        "unknown-name",
        5,
        59,
        "several inputs, which have names of their own",
        "it reads `a`, `b`",
    )


def test_paths_into_groups_blocks_and_repeats() -> None:
    net = good(
        IMAGE
        + f"""blocks:
  unit: {{layers: [{{name: conv, {CONV}}}, {{name: relu, type: ReLU}}]}}
layers:
  - {{name: g, layers: [{{name: inner, {CONV}}}, {{type: ReLU}}]}}
  - {{name: u, type: unit, repeat: 2}}
  - {{name: cat, type: Concat, bottom: [g.inner, u.0, u.1.conv, u, g]}}
"""
    )
    assert bottoms(net)["cat"] == ["g.inner", "u.0.relu", "u.1.conv", "u.1.relu", "g.0"]


def test_all_instances_of_a_repeat() -> None:
    net = good(
        IMAGE
        + f"""layers:
  - {{name: b, {CONV}, repeat: 3, bottom: data}}
  - {{name: cat, type: Concat, bottom: [data, b.*]}}
"""
    )
    assert bottoms(net)["cat"] == ["data", "b.0", "b.1", "b.2"]


def test_all_instances_of_one_that_is_there_once_or_never() -> None:
    text = f"""vars: {{n: 1}}
variants: {{none: {{n: 0}}, some: {{n: 2}}}}
layers:
  - {{name: b, {CONV}, repeat: $n, bottom: data}}
  - {{name: cat, type: Concat, bottom: [data, b.*]}}
"""
    assert bottoms(good(IMAGE + text))["cat"] == ["data", "b.0"]


def test_what_all_instances_of_a_repeat_call_so() -> None:
    """Be they a chain, too."""
    group = f"layers: [{{name: skip, {CONV}}}, {{type: ReLU}}]"
    net = good(
        IMAGE
        + f"""layers:
  - {{name: g, {group}, repeat: 3, when: $(i != 1)}}
  - {{name: cat, type: Concat, bottom: [g, g.*.skip]}}
"""
    )
    assert bottoms(net)["cat"] == ["g.2.0", "g.0.skip", "g.2.skip"]


def test_only_instances_that_are_there() -> None:
    net = good(
        IMAGE
        + f"""layers:
  - {{name: b, {CONV}, repeat: 3, bottom: data, when: $(i != 1)}}
  - {{name: cat, type: Concat, bottom: b.*}}
"""
    )
    assert bottoms(net)["cat"] == ["b.0", "b.2"]


def test_the_first_part_of_a_path_is_sought_outwards_and_decides() -> None:
    text = f"""layers:
  - {{name: a, layers: [{{name: x, {CONV}}}, {{name: r, type: ReLU}}]}}
  - name: b
    layers:
      - {{name: a, {CONV}}}
      - {{name: c, {CONV}, bottom: a.x}}
"""
    check_error(IMAGE + text, "unknown-name", 9, 77, "`a` is a layer, which has no names within")


def test_a_group_sees_the_names_around_it_and_has_an_input_of_its_own() -> None:
    net = good(
        IMAGE
        + f"""vars: {{width: 4}}
layers:
  - {{name: a, {CONV}}}
  - {{name: b, {CONV}}}
  - name: g
    bottom: a
    layers:
      - {{name: c, type: Convolution, num_output: $(input.channels), kernel_size: 1}}
      - {{name: d, type: Convolution, num_output: $width, kernel_size: 1}}
      - {{name: sum, type: Eltwise, bottom: [d, input, b]}}
"""
    )
    assert bottoms(net)["g.c"] == ["a"]
    assert bottoms(net)["g.sum"] == ["g.d", "a", "b"]


def test_a_block_sees_nothing_of_where_it_is_used() -> None:
    check_errors(
        IMAGE
        + """blocks:
  b:
    layers:
      - {name: r, type: ReLU, bottom: outer}
      - {name: c, type: Convolution, num_output: $(outer.channels), kernel_size: 1}
layers:
  - {name: outer, type: ReLU}
  - {name: x, type: b}
""",
        Expected("unknown-name", 7, 39, "no layer is called `outer`"),
        Expected("unknown-name", 8, 52, "nothing here is called `outer`"),
    )


def test_a_blocks_arg_is_not_seen_in_a_field_of_its_use() -> None:
    check_error(
        IMAGE
        + """blocks:
  b: {args: {n: 4}, layers: [{type: Convolution, num_output: $n, kernel_size: 1}]}
layers: [{name: x, type: b, n: $n}]
""",
        "unknown-name",
        6,
        33,
        "nothing here is called `n`",
    )


def test_args_hide_vars() -> None:
    net = good(
        IMAGE
        + """vars: {n: 4}
blocks:
  b: {args: {n: 7}, layers: [{name: c, type: Convolution, num_output: $n, kernel_size: 1}]}
layers: [{name: x, type: b}, {name: y, type: Convolution, num_output: $n, kernel_size: 1}]
"""
    )
    assert [node.top[0][1] for node in net.nodes] == [7, 4]


def test_defaults_see_what_stands_above_them_vars_and_inputs() -> None:
    net = good(
        IMAGE
        + """vars: {f: 2}
blocks:
  b:
    args: {a: 3, c: $(a * f + input.channels)}
    layers: [{name: c1, type: Convolution, num_output: $c, kernel_size: 1}]
layers: [{name: x, type: b}, {name: y, type: b, a: 5}]
"""
    )
    assert [node.top[0][1] for node in net.nodes] == [9, 19]


def test_a_default_does_not_see_what_stands_below_it() -> None:
    text = """blocks:
  b:
    args: {c: $a, a: 3}
    layers: [{name: c1, type: Convolution, num_output: "$(c + a)", kernel_size: 1}]
layers: [{name: x, type: b}]
"""
    check_error(IMAGE + text, "unknown-name", 6, 16, "nothing here is called `a`")


def test_previous_in_a_bottom_and_in_an_expression() -> None:
    net = good(
        IMAGE
        + """layers:
  - {name: a, type: Convolution, num_output: 8, kernel_size: 1}
  - {name: b, type: Convolution, num_output: $(2 * previous.channels), kernel_size: 1, repeat: 2}
  - {name: c, type: Concat, bottom: [previous, a]}
"""
    )
    assert [node.top[0][1] for node in net.nodes] == [8, 16, 32, 40]
    assert bottoms(net)["c"] == ["b.1", "a"]


def test_a_path_in_an_expression() -> None:
    net = good(
        IMAGE
        + """layers:
  - {name: u, type: Convolution, num_output: $(4 + i), kernel_size: 1, repeat: 2}
  - {name: v, type: Convolution, num_output: $(u.0.channels + u.channels), kernel_size: 1}
"""
    )
    assert net.nodes[-1].top[0][1] == 9


def test_a_block_gives_its_last_layer_or_its_outputs() -> None:
    net = good(
        IMAGE
        + """blocks:
  last: {layers: [{name: a, type: ReLU}, {name: b, type: ReLU}]}
  both: {outputs: [a, b], layers: [{name: a, type: ReLU}, {name: b, type: ReLU}]}
layers:
  - {name: x, type: last}
  - {name: y, type: both, top: [low, high]}
  - {name: z, type: Eltwise, bottom: [low, high, x]}
"""
    )
    assert bottoms(net)["z"] == ["y.a", "y.b", "x.b"]


def test_an_unscoped_group_belongs_to_the_list_around_it() -> None:
    net = good(
        IMAGE
        + """layers:
  - scope: false
    repeat: 2
    layers:
      - {name: conv$i, type: Convolution, num_output: $(input.channels + i), kernel_size: 1}
      - {type: ReLU}
  - {name: cat, type: Concat, bottom: [conv0, conv1, previous]}
"""
    )
    assert paths(net) == ["conv0", "0", "conv1", "1", "cat"]
    assert net.nodes[2].top[0][1] == 4  # `input` is the input of the list around the group
    assert bottoms(net)["conv1"] == ["0"]


@pytest.mark.parametrize(
    ("key", "value"), [("name", "x"), ("bottom", "data"), ("top", "x"), ("outputs", "x")]
)
def test_an_unscoped_group_has_no_name_and_no_blobs(key: str, value: str) -> None:
    text = IMAGE + f"layers: [{{{key}: {value}, scope: false, layers: [{{type: ReLU}}]}}]"
    check_error(text, "field-conflict", 4, 11, "opens no scope")


def test_what_an_absent_unscoped_group_holds_is_absent() -> None:
    net = good(
        IMAGE
        + """vars: {deep: false}
variants: {deeper: {deep: true}}
layers:
  - {name: a, type: ReLU}
  - scope: false
    when: $deep
    layers:
      - {name: b, type: ReLU}
      - {name: c, type: ReLU}
  - {name: d, type: Concat, bottom: [data, c]}
"""
    )
    assert bottoms(net)["d"] == ["data", "a"]


@pytest.mark.parametrize(
    ("bottom", "message"),
    [
        ("twins", "no layer is called `twins`"),  # not: it stands further down
        ("below", "`below` stands further down"),
        ("beyond", "`beyond` stands further down"),
        ("pair", "`pair` stands further down"),
    ],
)
def test_names_of_instances_that_are_or_are_not_to_come(bottom: str, message: str) -> None:
    text = f"""layers:
  - {{name: twins, repeat: [{{name: left}}, {{name: right}}], {CONV}}}
  - {{bottom: {bottom}, name: last, type: ReLU}}
  - {{name: pair, repeat: [{{name: below}}, {{}}], {CONV}}}
  - {{name: other, repeat: 2, first: {{name: beyond}}, {CONV}}}
"""
    check_errors(IMAGE + text, Expected("unknown-name", 6, 14, message))


@pytest.mark.parametrize(
    ("bottom", "message", "help"),
    [
        ("con1", "no layer is called `con1`", "did you mean `conv1`?"),
        ("relu", "`relu` stands further down", ""),
        ("group.iner", "`group` has no `iner`", "did you mean `group.inner`?"),
        ("conv1.x", "`conv1` is a layer, which has no names within", ""),
        ("conv1.*", "`conv1` is no repeat", ""),
        ("conv1.*.x", "`conv1` is no repeat", ""),
        ("r.*.x", "`r.0` is a layer, which has no names within", ""),
        ("width", "`width` is a value, not a layer", "its value is `$width`"),
    ],
)
def test_names_that_are_not_seen(bottom: str, message: str, help: str) -> None:
    text = f"""vars: {{width: 4}}
layers:
  - {{name: conv1, {CONV}}}
  - {{name: group, layers: [{{name: inner, {CONV}}}]}}
  - {{name: r, type: ReLU, repeat: $width}}
  - {{bottom: {bottom}, name: last, type: ReLU}}
  - {{name: relu, type: ReLU}}
"""
    check_error(IMAGE + text, "unknown-name", 9, 14, message, help)


def test_nothing_in_a_bottom() -> None:
    check_error(IMAGE + "layers: [{type: ReLU, bottom: []}]", "no-bottom", 4, 31)


def test_a_dead_layer_of_a_repeat_that_opens_no_scope() -> None:
    """Its instances stand in one list, where each is read or isn't."""
    check(
        IMAGE + "layers: [{scope: false, repeat: 2, layers: [{type: «ReLU, bottom: input}]}]\n",
        ("unused-layer", "nothing reads what `0` gives, and it is no output"),
    )
    good(IMAGE + "layers: [{scope: false, repeat: 2, layers: [{type: ReLU}]}]\n")
    good(
        IMAGE
        + """layers:
  - scope: false
    repeat: 2
    layers: [{name: a$i, type: ReLU, bottom: input}, {name: b$i, type: TanH, bottom: a$i}]
  - {type: Eltwise, bottom: [b0, b1]}
"""
    )


def test_tops_without_names_go_by_numbers() -> None:
    network = good(
        IMAGE
        + """layers:
  - {name: s, type: Slice, slice_point: [1, 2]}
  - {name: a, type: ReLU, bottom: s.2}
  - {name: b, type: Concat, bottom: [s.0, a, s.1]}
outputs: [b, s.1]
"""
    )
    assert bottoms(network)["b"] == ["s.0", "a", "s.1"]
    assert list(network.outputs) == ["b", "s.1"]
    for entry in ("{name: s, type: Slice, slice_point: 1, top: [x, y]}", "{name: s, type: ReLU}"):
        check(
            IMAGE + f"allow: [unused-layer]\nlayers: [{entry}, {{type: ReLU, bottom: «s.0}}]\n",
            ("unknown-name", "`s` is a layer, which has no names within"),
        )


REPEATED = """
inputs: {x: [N, 4], y: [N, 4]}
blocks:
  both:
    inputs: [a, b]
    outputs: [sum, side]
    layers:
      - {name: side, type: ReLU, bottom: b}
      - {name: sum, type: Eltwise, bottom: [a, b]}
layers:
"""


def test_a_name_that_only_the_instances_of_a_repeat_have() -> None:
    text = """  - {name: rows, type: both, first: {bottom: [x, y]}, repeat: 3}
  - {name: end, type: ReLU, bottom: «rows.side}
"""
    help = "the last instance's is `rows.2.side`"
    check(HEAD + REPEATED + text, ("unknown-name", "`rows` has no `side`", help))


def test_an_instance_too_many() -> None:
    text = """layers:
  - {name: rows, type: ReLU, repeat: 3}
  - {name: end, type: ReLU, bottom: «rows.3}
"""
    check(IMAGE + text, ("unknown-name", "`rows` has no `3`", "the last instance is `rows.2`"))


def test_an_instance_that_the_next_one_does_not_read() -> None:
    text = """  - {name: «rows, type: both, bottom: [x, y], repeat: 2}
"""
    help = "for each instance to read the one before, `bottom` belongs under `first`"
    check(HEAD + REPEATED + text, ("unused-layer", "nothing reads what `rows.0` gives", help))


def test_a_value_that_is_read_with_the_text_behind_it() -> None:
    check(
        IMAGE + "layers: [{scope: false, repeat: 2, layers: [{name: a$«i_b, type: ReLU}]}]\n",
        ("unknown-name", "nothing here is called `i_b`", "`$(i)_b` is `i` and text behind it"),
    )
    net = good(IMAGE + "layers: [{scope: false, repeat: 2, layers: [{name: a$(i)_b, type: ReLU}]}]")
    assert paths(net) == ["a0_b", "a1_b"]
