"""From names to what they mean, and back."""

import pytest

from netspec.editor.navigation import definition, references
from netspec.editor.occurrences import Occurrences
from netspec.editor.snapshot import take
from tests.editor.spec import SPEC, at, read, words_at


@pytest.mark.parametrize(
    ("place", "defined", "named"),
    [
        ("bottom: [a, st|em", ["16:stem"], ["17:$block", "18:stem", "22:stem"]),
        ("{name: st|em", ["16:stem"], ["17:$block", "18:stem", "22:stem"]),
        ("body.0.co|nv", ["12:conv"], ["13:Power", "14:conv", "22:conv"]),
        ("bottom: feat|ures.b", ["19:features"], ["24:Pooling", "27:features"]),
        ("features.b|}", ["22:b"], ["27:b"]),
        ("[fc, po|ol]", ["23:pool"], ["27:InnerProduct", "28:pool"]),
        ("$wid|th, kernel", ["4:width"], ["6:width", "16:width", "17:width"]),
        ("$pla|nes", ["10:planes"], ["12:planes", "17:planes", "18:planes"]),
        ("{name: last, type: un|it", ["8:unit"], ["4:unit", "18:unit"]),
        ("type: $bl|ock", ["4:block", "8:unit"], ["17:block"]),
        ("inputs: {da|ta", ["3:data"], []),
        ("na|me: Net", [], []),
    ],
)
def test_a_name_leads_to_what_it_means(place: str, defined: list[str], named: list[str]) -> None:
    names, offset = read(), at(place)
    assert sorted(map(words_at, definition(names, offset))) == defined
    found = [words_at(span) for span in references(names, offset)]
    assert sorted(found, key=lambda text: int(text.partition(":")[0])) == [
        each for each in named if not each.endswith(":InnerProduct")
    ]


def test_names_lead_out_of_a_mistaken_spec_too() -> None:
    names = Occurrences(take(SPEC.replace("type: Concat", "type: Conca"), "net.yaml"))
    text = SPEC.replace("pool: AVE", "pol: AVE")
    names = Occurrences(take(text, "net.yaml"))
    assert names.snapshot.graph is None
    assert [words_at(each) for each in definition(names, at("body.0.co|nv", text))] == ["12:conv"]


def test_one_of_two_alternatives_is_both() -> None:
    text = """\
netspec: 1
name: Net
inputs: {data: [N, 3, 32, 32]}
vars: {smooth: true}
layers:
  - {name: act, type: GELU, when: $smooth}
  - {name: act, type: ReLU, when: $(not smooth)}
  - {name: end, type: Eltwise, bottom: [act, data]}
"""
    names = read(text)
    found = definition(names, at("bottom: [a|ct", text))
    assert [words_at(each) for each in found] == ["6:act", "7:act"]


def test_a_name_with_an_expression_is_found_by_its_form() -> None:
    text = """\
netspec: 1
name: Net
inputs: {data: [N, 3, 32, 32]}
layers:
  - {name: convs.c$(i + 1), repeat: 3, type: ReLU}
  - {name: end, type: Eltwise, bottom: [convs.c1, convs.c2, convs.c3]}
  - {name: rows, repeat: {columns: [k, s], rows: [[1.0, 2], [3.0, 4]]}, index: turn, type: Power,
     scale: $k, shift: "$(1.0 * s + turn)"}
"""
    names = read(text)
    assert [words_at(each) for each in definition(names, at("convs.c|2", text))] == [
        "5:convs.c$(i + 1)"
    ]
    assert [words_at(e) for e in definition(names, at("scale: $|k", text))] == ["7:k"]
    assert [words_at(e) for e in definition(names, at("s + tu|rn", text))] == ["7:turn"]


def test_a_name_with_an_expression_is_told_from_others() -> None:
    text = """\
netspec: 1
name: Net
inputs: {data: [N, 3, 32, 32]}
layers:
  - {name: "conv$(i)_3x3", repeat: 2, type: ReLU}
  - {name: "conv$(i)_1x1", repeat: 2, type: ReLU}
  - {name: end, type: Eltwise, bottom: [conv0_3x3, conv1_1x1]}
"""
    names = Occurrences(take(text, "net.yaml"))
    assert [words_at(e)[:1] for e in definition(names, at("[conv0_|3x3", text))] == ["5"]
    assert [words_at(e)[:1] for e in definition(names, at(", conv1_|1x1", text))] == ["6"]


def test_thousands_of_dotted_names_are_found_at_once() -> None:
    """Work in proportion to the names: each is looked up, none compared with all."""
    rows = "".join(
        f"  - {{name: features.l{n}, type: ReLU, bottom: features.l{n - 1}}}\n"
        for n in range(1, 3_000)
    )
    text = "netspec: 1\nname: Net\ninputs: {data: [N, 3]}\nlayers:\n"
    text += f"  - {{name: features.l0, type: ReLU}}\n{rows}"
    names = Occurrences(take(text, "net.yaml"))
    assert [words_at(e) for e in definition(names, at("bottom: features.l29|98}", text))] == [
        "3003:l2998"
    ]


def test_a_name_of_many_expressions_takes_no_time() -> None:
    """Compared as regular expressions are, it would take longer than anyone lives."""
    name = "-".join(["$(i)"] * 60)
    text = (
        "netspec: 1\nname: Net\ninputs: {data: [N, 3]}\nlayers:\n"
        f'  - {{name: "{name}", repeat: 2, type: ReLU}}\n'
        f"  - {{name: end, type: ReLU, bottom: {'a-' * 60}!}}\n"
    )
    names = Occurrences(take(text, "net.yaml"))
    assert names.every
