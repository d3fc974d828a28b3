"""The public interface: what is in it, that all of it is told of, and that its page says so."""

import re
import typing
from collections.abc import Iterator
from importlib import import_module

import pytest

import netspec
from netspec import public
from tests.pages.interface import INSIDE, PAGE, SECTIONS, TYPES, Entry, entry, members, page, place

TOLD = [each for things in SECTIONS.values() for each in things]
CLASSES = [each for each in TOLD if isinstance(each, type)]
ERROR = re.compile(r"\b(Spec|Type|Value|Index)Error\b")


def calls() -> Iterator[tuple[str, Entry]]:
    """Whatever can be called, by a name that is its own."""
    for each in TOLD:
        if isinstance(each, type):
            for name, member in members(each).items():
                if isinstance(member, Entry):
                    yield f"{each.__name__}.{name}", member
        else:
            yield each.__name__, entry(each)


CALLS = dict(calls())
GIVEN = ("Functions", "Networks", "Mistakes")
"""The sections of what `import netspec` gives."""


def test_the_page_is_what_the_docstrings_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make pages`"


def test_all_that_is_public_is_told_of() -> None:
    assert netspec.Graph is netspec.Network
    given = {each: getattr(netspec, each) for each in public.__all__}
    named = [each for title in GIVEN for each in SECTIONS[title]]
    assert {each.__name__: each for each in named} == {
        name: each for name, each in given.items() if name not in ("Graph", "__version__")
    }


def test_a_function_is_named_by_where_it_is_imported_from() -> None:
    assert [place(each) for each in SECTIONS["Functions"]] == [
        "load",
        "loads",
        "family",
        "sweep",
        "diff",
        "plot_sweep",
        "plot_runs",
        "train",
    ]
    for each in SECTIONS["In modules of their own"]:
        module, _, name = place(each).rpartition(".")
        assert getattr(import_module(module), name) is each


@pytest.mark.parametrize("kind", CLASSES)
def test_every_class_says_what_it_is(kind: type) -> None:
    """In words of its own, for Python has some of its own; and of each field."""
    doc = kind.__dict__["__doc__"]
    assert doc
    assert not doc.startswith((f"{kind.__name__}(", "Enum where"))
    for name, each in members(kind).items():
        assert isinstance(each, Entry) or re.search(rf"`{name}\b", doc), name


@pytest.mark.parametrize("kind", [each for each in CLASSES if each.__name__ in INSIDE])
def test_what_is_left_out_is_there(kind: type) -> None:
    fields = getattr(kind, "__dataclass_fields__", {})
    assert all(hasattr(kind, name) or name in fields for name in INSIDE[kind.__name__])


@pytest.mark.parametrize("name", CALLS)
def test_every_function_says_what_it_does_takes_and_refuses(name: str) -> None:
    """A parameter may be told of by the function that its own docstring sends the reader to."""
    told = CALLS[name]
    assert told.doc, name
    text = told.doc + "".join(sent_to(name, told.doc))
    for parameter in told.parameters:
        if parameter is not told.tree.args.kwarg:
            assert re.search(rf"[`\"]{parameter.arg}\b", text), f"{name}: {parameter.arg}"
    if told.parameters and name not in UNFAILING:
        assert ERROR.search(text), name


UNFAILING = {
    "Network.result_name",
    "Shape.substitute",
    "TensorType.substitute",
    "TensorType.with_shape",
    "depth",
    "receptive_fields",
    "together",
    "traffic",
}
"""What takes all that its types allow, and looks at none of it."""


def sent_to(name: str, doc: str) -> Iterator[str]:
    owner = name.partition(".")[0]
    for word in re.findall(r"`([\w.]+)`", doc):
        for called in (word, f"{owner}.{word}"):
            if called in CALLS and called != name:
                yield CALLS[called].doc or ""


def test_every_type_of_a_signature_is_told_of() -> None:
    """Those of other libraries apart, a type has a section, or a line in the table of types."""
    text = page()
    written = "".join(re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE))
    written += "".join(re.findall(r"^\| `\w+` \| (`.*?`) \|", text, re.MULTILINE))
    types = {*re.findall(r"\b[A-Z][a-z]\w*\b", re.sub(r'"[^"]*"|True|False', "", written))}
    told = {*re.findall(r"^### (\w+)$", text, re.MULTILINE), *TYPES}
    others = {name for name in types - told if not hasattr(typing, name)}
    assert others == {"Module", "None", "Path"}
    assert {*TYPES} <= types
