"""What a network gives, and that each result has one name."""

import pytest

from netspec.api import loads
from netspec.diagnostics import SpecError
from tests.checking import IMAGE, check, good

GROUP = (
    IMAGE
    + """layers:
  - {name: g, layers: [{name: a, type: ReLU}, {name: b, type: ReLU}]}
  - {name: stage, type: ReLU, repeat: 2}
"""
)
HELP = "list it once: a result has one name"


def test_a_result_goes_by_the_name_that_is_listed() -> None:
    assert list(good(GROUP + "outputs: [stage, g.a, g]\n").outputs) == ["stage", "g.a", "g"]


@pytest.mark.parametrize(
    ("listed", "message"),
    [
        ("[g, «g.b, stage]", "`g` and `g.b` are the same blob"),
        ("[stage, g.a, «stage.1]", "`stage` and `stage.1` are the same blob"),
        ("[stage, «stage]", "`stage` is given twice"),
        ("[stage, data, «data]", "`data` is given twice"),
    ],
)
def test_a_blob_that_is_listed_twice(listed: str, message: str) -> None:
    check(GROUP + f"outputs: {listed}\n", ("duplicate-name", message, HELP))


def test_an_absent_layer_is_what_it_would_read() -> None:
    check(
        IMAGE
        + """layers: [{name: a, type: ReLU}, {name: b, type: ReLU, when: false}]
outputs: [a, «b]
""",
        ("duplicate-name", "`a` and `b` are the same blob"),
    )


def test_a_block_at_the_end_that_gives_a_blob_twice() -> None:
    check(
        IMAGE
        + """blocks:
  twice: {outputs: [a, a], layers: [{name: a, type: ReLU}]}
layers:
  - {name: t, type: «twice}
""",
        ("duplicate-name", "`t.a` is given twice"),
    )


def test_what_a_mistaken_layer_would_give_is_not_said_to_be_given_twice() -> None:
    check(
        IMAGE
        + """layers: [{name: a, type: Slice, axis: «7, top: [x, y]}]
outputs: [x, y, a]
""",
        ("bad-axis",),
    )


@pytest.mark.parametrize(
    ("outputs", "message"),
    [
        (["g", "g"], "`g` is given twice"),
        (["stage", "stage.1"], "`stage` and `stage.1` are the same blob"),
    ],
)
def test_a_blob_that_is_asked_for_twice(outputs: list[str], message: str) -> None:
    with pytest.raises(SpecError) as caught:
        loads(GROUP, outputs=outputs)
    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.code, diagnostic.message) == ("duplicate-name", message)
    assert diagnostic.help == HELP
