"""Repeats, `when` and phases."""

import pytest

from netspec.graph import Phase
from netspec.graph.tree import scopes
from tests.checking import HEAD, IMAGE, Expected, bottoms, check_error, check_errors, good, paths
from tests.whole import check_whole

CONV = "type: Convolution, num_output: 4, kernel_size: 1"


def channels(text: str) -> list[object]:
    return [node.top[0][1] for node in good(IMAGE + text).nodes]


def test_instances_read_one_another() -> None:
    net = good(IMAGE + f"layers: [{{name: a, {CONV}, repeat: 3}}, {{name: r, type: ReLU}}]")
    assert bottoms(net) == {"a.0": ["data"], "a.1": ["a.0"], "a.2": ["a.1"], "r": ["a.2"]}


def test_bottom_input_makes_branches() -> None:
    net = good(
        IMAGE
        + f"""layers:
  - name: g
    layers: [{{name: a, {CONV}, repeat: 2, bottom: input}}, {{type: Concat, bottom: a.*}}]
"""
    )
    assert bottoms(net)["g.a.1"] == ["data"]


def test_previous_is_the_instance_before() -> None:
    net = good(
        IMAGE
        + f"""layers:
  - {{name: a, {CONV}}}
  - {{name: sum, type: Eltwise, bottom: [previous, a], repeat: 2, first: {{bottom: [a, a]}}}}
"""
    )
    assert bottoms(net)["sum.0"] == ["a", "a"]
    assert bottoms(net)["sum.1"] == ["sum.0", "a"]


def test_fields_of_each_instance() -> None:
    text = """layers:
  - name: a
    type: Convolution
    kernel_size: 1
    num_output: 4
    repeat: [{num_output: 8}, {}, {num_output: $(i * 5)}]
"""
    assert channels(text) == [8, 4, 10]


def test_first_overrides_fields_of_instance_0() -> None:
    text = """layers:
  - {name: a, type: Convolution, num_output: $(4 + k), kernel_size: 1, repeat: 3, index: k,
     first: {num_output: 2}}
"""
    assert channels(text) == [2, 5, 6]


def test_first_stands_over_a_list_of_instances_too() -> None:
    text = """layers:
  - {name: a, type: Convolution, kernel_size: 1, repeat: [{num_output: 4}, {num_output: 4}],
     first: {num_output: 2}}
"""
    assert channels(text) == [2, 4]


def test_an_arg_that_only_the_first_instance_is_given() -> None:
    check_error(
        IMAGE
        + """blocks:
  b: {args: {n: required}, layers: [{type: Convolution, num_output: $n, kernel_size: 1}]}
layers:
  - {name: a, type: b, repeat: 2, first: {n: 4}}
""",
        "missing-field",
        7,
        21,
        "block `b` needs the arg `n`",
    )


def test_bottom_top_and_when_are_evaluated_for_each_instance() -> None:
    net = good(
        IMAGE
        + f"""layers:
  - {{name: s, {CONV}, repeat: 3}}
  - {{name: r$i, type: ReLU, bottom: s.$i, top: t$i, when: $(i != 1), repeat: 3}}
  - {{name: sum, type: Eltwise, bottom: [t0, t2]}}
"""
    )
    assert bottoms(net)["r2"] == ["s.2"]
    assert bottoms(net)["sum"] == ["t0", "t2"]


def test_repeat_0_is_like_a_false_when() -> None:
    net = good(
        IMAGE
        + f"""vars: {{n: 0}}
layers:
  - {{name: a, {CONV}}}
  - {{name: b, type: ReLU, repeat: $n, bottom: data}}
  - {{name: c, type: Concat, bottom: [a, b]}}
"""
    )
    assert bottoms(net)["c"] == ["a", "data"]


@pytest.mark.parametrize(
    ("repeat", "code", "message", "help"),
    [
        (
            "$(6 / 2)",
            "wrong-type",
            "`repeat` should be an integer or a list of rows, not a float",
            "`//`",
        ),
        ("$(-1)", "bad-value", "`repeat` should be at least 0, not -1", ""),
        ("many", "wrong-type", "`repeat` should be an integer or a list", ""),
        (
            "$(1 > 0)",
            "wrong-type",
            "`repeat` should be an integer or a list of rows, not a boolean",
            "",
        ),
        ("10000000", "too-large", "more than 100,000 layers", ""),
        ("$(10 ** 7)", "too-large", "more than 100,000 layers", ""),
    ],
)
def test_repeats_that_cannot_be(repeat: str, code: str, message: str, help: str) -> None:
    text = f"layers: [{{repeat: {repeat}, name: a, type: ReLU}}]"
    check_error(IMAGE + text, code, 4, 19, message, help)


