"""Generated and mutated documents: nothing but diagnostics ever comes out."""

from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from netspec.api import check_text
from netspec.diagnostics import Diagnostics, SourceText, SpecError
from netspec.diagnostics.render import render_github, render_text, to_json
from netspec.expressions import ExpressionError, parse_template
from netspec.expressions.syntax import FUNCTIONS
from netspec.expressions.tokens import WORDS
from netspec.graph.sizes import symbol
from netspec.language.keys import ENTRY_KEYS
from netspec.layers import CATALOGUE
from netspec.source import decode, read
from netspec.stock import Location
from tests.checking import IMAGE

ROOT = Path(__file__).resolve().parent.parent
SMALL = [
    path.read_text()
    for path in sorted((ROOT / "tests" / "errors").glob("*.yaml"))
    if path.stem != "alias-expansion"  # a million values, once aliases are expanded
]
STOCK = [path.read_text() for path in sorted((ROOT / "specs").glob("*.yaml"))]

quick = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
thorough = settings(quick, max_examples=3000)


def examine(text: str) -> None:
    """Check a text; anything but diagnostics that can be shown is a bug."""
    for each in check_text(SourceText("x.yaml", text), Location(None, "x.yaml")).sorted():
        assert render_text(each).endswith("\n")
        assert render_github(each).count("\n") == 0
        assert to_json(each)["message"]


# ---- the reader


@quick
@given(st.text() | st.text("{}[],:&*!|>'\"%@`-? \n\t#ab<1.$()~", max_size=60))
@example("\ud800")
@example("\ufeffa: 1")
@example("%YAML 1.1\n---\n...\n")
@example("? \n")
def test_any_text(text: str) -> None:
    examine(text)


@quick
@given(st.binary(max_size=100))
def test_any_bytes(data: bytes) -> None:
    with suppress(SpecError):
        read(decode(data, "x"), Diagnostics())


# ---- expressions

OPERATORS = [*"+-*/%<>()[],.:", "**", "//", "==", "!=", "<=", ">="]
VALUES = ["x", "l", "s", "H", "f", "a.b", "x.channels", "0", "1", "2.5", "1e9", "'t'", "9" * 12]
words = st.sampled_from([*FUNCTIONS, *WORDS, *OPERATORS, *VALUES])
expressions = st.lists(words, max_size=14).map(" ".join)


KNOWN = {"x": 3, "l": [1, [2, 3]], "s": "text", "H": symbol("H"), "f": float("nan")}


class Names:
    def value(self, name: str) -> Any:
        if name in KNOWN:
            return KNOWN[name]
        raise ExpressionError("unknown-name", f"no `{name}`")

    def spend(self, steps: int) -> None:
        assert steps >= 0


@settings(quick, max_examples=600)
@given(expressions.map(lambda text: f"$({text})") | st.text("$()[]ab.1+'\" ", max_size=20))
def test_any_expression(text: str) -> None:
    with suppress(ExpressionError):
        template = parse_template(text)
        if not isinstance(template, str):
            template.evaluate(Names())


# ---- documents

