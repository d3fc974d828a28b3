"""Four plausible first drafts that build wrong networks without a word under looser rules."""

import pytest

from tests.checking import IMAGE, check, check_error

CONV = "type: Convolution, num_output: 4, kernel_size: 1"


@pytest.mark.parametrize(
    ("bottom", "code", "message"),
    [
        (", bottom: «downsample", "bottom-count", "Eltwise combines several blobs"),
        (", bottom: [previous, «downsample]", "same-bottom", "`previous` and `downsample`"),
    ],
)
def test_a_residual_sum_that_drops_its_body(bottom: str, code: str, message: str) -> None:
    """What stands before the sum is the shortcut, not the body."""
    check(
        IMAGE
        + f"""blocks:
  residual:
    args: {{project: true}}
    layers:
      - {{name: conv1, {CONV}}}
      - {{name: bn1, type: BatchNorm}}
      - {{name: downsample, {CONV}, bottom: input, when: $project}}
      - {{name: sum, type: Eltwise{bottom}}}
layers:
  - {{name: a, type: residual, repeat: 2, first: {{project: true}}, project: false}}
""",
        (code, message),
    )


def test_a_residual_sum_by_position() -> None:
    """Where there is no projection, by position it reads the body, by name the input."""
    text = f"""blocks:
  residual:
    args: {{project: required}}
    layers:
      - {{name: conv1, {CONV}}}
      - {{name: downsample, {CONV}, bottom: input, when: $project}}
      - {{name: sum, type: Eltwise}}
layers: [{{name: a, type: residual, project: %s}}]
"""
    check_error(IMAGE + text % "true", "bottom-count", 10, 27, "Eltwise combines several blobs")
    check_error(
        IMAGE + text % "false",
        "no-bottom",
        10,
        27,
        "`downsample` isn't there and stands for `input`, but what stands before is `conv1`",
        "name its bottom: `bottom: conv1`",
    )


def test_a_residual_sum_of_the_input_and_the_shortcut() -> None:
    check(
        IMAGE
        + f"""blocks:
  residual:
    layers:
      - {{name: conv1, {CONV}}}
      - {{name: «bn1, type: BatchNorm}}
      - {{name: downsample, type: Convolution, num_output: 3, kernel_size: 1, bottom: input}}
      - {{name: sum, type: Eltwise, bottom: [downsample, input]}}
layers: [{{name: a, type: residual}}]
""",
        ("unused-layer", "nothing reads what `a.bn1` gives"),
    )


@pytest.mark.parametrize(
    ("concat", "code", "message"),
    [
        ("type: «Concat", "bottom-count", "Concat combines several blobs"),
        ("type: Concat, bottom: «branch", "bottom-count", "reads only `branch`"),
        ("type: Concat, bottom: «branch.*", "chained-branches", "read one another"),
    ],
)
def test_branches_that_chain(concat: str, code: str, message: str) -> None:
    """Without `bottom: input` each instance reads the one before."""
    check(
        IMAGE
        + f"""layers:
  - {{name: branch, type: Convolution, num_output: 4, pad: $i,
     repeat: [{{kernel_size: 1}}, {{kernel_size: 3}}, {{kernel_size: 5}}]}}
  - {{{concat}}}
""",
        (code, message),
    )


def test_an_inner_index_that_hides_an_outer_one() -> None:
    check(
        IMAGE
        + """layers:
  - name: stage
    repeat: 2
    layers:
      - {type: «Convolution, num_output: $(4 * (i + 1)), kernel_size: 1, repeat: 2}
""",
        ("name-conflict", "the index `i` hides another", "`index: k`"),
    )


def test_the_wrong_input() -> None:
    """`input` is that of the scope in which the entry stands, not what stands before it."""
    check(
        IMAGE
        + f"""layers:
  - {{name: stem, {CONV}}}
  - {{name: «pool, type: Pooling, kernel_size: 2}}
  - {{name: a, layers: [{{name: c, {CONV}}}], bottom: input}}
  - {{name: b, layers: [{{name: c, {CONV}}}], bottom: input}}
  - {{type: Concat, bottom: [a, b]}}
""",
        ("unused-layer", "nothing reads what `pool` gives"),
    )


def test_a_chain_that_is_meant() -> None:
    from tests.checking import bottoms, good

    net = good(
        IMAGE
        + """layers:
  - {name: a, type: Pooling, kernel_size: 3, pad: 1, repeat: 2, bottom: previous}
  - {name: all, type: Concat, bottom: [data, a.*]}
"""
    )
    assert bottoms(net)["all"] == ["data", "a.0", "a.1"]