def test_an_inner_index_hides_no_outer_one() -> None:
    text = f"""layers:
  - name: g
    repeat: 2
    layers:
      - {{name: a, type: Convolution, num_output: "$(i + 4)", kernel_size: 1, repeat: 2}}
      - {{name: b, {CONV}, repeat: 2, index: i}}
"""
    check_errors(
        IMAGE + text,
        Expected("name-conflict", 8, 25, "the index `i` hides", "`index: k`"),
        Expected("name-conflict", 9, 87, "the index `i` hides", "`index: k`"),
    )


def test_an_index_within_a_block_hides_nothing() -> None:
    net = good(
        IMAGE
        + """blocks:
  b: {layers: [{name: r, type: ReLU, repeat: 2}]}
layers: [{name: x, type: b, repeat: 2}]
"""
    )
    assert len(net) == 4


def test_an_absent_layer_stands_for_its_first_bottom() -> None:
    net = good(
        IMAGE
        + f"""layers:
  - {{name: a, {CONV}}}
  - {{name: b, {CONV}}}
  - {{name: c, {CONV}, bottom: a, top: d, when: false}}
  - {{name: sum, type: Eltwise, bottom: [b, c, previous]}}
  - {{name: sum2, type: Eltwise, bottom: [sum, d]}}
""".replace("[b, c, previous]", "[previous, c]")
    )
    assert bottoms(net)["sum"] == ["b", "a"]
    assert bottoms(net)["sum2"] == ["sum", "a"]


@pytest.mark.parametrize("deep", [True, False])
def test_if_and_else(deep: bool) -> None:
    text = (
        IMAGE
        + f"""vars: {{deep: {str(deep).lower()}}}
layers:
  - {{name: conv, type: Convolution, num_output: 8, kernel_size: 1, when: $deep}}
  - {{name: conv, type: Convolution, num_output: 4, kernel_size: 1, when: $(not deep)}}
  - {{name: tail, type: ReLU, repeat: 2, when: $deep}}
  - {{name: tail, type: Dropout, bottom: conv, when: $(not deep)}}
  - {{name: last, type: ReLU}}
"""
    )
    net = good(text)
    assert net.nodes[0].top[0][1] == (8 if deep else 4)
    if not deep:
        assert paths(net) == ["conv", "tail", "last"]


def test_two_entries_of_one_name_that_are_both_there() -> None:
    text = f"""vars: {{deep: true}}
variants: {{shallow: {{deep: false}}}}
layers:
  - {{name: conv, {CONV}, when: $deep}}
  - {{name: conv, {CONV}}}
"""
    check_error(IMAGE + text, "duplicate-name", 8, 12, "in line 7")


def test_when_is_decided_before_a_block_is_opened() -> None:
    net = good(
        IMAGE
        + """blocks:
  down: {args: {n: required}, layers: [{type: down, n: $(n - 1), when: $(n > 0)}, {type: ReLU}]}
layers: [{name: x, type: down, n: 3}]
"""
    )
    assert len(net) == 4


def test_an_absent_entry_may_be_wrong_in_what_it_would_read() -> None:
    good(
        IMAGE
        + """layers:
  - {name: a$i, type: Convolution, num_output: 4, kernel_size: 1, repeat: 2}
  - {name: s$i, type: Eltwise, bottom: ["a$(i - 1)", a$i], when: $(i > 0), repeat: 2}
"""
    )


@pytest.mark.parametrize(("when", "column"), [("1", 15), ("$(1 + 1)", 17), ('"yes"', 15)])
def test_when_takes_a_boolean(when: str, column: int) -> None:
    text = IMAGE + f"layers: [{{when: {when}, name: a, type: ReLU}}]"
    column = 17
    check_error(text, "wrong-type", 4, column, "`when`")


PHASES = HEAD + "inputs: {data: [N, 3, 8, 8], label: {shape: [N], dtype: int64, phase: TRAIN}}\n"


def test_phases() -> None:
    net = good(
        PHASES
        + """layers:
  - {name: a, type: Flatten}
  - {name: aux, type: InnerProduct, num_output: 10, phase: train}
  - {name: loss, type: SoftmaxWithLoss, bottom: [aux, label], phase: TRAIN, loss_weight: 0.5}
  - {name: fc, type: InnerProduct, num_output: 10, bottom: a}
"""
    )
    assert list(net.outputs) == ["fc"]
    assert [node.path for node in net.phase("TEST")] == ["a", "fc"]
    assert [node.path for node in net.phase("TRAIN")] == ["a", "aux", "loss", "fc"]
    assert net.losses == {"loss": 0.5}


