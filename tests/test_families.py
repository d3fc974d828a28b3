"""`netspec.family`: a text read once, and what each of its networks has of its own."""

import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import netspec
from netspec import SpecError
from netspec.diagnostics import SourceText
from netspec.families import Family
from netspec.stock import Location
from tests.checking import HEAD

NET = (
    HEAD
    + """inputs: {data: [N, 3, $size, $size]}
vars: {size: 16, width: 4, deep: false, table: [1, 2]}
variants: {wide: {width: 8}, deep: {deep: true}}
blocks:
  unit:
    args: {width: required}
    layers:
      - {name: conv, type: Convolution, num_output: $width, kernel_size: 3}
      - {name: relu, type: ReLU}
layers:
  - {name: a, type: unit, width: $width}
  - {name: more, type: unit, width: $(2 * width), repeat: "$(2 if deep else 1)"}
  - {name: pool, type: Pooling, pool: MAX, kernel_size: 4, stride: 4}
  - {name: fc, type: InnerProduct, num_output: 10}
"""
)


@pytest.fixture
def path(tmp_path: Path) -> str:
    file = tmp_path / "net.yaml"
    file.write_text(NET, encoding="utf-8")
    return str(file)


def said(make: Callable[..., object], *args: Any, **given: Any) -> list[Any]:
    """What a mistaken network is told, all of it."""
    with pytest.raises(SpecError) as caught:
        make(*args, **given)
    found = caught.value.diagnostics
    return [replace(each, span=None) for each in found] + [str(each.span) for each in found]


@pytest.mark.parametrize(
    ("spec", "asked"),
    [
        ("resnet50", [{}, {"group_width": 48}, {"depths": [2, 2, 2, 2]}, {"num_classes": 10}]),
        ("resnet18", [{}, {"variant": "resnet101"}, {"inputs": {"data": ["N", 3, "H", "W"]}}]),
        ("densenet121", [{"outputs": ["features.pool0"]}, {}]),
        ("swin_t", [{}]),
        ("alexnet", [{}, {"num_classes": 10}, {"inputs": {"data": [2, 3, 227, 227]}}]),
    ],
)
def test_a_member_is_what_load_gives(spec: str, asked: list[dict[str, Any]]) -> None:
    family = netspec.family(spec)
    for given in (*asked, *asked):
        member = family(**given)
        options = dict(given)
        loaded = netspec.load(options.pop("variant", spec), **options)
        assert member == loaded
        assert member.files == loaded.files
        assert member.formulas == loaded.formulas
        assert member.root.absent == loaded.root.absent
        assert [each.written for each in member.nodes] == [each.written for each in loaded.nodes]
        assert member.to_source() == loaded.to_source()


def test_figures_are_for_one_item_of_whichever_batch() -> None:
    """Of layers outside of blocks, too, which members with the same sizes have in common."""
    text = (
        HEAD
        + """inputs: {data: [N, 4, 8, 8]}
vars: {width: 4}
layers:
  - {name: conv, type: Convolution, num_output: $width, kernel_size: 3, pad: 1}
  - {name: relu, type: ReLU}
  - {name: fc, type: InnerProduct, num_output: 5}
"""
    )
    family = Family(SourceText("net", text), Location(None, "net", None))
    for batch in ("N", 2, 8, "N", 2):
        for width in (4, 6, 4):
            net = family(width=width, inputs={"data": [batch, 4, 8, 8]})
            assert net.macs == width * 4 * 9 * 64 + width * 64 * 5
            assert net.activations == 2 * width * 64 + 5
            assert net.params == (width * 4 * 9 + width) + (width * 64 * 5 + 5)
            assert net.nodes[1].top[0] == (net.inputs[0].shape[0], width, 8, 8)


def test_the_text_is_read_once(path: str) -> None:
    family = netspec.family(path)
    before = family(width=6)
    Path(path).write_text("netspec: 1\n", encoding="utf-8")
    assert family(width=6) == before
    assert family.variants == ("wide", "deep")
    assert family(variant="wide").nodes[0].top[0][1] == 8


MISTAKES: list[dict[str, Any]] = [
    {"width": 0},
    {"width": "many"},
    {"size": 6},
    {"size": 6, "deep": True},
    {"widht": 3},
    {"inputs": {"image": [1, 3, 8, 8]}},
    {"outputs": ["nothing"]},
    {"width": 2**62},
    {"deep": 7, "size": 4},
]


def test_mistakes_are_told_as_load_tells_them_and_dont_leak(path: str) -> None:
    family = netspec.family(path)
    for given in (*MISTAKES, *reversed(MISTAKES)):
        assert said(family, **given) == said(netspec.load, path, **given)
        assert family(width=5) == netspec.load(path, width=5)


def test_an_unknown_variant(path: str) -> None:
    family = netspec.family(path)
    told = said(family, variant="depe")
    assert told == said(netspec.load, f"{path}:depe")
    assert family(variant="deep").params == netspec.load(f"{path}:deep").params


def test_what_nothing_reads_is_told_of_each_member(path: str) -> None:
    text = NET.replace("vars: {", "vars: {read: a, ")
    text = text.replace("{name: pool,", "{name: pool, bottom: $read,")
    Path(path).write_text(text, encoding="utf-8")
    family = netspec.family(path)
    for _ in range(2):
        told = said(family)
        assert told == said(netspec.load, path)
        assert [each.code for each in told[:2]] == ["unused-here", "unused-layer"]
        assert family(read="more") == netspec.load(path, read="more")


def test_a_mistaken_text_is_told_with_each_member_whole(path: str) -> None:
    text = NET.replace("name: relu, ", "name: relu, slope: 3, ").replace("stride: 4", "stride: 0")
    Path(path).write_text(text.replace("num_output: 10", "num_output: $ten"), encoding="utf-8")
    family = netspec.family(path)
    given: dict[str, Any]
    for given in ({}, {"size": 6}, {}):
        told = said(family, **given)
        assert told == said(netspec.load, path, **given)
        assert len(told) == 6


def test_a_text_that_cant_be_read_is_told_at_once(path: str) -> None:
    with pytest.raises(SpecError, match="unknown-spec"):
        netspec.family("resnet5000")
    Path(path).write_text("layers: [", encoding="utf-8")
    with pytest.raises(SpecError, match="yaml-syntax"):
        netspec.family(path)


def test_wrong_calls(path: str) -> None:
    with pytest.raises(TypeError, match="`spec` should be a str or a path, not 3"):
        netspec.family(3)  # type: ignore[arg-type]
    family = netspec.family(path)
    with pytest.raises(TypeError, match="`variant` should be a str, not 3"):
        family(variant=3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="`outputs` should be a list of names"):
        family(outputs="fc")


def test_no_number_of_members_is_too_many(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What all variants of a document may come to together is each member's anew."""
    monkeypatch.setattr("netspec.elaborate.budget.MAX_VARIANTS", 20)
    family = netspec.family(path)
    for width in range(1, 14):
        assert family(width=width, deep=True).nodes[-1].bottom[0][1] == 2 * width


def test_threads_take_turns(path: str) -> None:
    family = netspec.family(path)
    widths = [*range(1, 30)] * 2
    with ThreadPoolExecutor(4) as pool:
        members = [*pool.map(lambda width: family(width=width), widths)]
    assert members == [netspec.load(path, width=width) for width in widths]


def test_a_family_can_be_pickled(path: str) -> None:
    family = pickle.loads(pickle.dumps(netspec.family(f"{path}:wide")))
    assert family() == netspec.load(f"{path}:wide")
    assert repr(family) == f"<Family {path}:wide>"