# Drawn whole: composing them of parts takes Hypothesis a hundred times as long as checking a spec.
JUNK: list[Any] = [
    *[None, True, False, 0, 1, 2, 3, 7, -1, 40, 2**31, 2**62, -(2**63), 10**7],
    *[1.5, -0.0, 1e300, float("inf"), float("nan"), 16.0],
    *["", "x", "a", "a.b", "x.*", "N", "data", "input", "previous", "TRAIN", "MAX", "é", "\x7f"],
    *["$x", "$n", "$(i)", "$(1 / 0)", "$(", "$(n > 1)", "$(input.channels)", "$input", "$$", "$"],
    *["$(x.channels)", "$(2 ** 62 * 9)", "$([n] * 3)", "$(input.shape)", "$(previous.height)"],
    *["$('a' * 300)", "a$n", "a.$i.b", "$(n / 2)", "$([[0] * 99] * 99)", "$(-n)"],
    *[[], [1], [1, 2], [3, 3, 3], ["a", "b"], ["a.*"], [["a"]], [None], [{}], [True, 1.5]],
    *[{}, {"type": "ReLU"}, {"x": 1}, {"type": "msra"}, {"std": None}, {"": 0}, {"name": "w"}],
    *[[{"type": "ReLU"}], [{"name": "w", "lr_mult": 0}], [{"num_output": 2}, {}], {"layers": []}],
    {"shape": ["N", 3]},
    {"layers": [{"type": "ReLU"}, {"type": "b1"}]},
    {"b1": {"layers": [{"type": "b1", "when": True}]}},
]
junk = st.sampled_from(JUNK)
names = st.sampled_from(["a", "b", "c", "a.b", "b.$i", "c$i", "0", "forward", "data", "n"])
fields = st.sampled_from(
    sorted({name for each in CATALOGUE.values() for name in each.model_fields})
)
types = st.sampled_from(["b1", "b2", "$n", *CATALOGUE])
bottoms = st.sampled_from(["data", "a", "b", "c", "a.b", "input", "previous", "a.*", "c0", "0"])
booleans = st.sampled_from([True, False, "$(n > 1)", "$(i == 0)", "$(input.channels > 2)"])

common: dict[str, st.SearchStrategy[Any]] = {
    "name": names,
    "bottom": bottoms | st.lists(bottoms, max_size=3),
    "top": names | st.lists(names, max_size=2),
    "repeat": st.integers(0, 3)
    | st.just("$n")
    | st.lists(st.just({}) | st.just({"n": 2}), max_size=2),
    "first": st.dictionaries(fields, junk, max_size=1),
    "index": st.sampled_from(["i", "j", "k", "n"]),
    "when": booleans,
    "phase": st.sampled_from(["TRAIN", "test"]),
    "param": st.just([{"name": "w", "lr_mult": 0}]) | junk,
    "allow": st.just(["unused-layer"]),
    "scope": st.booleans(),
    "outputs": bottoms,
    "num_output": st.integers(1, 4) | st.just("$n"),
    "kernel_size": st.integers(1, 3),
    "n": st.integers(0, 3) | st.just("$(n - 1)"),
}


def entries(depth: int) -> st.SearchStrategy[Any]:
    layer = st.fixed_dictionaries({"type": types}, optional=common)
    stray = st.dictionaries(fields | st.sampled_from([*ENTRY_KEYS, "layers", "reuse"]), junk)
    reuse = st.fixed_dictionaries({"reuse": bottoms}, optional=common)
    kinds = [layer, layer, layer, reuse, stray, st.builds(lambda a, b: a | b, layer, stray)]
    if depth:
        group = st.fixed_dictionaries({"layers": entries(depth - 1)}, optional=common)
        kinds.append(group)
    return st.lists(st.one_of(kinds), min_size=1, max_size=5)


documents = st.fixed_dictionaries(
    {
        "netspec": st.just(1),
        "name": st.just("Net"),
        "inputs": st.just({"data": ["N", 3, 8, 8]})
        | st.just({"data": ["N", 3, "H", "W"], "label": {"shape": ["N"], "phase": "TRAIN"}})
        | st.dictionaries(names, junk, max_size=2),
        "layers": entries(2),
    },
    optional={
        "vars": st.just({"n": 2}) | st.dictionaries(names, junk, max_size=2),
        "variants": st.just({"v": {"n": 0}, "w": {"n": 3}}),
        "blocks": st.fixed_dictionaries(
            {"b1": st.fixed_dictionaries({"layers": entries(1)})},
            optional={
                "b2": st.fixed_dictionaries(
                    {"layers": entries(1), "args": st.just({"n": "required", "m": "$(n + 1)"})},
                    optional={"outputs": bottoms, "inputs": st.just(["a", "b"])},
                )
            },
        ),
        "outputs": bottoms | st.lists(bottoms, max_size=2),
    },
)


