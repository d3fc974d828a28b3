"""Caffe's recurrent layers, a block for each step. `test_figures` has a real Caffe's numbers."""

import pytest

from netspec.network import Network
from tests.importers.caffe.networks import complaint, entries, network, one, spec

STEPS = """
input: "s" input_shape { dim: 3 dim: 2 dim: 5 }
input: "cont" input_shape { dim: 3 dim: 2 }
"""
STILL = 'input: "still" input_shape {{ dim: {} dim: 6 }}\n'
READS = 'bottom: "s" bottom: "cont"'
FOUR = "recurrent_param { num_output: 4 }"
HIDDEN = "recurrent_param { num_output: 4 expose_hidden: true }"
RENAMED = f'layer {{ name: "1/r" type: "RNN" {READS} top: "y" {FOUR} }}'


def shapes_of(network: Network) -> list[str]:
    return [str(shape) for shape in network.outputs.values()]


def written(text: str) -> list[str]:
    """The lines of its spec from `blocks` on."""
    lines = spec(text, flat=False).text.splitlines()
    return lines[lines.index("blocks:") :]


def test_a_step_reads_the_states_before_it_times_their_marks() -> None:
    assert written(STEPS + one("LSTM", FOUR, READS)) == [
        "blocks:",
        "  lstm_step:",
        "    inputs: [x, cont, h_before, c_before]",
        "    layers:",
        "      - {name: kept_h, type: Scale, bottom: [h_before, cont], axis: 0}",
        "      - {name: hidden, type: InnerProduct, num_output: 16, bias_term: false, axis: 2}",
        "      - {name: gates, type: Eltwise, bottom: [x, hidden]}",
        "      - {name: rows, type: Slice, top: [i, f, o, g], axis: 2}",
        "      - {name: input_gate, type: Sigmoid, bottom: i}",
        "      - {name: forget_gate, type: Sigmoid, bottom: f}",
        "      - {name: output_gate, type: Sigmoid, bottom: o}",
        "      - {name: candidate, type: TanH, bottom: g}",
        "      - {name: added, type: Eltwise, bottom: [input_gate, candidate], operation: PROD}",
        "      - {name: kept_c, type: Scale, bottom: [c_before, cont], axis: 0}",
        "      - {name: remembered, type: Eltwise, bottom: [forget_gate, kept_c], operation: PROD}",
        "      - {name: c, type: Eltwise, bottom: [remembered, added]}",
        "      - {name: squashed, type: TanH}",
        "      - {name: h, type: Eltwise, bottom: [output_gate, squashed], operation: PROD}",
        "    outputs: [h, c]",
        "layers:",
        "  - {name: x_gates, type: InnerProduct, num_output: 16, axis: 2}",
        "  - {name: x_xs, type: Slice, top: [x_x.0, x_x.1, x_x.2], axis: 0}",
        "  - {name: x_conts, type: Slice, bottom: cont, top: [x_cont.0, x_cont.1, x_cont.2],"
        " axis: 0}",
        "  - {name: x_zero, type: Constant, shape: [1, 1, 4], value: 0, persistent: false}",
        "  - {name: x_h0, type: Expand, bottom: [x_zero, x_x.0], axis: 1}",
        "  - {name: x_c0, type: Expand, bottom: [x_zero, x_x.0], axis: 1}",
        "  - {name: x_first, type: lstm_step, bottom: [x_x.0, x_cont.0, x_h0, x_c0]}",
        "  - {name: x_step, reuse: x_first, bottom: [x_x.$(i + 1), x_cont.$(i + 1), previous],"
        " repeat: 2}",
        '  - {name: x, type: Concat, bottom: [x_first.h, "x_step.*.h"], axis: 0}',
    ]


def test_an_rnn_has_one_state_and_a_product_behind_it() -> None:
    assert written(STEPS + one("RNN", FOUR, READS))[-12:] == [
        "      - {name: h, type: TanH}",
        "layers:",
        "  - {name: x_gates, type: InnerProduct, num_output: 4, axis: 2}",
        "  - {name: x_xs, type: Slice, top: [x_x.0, x_x.1, x_x.2], axis: 0}",
        "  - {name: x_conts, type: Slice, bottom: cont, top: [x_cont.0, x_cont.1, x_cont.2],"
        " axis: 0}",
        "  - {name: x_zero, type: Constant, shape: [1, 1, 4], value: 0, persistent: false}",
        "  - {name: x_h0, type: Expand, bottom: [x_zero, x_x.0], axis: 1}",
        "  - {name: x_first, type: rnn_step, bottom: [x_x.0, x_cont.0, x_h0]}",
        "  - {name: x_step, reuse: x_first, bottom: [x_x.$(i + 1), x_cont.$(i + 1), previous],"
        " repeat: 2}",
        '  - {name: x_states, type: Concat, bottom: [x_first, "x_step.*"], axis: 0}',
        "  - {name: x_projected, type: InnerProduct, num_output: 4, axis: 2}",
        "  - {name: x, type: TanH}",
    ]


