"""`otherwise`: what an entry stands for that isn't there; and reading by position behind one."""

import pytest

from netspec.api import loads
from tests.checking import IMAGE, bottoms, check, check_error, good, paths

CONV = "type: Convolution, num_output: 3, kernel_size: 1"


def branches(deep: bool) -> str:
    return (
        IMAGE
        + f"""vars: {{deep: {str(deep).lower()}}}
layers:
  - {{name: a, {CONV}}}
  - {{name: b, {CONV}, bottom: data}}
  - {{name: c, {CONV}, bottom: a, top: d, when: $deep, otherwise: b}}
  - {{name: e, type: Concat, bottom: [a, c]}}
  - {{name: f, type: Concat, bottom: [b, d], when: $deep, otherwise: e}}
  - {{name: g, type: Concat, bottom: [e, f], when: $deep, otherwise: f}}
outputs: g
"""
    )


def test_the_name_and_the_tops_stand_for_it() -> None:
    assert bottoms(good(branches(True)))["e"] == ["a", "d"]
    net = good(branches(False))
    assert bottoms(net)["e"] == ["a", "b"]
    assert list(net.outputs) == ["g"]
    assert paths(net) == ["a", "b", "e"]


def test_an_empty_repeat_stands_for_it() -> None:
    net = good(
        IMAGE
        + f"""vars: {{n: 0}}
layers:
  - {{name: a, {CONV}}}
  - {{name: b, {CONV}}}
  - {{name: r, type: ReLU, repeat: $n, otherwise: a}}
  - {{name: e, type: Concat, bottom: [b, r]}}
"""
    )
    assert bottoms(net)["e"] == ["b", "a"]


def test_several_tops_stand_for_as_many_blobs() -> None:
    net = good(
        IMAGE
        + """vars: {cut: false}
layers:
  - {name: conv, type: Convolution, num_output: 4, kernel_size: 1}
  - {name: s, type: Slice, top: [a, b]}
  - {name: t, type: Slice, bottom: conv, axis: 2, top: [c, d], when: $cut, otherwise: s}
  - {name: e, type: Concat, bottom: [d, c]}
"""
    )
    assert bottoms(net)["e"] == ["b", "a"]


@pytest.mark.parametrize("there", ["true", "false"])
@pytest.mark.parametrize(
    ("entry", "code", "message", "help"),
    [
        ("name: b, when: $v, otherwise: «x", "unknown-name", "no layer is called `x`", ""),
        ("name: b, when: $v, otherwise: «[a]", "wrong-type", "should be text or an integer", ""),
        ("name: b, otherwise: «[a]", "wrong-type", "should be text or an integer", ""),
        ("name: b, «otherwise: a", "field-conflict", "no meaning without `when`", ""),
        ("when: $v, «otherwise: a", "field-conflict", "this entry has no `name`", ""),
    ],
)
def test_mistakes(there: str, entry: str, code: str, message: str, help: str) -> None:
    text = f"vars: {{v: {there}}}\nlayers:\n  - {{name: a, {CONV}}}\n"
    text += f"  - {{type: ReLU, {entry}}}\n  - {{name: c, type: ReLU, when: $v}}\n"
    check(IMAGE + text, (code, message, help))


def test_of_another_phase() -> None:
    text = f"""layers:
  - {{name: a, {CONV}}}
  - {{name: t, {CONV}, phase: TRAIN, allow: [unused-layer]}}
  - {{name: b, {CONV}, bottom: a, when: false, otherwise: «t}}
  - {{name: c, type: ReLU, bottom: b}}
"""
    check(IMAGE + text, ("phase-mismatch", "`t` exists in phase TRAIN alone", ""))


def behind(entries: str) -> str:
    return (
        IMAGE
        + f"""layers:
  - {{name: a, {CONV}}}
  - {{name: b, {CONV}}}
  - {{name: side, {CONV}, when: false, {entries}
"""
    )


@pytest.mark.parametrize(
    ("entries", "stands"),
    [
        ("bottom: a}\n  - {type: «ReLU}", "`a`"),
        ("otherwise: a}\n  - {type: «ReLU}", "`a`"),
        ("bottom: data}\n  - {name: «r, layers: [{type: ReLU}]}", "`data`"),
        ("bottom: a}\n  - {name: c, type: ReLU, when: false}\n  - {type: «ReLU}", "`a`"),
    ],
)
def test_reading_by_position_behind_what_stands_for_another_blob(entries: str, stands: str) -> None:
    check(
        behind(entries),
        (
            "no-bottom",
            f"`side` isn't there and stands for {stands}, but what stands before is `b`",
            "name its bottom: `bottom: b`",
        ),
    )


def test_behind_an_empty_repeat() -> None:
    text = f"layers:\n  - {{name: a, {CONV}}}\n  - {{name: r, {CONV}, bottom: data, repeat: 0}}\n"
    check_error(
        IMAGE + text + "  - {type: ReLU}\n",
        "no-bottom",
        7,
        12,
        "`r` isn't there and stands for `data`, but what stands before is `a`",
    )


@pytest.mark.parametrize(
    "entries",
    [
        "bottom: b}\n  - {type: ReLU}",
        "otherwise: b, bottom: a}\n  - {type: ReLU}",
        "bottom: a}\n  - {type: ReLU, bottom: previous}\n  - {type: ReLU}",
        "bottom: a}\n  - {name: c, type: ReLU, bottom: b, when: false}\n  - {type: ReLU}",
        "bottom: a}\n  - {name: side, type: ReLU, bottom: b}\n  - {type: ReLU}",
        "bottom: a}\n  - {name: p, type: Parameter, shape: [3, 1, 1]}\n"
        "  - {type: Scale, bottom: [b, p]}",
    ],
)
def test_reading_by_position_where_nothing_is_in_doubt(entries: str) -> None:
    good(behind(entries))


def test_an_else_that_is_left_out_stands_for_the_if() -> None:
    text = (
        IMAGE
        + f"""layers:
  - {{name: a, {CONV}}}
  - {{name: side, {CONV}, bottom: data, when: true}}
  - {{name: side, type: ReLU, bottom: a, when: false}}
  - {{name: c, type: ReLU}}
  - {{name: d, type: Concat, bottom: [a, c]}}
"""
    )
    assert bottoms(good(text))["c"] == ["side"]


def test_a_block_whose_branch_is_not_there_computes_what_it_says() -> None:
    torch = pytest.importorskip("torch")
    text = (
        IMAGE
        + f"""blocks:
  b:
    args: {{project: required}}
    layers:
      - {{name: a, {CONV}}}
      - {{name: act, type: ReLU}}
      - {{name: side, {CONV}, bottom: input, when: $project, otherwise: act}}
      - {{name: sum, type: Eltwise, bottom: [a, side], coeff: [1, 2]}}
layers:
  - {{name: x, type: b, project: true}}
  - {{name: y, type: b, project: false}}
"""
    )
    model = loads(text).to_torch().eval()
    data = torch.randn(2, 3, 32, 32)
    a = model.get_submodule("x.a")(data)
    x = a + 2 * model.get_submodule("x.side")(data)
    b = model.get_submodule("y.a")(x)
    assert torch.allclose(model(data), b + 2 * torch.relu(b))