def written(document: Any) -> str:
    return yaml.dump(
        document, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True, width=10_000
    )


@settings(quick, max_examples=300)
@given(documents)
def test_generated_documents(document: Any) -> None:
    examine(written(document))


@pytest.mark.slow
@thorough
@given(documents)
def test_many_generated_documents(document: Any) -> None:
    examine(written(document))


# ---- mutations

numbers = st.integers(0, 2**16)
counts = st.integers(1, 3)
actions = st.sampled_from(["delete", "replace", "rename", "move"])
pieces = st.text("{}[],:&*!|>'\"- \n\t#$(ab1.~", max_size=3)
renames = fields | st.sampled_from([*ENTRY_KEYS, "", "x", "é", "1", "<<"])


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every collection within a value with each of its keys."""
    found: list[tuple[Any, Any]] = []
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        found.append((value, key))
        if isinstance(item, dict | list):
            found += places(item)
    return found


def mutate(document: Any, data: st.DataObject) -> Any:
    """Delete, replace, rename, repeat or move some values."""
    for _ in range(data.draw(counts)):
        spots = places(document)
        assume(spots)
        owner, key = spots[data.draw(numbers) % len(spots)]
        action = data.draw(actions)
        if action == "delete":
            del owner[key]
        elif action == "replace":
            owner[key] = deepcopy(data.draw(junk))
        elif action == "rename" and isinstance(owner, dict):
            owner[data.draw(renames)] = owner.pop(key)
        else:
            other, place = spots[data.draw(numbers) % len(spots)]
            if place in other if isinstance(other, dict) else place < len(other):
                owner[key] = yaml.load(written(other[place]), yaml.CSafeLoader)
    return document


def mutated(texts: list[str], data: st.DataObject) -> None:
    text = texts[data.draw(numbers) % len(texts)]
    try:
        document = yaml.load(text, yaml.CSafeLoader)
    except yaml.YAMLError:
        document = None
    assume(isinstance(document, dict))
    examine(written(mutate(document, data)))


@settings(quick, max_examples=600)
@given(st.data())
def test_mutated_examples(data: st.DataObject) -> None:
    mutated(SMALL, data)


@settings(quick, max_examples=15)
@given(st.data())
def test_mutated_stock_specs(data: st.DataObject) -> None:
    mutated(STOCK, data)


@pytest.mark.slow
@settings(thorough, max_examples=400)
@given(st.data())
def test_many_mutated_stock_specs(data: st.DataObject) -> None:
    mutated(STOCK, data)


@pytest.mark.slow
@thorough
@given(st.data())
def test_many_mutated_examples(data: st.DataObject) -> None:
    mutated(SMALL, data)


def edited(texts: list[str], data: st.DataObject) -> str:
    """A text with some characters removed, doubled or replaced."""
    text = texts[data.draw(numbers) % len(texts)]
    for _ in range(data.draw(counts)):
        start = data.draw(numbers) % (len(text) + 1)
        length = data.draw(numbers) % 12
        piece = data.draw(pieces)
        text = text[:start] + piece + text[start + length :]
    return text


@quick
@given(st.data())
def test_edited_texts(data: st.DataObject) -> None:
    examine(edited(SMALL, data))


@pytest.mark.slow
@thorough
@given(st.data())
def test_many_edited_texts(data: st.DataObject) -> None:
    examine(edited(SMALL + STOCK[:1], data))


def test_a_deep_python_stack_is_no_excuse() -> None:
    """The recursion of the deepest legal spec leaves room for a caller's own."""
    text = (
        IMAGE
        + """blocks:
  b: {args: {n: 0}, layers: [{type: b, n: $(n + 1), when: $(n < 62)}, {type: ReLU}]}
layers: [{type: b}]
"""
    )

    def within(frames: int) -> None:
        if frames:
            within(frames - 1)
        else:
            assert check_text(SourceText("x", text), Location(None, "x")).sorted() == []

    within(200)
