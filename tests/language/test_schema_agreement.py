"""The JSON Schema beside `check`: it refuses nothing that `check` accepts, and no more is lost.

What it can't tell of a single value is stated in `LIMITS`.
"""

from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.api import check_text
from netspec.diagnostics import Diagnostics, SourceText
from netspec.language.schema import spec_schema
from netspec.layers import CATALOGUE
from netspec.source import read
from netspec.stock import Location
from tests.language.test_schema import VALID
from tests.random.draft import Draft
from tests.random.test_random import drafts
from tests.test_fuzz import SMALL, documents, mutate, numbers, places, quick, thorough, written

VALIDATOR = jsonschema.Draft202012Validator(spec_schema(CATALOGUE))


def mistaken(text: str) -> bool:
    return check_text(SourceText("x.yaml", text), Location(None, "x.yaml")).has_errors


def refusals(text: str) -> list[str]:
    value = read(SourceText("x.yaml", text), Diagnostics()).plain()
    return [f"{list(each.absolute_path)}: {each.message}" for each in VALIDATOR.iter_errors(value)]


def agree(text: str) -> None:
    if not mistaken(text):
        assert refusals(text) == [], text


# ---- what `check` accepts


@settings(quick, max_examples=100)
@given(documents)
def test_generated_documents(document: Any) -> None:
    agree(written(document))


def _mutated(data: st.DataObject) -> None:
    text = SMALL[data.draw(numbers) % len(SMALL)]
    try:
        document = yaml.load(text, yaml.CSafeLoader)
    except yaml.YAMLError:
        return
    if isinstance(document, dict):
        agree(written(mutate(document, data)))


@settings(quick, max_examples=150)
@given(st.data())
def test_mutated_examples(data: st.DataObject) -> None:
    _mutated(data)


@pytest.mark.slow
@thorough
@given(st.data())
def test_many_mutated_examples(data: st.DataObject) -> None:
    _mutated(data)


@settings(quick, max_examples=8, derandomize=True)
@given(drafts())
def test_random_networks(draft: Draft) -> None:
    agree(draft.text(draft.outputs()))


def otherwise(value: Any) -> list[Any]:
    """Other ways to write a value, most of which mean the same."""
    match value:
        case bool():
            return [f"$({'1 == 1' if value else '1 == 2'})"]
        case int():
            return [f"$({value})", [value, value], [f"$({value})", value], float(value), str(value)]
        case float():
            return [f"$({value})", int(value)]
        case str():
            return [value.lower(), value.upper(), value.capitalize(), [value], f"$('{value}')"]
        case [one, *others]:
            return [one] if not others else [[*others, one], value[:1]]
        case _:
            return [value]


EXTRAS: list[dict[str, Any]] = [
    *({"doc": "x"}, {"when": True}, {"when": "$(1 < 2)"}, {"repeat": 1}, {"repeat": "$(1)"}),
    *({"repeat": [{}]}, {"repeat": [{"doc": "x"}]}, {"repeat": 1, "first": {}}, {"name": 7}),
    *({"repeat": 1, "index": "k"}, {"allow": ["unused-layer"]}, {"phase": "test"}, {"param": []}),
    *({"bottom": "input"}, {"bottom": ["previous"]}, {"top": ["t"]}, {"top": "t"}),
    *({"repeat": 1, "first": {"when": True}}, {"repeat": [{"when": True, "name": "z"}]}),
]


def _respelled(data: st.DataObject) -> None:
    """A valid spec with one value written otherwise, or a key more in an entry."""
    texts = [*VALID.values(), *SMALL]
    text = texts[data.draw(numbers) % len(texts)]
    try:
        document = yaml.load(text, yaml.CSafeLoader)
    except yaml.YAMLError:
        return
    spots = places(document) if isinstance(document, dict) else []
    entries = [owner[key] for owner, key in spots if isinstance(owner, list)]
    entries = [each for each in entries if isinstance(each, dict)]
    if not entries:
        return
    if data.draw(st.booleans()):
        entries[data.draw(numbers) % len(entries)].update(data.draw(st.sampled_from(EXTRAS)))
    else:
        owner, key = spots[data.draw(numbers) % len(spots)]
        owner[key] = data.draw(st.sampled_from(otherwise(owner[key])))
    agree(written(document))


@settings(quick, max_examples=150)
@given(st.data())
def test_respelled_examples(data: st.DataObject) -> None:
    _respelled(data)


@pytest.mark.slow
@thorough
@given(st.data())
def test_many_respelled_examples(data: st.DataObject) -> None:
    _respelled(data)