def test_layers_that_differ_in_numbers_have_one_block() -> None:
    five = 'layer { name: "z" type: "LSTM" bottom: "x" bottom: "cont" top: "z" '
    five += "recurrent_param { num_output: 5 } }"
    lines = written(STEPS + one("LSTM", FOUR, READS) + five)
    assert "    args: {num_output: required}" in lines
    hidden = (
        "{name: hidden, type: InnerProduct, num_output: $num_output, bias_term: false, axis: 2}"
    )
    assert f"      - {hidden}" in lines
    firsts = [each.rpartition("], ")[2] for each in lines if "type: lstm_step" in each]
    assert firsts == ["num_output: 16}", "num_output: 20}"]
    drawn = five.replace("num_output: 5", 'num_output: 5 weight_filler { type: "xavier" }')
    lines = written(STEPS + one("LSTM", FOUR, READS) + drawn)
    assert [each for each in lines if each.endswith(("_step:", "_2:"))] == [
        "  lstm_step:",
        "  lstm_step_2:",
    ]


def test_a_layer_of_one_phase_has_the_block_of_the_others() -> None:
    train = 'layer { name: "y" type: "LSTM" bottom: "s" bottom: "cont" top: "y" '
    train += f"include {{ phase: TRAIN }} {FOUR} }}"
    lines = written(STEPS + train + one("LSTM", FOUR, READS))
    assert [each for each in lines if "_step:" in each] == ["  lstm_step:"]
    assert [each.endswith("phase: TRAIN}") for each in lines if "type: lstm_step" in each] == [
        True,
        False,
    ]


def test_a_bottom_that_is_both_states_is_read_twice() -> None:
    """A block reads each by itself, as a module in PyTorch does."""
    states = 'input: "h" input_shape { dim: 1 dim: 2 dim: 4 }\n'
    text = STEPS + states + one("LSTM", HIDDEN, f'{READS} bottom: "h" bottom: "h"')
    assert [each for each in written(text) if "x_c0" in each] == [
        "  - {name: x_c0, type: Identity, bottom: h}",
        "  - {name: x_first, type: lstm_step, bottom: [x_x.0, x_cont.0, h, x_c0]}",
    ]


def test_all_parts_of_a_layer_stand_in_one_scope() -> None:
    names = [each.split(",")[0] for each in entries(STEPS + RENAMED)]
    assert {each.split(".")[0] for each in names} == {"name: rnn_1"}


def test_flat() -> None:
    """Layer for layer, and the same graph."""
    text = STEPS + one("LSTM", FOUR, READS)
    flat, made = spec(text), spec(text, flat=False)
    assert "blocks:" not in flat.text
    assert "  - {name: x_step.0.hidden, reuse: x_first.hidden}" in flat.text
    assert made.paths == flat.paths


def test_what_a_comment_says() -> None:
    text = spec(STEPS + one("LSTM", FOUR, READS)).text
    assert "# Caffe's LSTM is a block for each step here, as sequences may begin at any" in text
    assert "# Each LSTM begins with zeros here; Caffe keeps its state from one pass" in text
    states = 'input: "h" input_shape { dim: 1 dim: 2 dim: 4 }\n'
    reads = f'{READS} bottom: "h"'
    text = spec(STEPS + states + one("RNN", HIDDEN, reads, 'top: "y" top: "last"')).text
    assert "begins with zeros" not in text
    assert text.endswith("outputs: [x, last]\n")


def test_the_batch_may_be_any() -> None:
    text = STEPS + one("RNN", FOUR, READS)
    assert shapes_of(network(text)) == ["3×2×4"]
    shapes = {"s": [3, "N", 5], "cont": [3, "N"]}
    assert shapes_of(network(text, shapes=shapes)) == ["3×N×4"]


def test_one_step_is_for_states_that_are_shown() -> None:
    """The batch isn't taken for the axis of the steps, which comes first."""
    step = STEPS.replace("dim: 3", "dim: 1")
    assert complaint(step + one("LSTM", FOUR, READS)).startswith(
        "error[not-importable]: `x` goes a step at a time: Caffe keeps its state from one pass to "
        "the next, and a spec keeps none\n"
    )
    states = "".join(f'input: "{each}" input_shape {{ dim: 1 dim: 2 dim: 4 }}\n' for each in "hc")
    reads = f'{READS} bottom: "h" bottom: "c"'
    text = step + states + one("LSTM", HIDDEN, reads, 'top: "y" top: "h2" top: "c2"')
    assert shapes_of(network(text)) == ["1×2×4"] * 3


