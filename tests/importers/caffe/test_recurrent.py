"""Caffe's recurrent layers, a layer for each step. `test_figures` has a real Caffe's numbers."""

import pytest

from netspec.network import Network
from tests.importers.caffe.networks import complaint, entries, network, one, spec

STEPS = """
input: "s" input_shape { dim: 3 dim: 2 dim: 5 }
input: "cont" input_shape { dim: 3 dim: 2 }
"""
READS = 'bottom: "s" bottom: "cont"'
FOUR = "recurrent_param { num_output: 4 }"
HIDDEN = "recurrent_param { num_output: 4 expose_hidden: true }"


def shapes_of(network: Network) -> list[str]:
    return [str(shape) for shape in network.outputs.values()]


def test_a_step_reads_the_states_before_it_times_their_marks() -> None:
    assert entries(STEPS + one("LSTM", FOUR, READS)) == [
        "name: x_sequence, type: Permute, order: [1, 0, 2]",
        "name: x_xs, type: Slice, top: [x_x1, x_x2, x_x3]",
        "name: x_conts, type: Slice, bottom: cont, top: [x_cont1, x_cont2, x_cont3], axis: 0",
        "name: x_step1, type: LSTM, bottom: x_x1, top: [x_y1, x_h1, x_c1], num_output: 4",
        "name: x_kept_h2, type: Scale, bottom: [x_h1, x_cont2], axis: 0",
        "name: x_kept_c2, type: Scale, bottom: [x_c1, x_cont2], axis: 0",
        "name: x_step2, reuse: x_step1, bottom: [x_x2, x_kept_h2, x_kept_c2],"
        " top: [x_y2, x_h2, x_c2]",
        "name: x_kept_h3, type: Scale, bottom: [x_h2, x_cont3], axis: 0",
        "name: x_kept_c3, type: Scale, bottom: [x_c2, x_cont3], axis: 0",
        "name: x_step3, reuse: x_step1, bottom: [x_x3, x_kept_h3, x_kept_c3]",
        "name: x_all, type: Concat, bottom: [x_y1, x_y2, x_step3]",
        "name: x, type: Permute, order: [1, 0, 2]",
    ]


def test_what_a_comment_says() -> None:
    text = spec(STEPS + one("LSTM", FOUR, READS)).text
    assert "# Caffe's LSTM is a layer for each step here, as sequences may begin at any" in text
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
    # Caffe has one bias a gate: 16 of them fewer.
    assert made.params == 16 * 5 + 16 + 16 * 4 + 16


def test_only_the_first_of_two_biases_is_trained() -> None:
    """Caffe has one, which begins with what both are here together."""
    filler = 'weight_filler { type: "xavier" } bias_filler { value: 1 }'
    told = "param { lr_mult: 2 } param { lr_mult: 3 } "
    told += f"recurrent_param {{ num_output: 4 {filler} }}"
    first = entries(STEPS + one("LSTM", told, READS))[3]
    assert first.endswith(
        "num_output: 4, weight_filler: {type: xavier}, bias_filler: {type: constant, value: 0.5},"
        " param: [{lr_mult: 2}, {}, {lr_mult: 3}, {lr_mult: 0, decay_mult: 0}]"
    )
    plain = one("LSTM", 'recurrent_param { num_output: 4 weight_filler { type: "xavier" } }', READS)
    loss = 'layer { name: "l" type: "EuclideanLoss" bottom: "x" bottom: "x" }'
    first = entries(STEPS + plain + loss)[3]
    assert first.endswith(
        "bias_filler: {type: constant}, param: [{}, {}, {}, {lr_mult: 0, decay_mult: 0}]"
    )


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
            "a step is a layer, and 2,000 are more than 1,024",
        ),
        (
            STEPS + one("LSTM", f'param {{ name: "w" }} {FOUR}', READS),
            "a recurrent layer shares no blobs here: it has others",
        ),
    ],
)
def test_what_is_refused(text: str, said: str) -> None:
    assert complaint(text).startswith(f"error[not-importable]: {said}\n --> net.prototxt:")


def test_steps_of_any_number() -> None:
    shapes = {"s": ["T", 2, 5], "cont": ["T", 2]}
    assert "a step is a layer, and how many there are is T here" in complaint(
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
    said = "this layer and those above it have more than 20,000 steps or parts"
    assert said in complaint(STEPS.replace("dim: 3", "dim: 1000") + stack)