def test_dotted_names_in_a_phase() -> None:
    """The scopes that they make are of the phase that they stand in, in groups, blocks, repeats."""
    net = good(
        IMAGE
        + """blocks:
  two:
    layers:
      - {name: p.q.r, type: ReLU}
      - {name: p.s, type: ReLU}
layers:
  - {name: a, type: ReLU}
  - name: g
    phase: TRAIN
    layers:
      - {name: b.c, type: ReLU}
      - {name: b.d.e, type: ReLU, repeat: 2}
      - {name: f, type: two}
      - {name: h.i, type: two, repeat: 2}
  - {name: u.v, type: two, phase: TRAIN, bottom: a}
  - {name: w.x, type: two, phase: TRAIN, repeat: 2, first: {bottom: a}}
  - {name: y, type: two, bottom: a}
outputs: [y, g, u.v, w]
"""
    )
    check_whole(net)
    phases = {scope.path: scope.phase for scope in scopes(net.root)}
    train = ("g.b", "g.b.d", "g.f.p", "g.h", "g.h.i.1.p.q", "u.v.p", "w.x.0.p", "w.x.1.p.q")
    assert {phases[path] for path in train} == {Phase.TRAIN}
    assert {phases[path] for path in ("", "y", "y.p", "y.p.q")} == {None}


def test_what_a_layer_reads_never_depends_on_the_phase() -> None:
    check_error(
        PHASES
        + """layers:
  - {name: a, type: Flatten}
  - {name: aux, type: ReLU, phase: TRAIN}
  - {name: fc, type: InnerProduct, num_output: 10}
""",
        "no-bottom",
        7,
        22,
        "what stands before, `aux`, exists in phase TRAIN alone",
        "`phase: TRAIN`",
    )


def test_a_layer_of_both_phases_that_reads_one_of_one_phase() -> None:
    check_error(
        PHASES
        + """layers:
  - {name: a, type: Flatten}
  - {name: aux, type: ReLU, phase: TRAIN}
  - {name: fc, type: InnerProduct, num_output: 10, bottom: aux}
""",
        "phase-mismatch",
        7,
        60,
        "`aux` exists in phase TRAIN alone",
    )


def test_the_last_layer_of_one_phase() -> None:
    text = "layers:\n  - {name: a, type: Flatten}\n  - {name: b, type: ReLU, phase: TEST}\n"
    check_error(PHASES + text, "missing-outputs", 6, 21, "say with `outputs` what to give")
    net = good(PHASES + text + "outputs: [a, b]\nallow: [unused-input]\n")
    assert list(net.outputs) == ["a", "b"]
    assert list(net.phase("TRAIN").outputs) == ["a"]


def test_a_phase_within_the_other() -> None:
    text = """layers:
  - {name: g, allow: [unused-layer], phase: TRAIN, layers: [{name: a, type: ReLU, phase: TEST}]}
  - {name: b, type: Flatten, bottom: data}
"""
    check_error(PHASES + text, "phase-mismatch", 5, 90, "something of phase TRAIN alone")


def test_a_loss_stands_in_the_train_phase() -> None:
    check_error(
        HEAD
        + """inputs: {data: [N, 10], label: {shape: [N], dtype: int64}}
layers:
  - {name: a, type: ReLU}
  - {name: loss, type: SoftmaxWithLoss, bottom: [a, label]}
outputs: a
""",
        "phase-mismatch",
        6,
        24,
        "SoftmaxWithLoss is a loss",
        "add `phase: TRAIN`",
    )


def test_keys_that_only_a_repeat_has() -> None:
    check_errors(
        IMAGE + "layers: [{name: a, type: ReLU, first: {}, index: k}]",
        Expected("field-conflict", 4, 32, "`first` has no meaning without `repeat`"),
        Expected("field-conflict", 4, 43, "`index` has no meaning without `repeat`"),
    )


@pytest.mark.parametrize("index", ["len", "input", "previous", "and"])
def test_an_index_that_means_something_in_expressions(index: str) -> None:
    check_error(
        IMAGE + f"layers: [{{name: a, type: ReLU, repeat: 2, index: {index}}}]",
        "bad-name",
        4,
        50,
        f"`{index}` has a meaning of its own in expressions",
        f"say `{index}_`",
    )


def test_an_index_is_an_identifier() -> None:
    check_error(
        IMAGE + "layers: [{name: a, type: ReLU, repeat: 2, index: k-1}]",
        "bad-name",
        4,
        50,
        "`index` is the name of a value: letters, digits and `_`",
    )


def test_keys_that_an_instance_cannot_have() -> None:
    check_errors(
        IMAGE + "layers: [{name: a, type: ReLU, repeat: [{index: k}, {repeat: 2}, {kernel: 3}]}]",
        Expected("field-conflict", 4, 42, "an instance can't have `index` of its own"),
        Expected("field-conflict", 4, 54, "an instance can't have `repeat` of its own"),
        Expected("unknown-field", 4, 67, "nothing here is called `kernel`"),
    )