def test_marks_that_are_worked_out() -> None:
    """LRCN's are reshaped, as its frames are."""
    text = """
    input: "s" input_shape { dim: 6 dim: 5 }  input: "marks" input_shape { dim: 6 }
    layer { name: "r" type: "Reshape" bottom: "s" top: "r"
      reshape_param { shape { dim: 3 dim: 2 dim: 5 } } }
    layer { name: "m" type: "Reshape" bottom: "marks" top: "m"
      reshape_param { shape { dim: 3 dim: 2 } } }
    """
    made = network(text + one("LSTM", FOUR, 'bottom: "r" bottom: "m"'))
    assert shapes_of(made) == ["3×2×4"]
    assert made.params == 16 * 5 + 16 + 16 * 4
    assert sum(node.macs for node in made.nodes) == 6 * 16 * (5 + 4)


def test_how_blobs_are_drawn_and_trained() -> None:
    filler = 'weight_filler { type: "xavier" } bias_filler { value: 1 }'
    told = "param { lr_mult: 2 } param { lr_mult: 3 } param { decay_mult: 0 } "
    told += f"recurrent_param {{ num_output: 4 {filler} }}"
    made = [each for each in entries(STEPS + one("LSTM", told, READS)) if "InnerProduct" in each]
    assert made == [
        "name: x_gates, type: InnerProduct, num_output: 16, axis: 2, weight_filler: {type: xavier},"
        " bias_filler: {type: constant, value: 1}, param: [{lr_mult: 2}, {lr_mult: 3}]",
        "name: x_first.hidden, type: InnerProduct, num_output: 16, axis: 2, bias_term: false,"
        " weight_filler: {type: xavier}, param: [{decay_mult: 0}]",
    ]
    plain = one("LSTM", "recurrent_param { num_output: 4 bias_filler { value: 1 } }", READS)
    loss = 'layer { name: "l" type: "EuclideanLoss" bottom: "x" bottom: "x" }'
    other = 'layer { name: "f" type: "InnerProduct" bottom: "x" top: "f" '
    other += 'inner_product_param { num_output: 2 weight_filler { type: "xavier" } } }'
    made = [each for each in entries(STEPS + plain + other + loss) if "InnerProduct" in each]
    assert [each for each in made if "weight_filler: {type: constant}" in each] == made[:2]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            STEPS + one("LSTM", FOUR, 'bottom: "s"'),
            "Caffe's LSTM reads a sequence, the marks of where sequences begin, `cont`, and "
            "further blobs of its own, but has 1 bottom",
        ),
        (
            STEPS.replace("dim: 3 dim: 2 }", "dim: 3 }") + one("RNN", FOUR, READS),
            "Caffe's RNN reads a sequence T×N×… and marks T×N, but these are 3×2×5 and 3",
        ),
        (
            STEPS.replace("dim: 3", "dim: 2000") + one("RNN", FOUR, READS),
            "a step is a block, and 2,000 are more than 1,024",
        ),
        (
            STEPS + one("LSTM", f'param {{ name: "w" }} {FOUR}', READS),
            "a recurrent layer shares no blobs here: it has others",
        ),
        (
            STEPS + one("LSTM", "recurrent_param { }", READS),
            "Caffe's LSTM needs a `num_output` of 1 or more",
        ),
        (
            STEPS + STILL.format(3) + one("RNN", FOUR, f'{READS} bottom: "still"'),
            "Caffe's RNN reads a static bottom N×…, N 2 here, but this is 3×6",
        ),
        (
            STEPS + STILL.format(2) + one("RNN", HIDDEN, f'{READS} bottom: "still"'),
            "Caffe's RNN reads states of 1×2×4 here, but this is 2×6",
        ),
    ],
)
def test_what_is_refused(text: str, said: str) -> None:
    assert complaint(text).startswith(f"error[not-importable]: {said}\n --> net.prototxt:")


def test_steps_of_any_number() -> None:
    shapes = {"s": ["T", 2, 5], "cont": ["T", 2]}
    assert "a step is a block, and how many there are is T here" in complaint(
        STEPS + one("RNN", FOUR, READS), shapes=shapes
    )


def test_many_steps_of_many_layers() -> None:
    """A layer stands for its steps until all else is known; they aren't made without bound."""
    stack = "".join(
        f'layer {{ name: "l{n}" type: "LSTM" bottom: "{f"l{n - 1}" if n else "s"}" bottom: "cont" '
        f'top: "l{n}" {FOUR} }}'
        for n in range(40)
    )
    assert shapes_of(network(STEPS + stack)) == ["3×2×4"]
    said = "this layer and those above it have more than 40,000 steps or parts"
    assert said in complaint(STEPS.replace("dim: 3", "dim: 1000") + stack)
