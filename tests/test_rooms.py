"""Which modules of netspec import which: arrows run one way, and never in a circle.

An import counts wherever it stands: within a function, or for the type checker alone.
"""

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_name(path): path for path in (ROOT / "netspec").rglob("*.py")}


def imported(text: str) -> Iterator[str]:
    """The modules of netspec that a text imports."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names if each.name in MODULES)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            for each in node.names:
                name = f"{node.module}.{each.name}"
                found = name if name in MODULES else str(node.module)
                if found in MODULES:
                    yield found


@cache
def imports() -> dict[str, set[str]]:
    return {name: set(imported(path.read_text(encoding="utf-8"))) for name, path in MODULES.items()}


def room(name: str) -> str:
    """The folder of a module, or the module itself where it stands beside the rooms."""
    return name.split(".")[1] if "." in name else name


def arrows_between_rooms() -> dict[str, set[str]]:
    arrows: dict[str, set[str]] = {}
    for name, others in imports().items():
        arrows.setdefault(room(name), set()).update(set(map(room, others)) - {room(name)})
    return arrows


def rooms_in_order() -> list[str]:
    """The rooms as CONTRIBUTING.md lists them: each knows those before it."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text.partition("| room |")[2].partition("\n\n")[0]
    return re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)


def circle(arrows: Mapping[str, set[str]]) -> list[str] | None:
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as error:
        return list(error.args[1])
    return None


def test_an_import_is_found_wherever_it_stands() -> None:
    text = """
from typing import TYPE_CHECKING
import netspec.plugins
if TYPE_CHECKING:
    from netspec.graph import Node, tree
def function():
    from netspec.source.reader import read
"""
    found = {"netspec.plugins", "netspec.graph", "netspec.graph.tree", "netspec.source.reader"}
    assert set(imported(text)) == found


@pytest.mark.parametrize("arrows", [imports, arrows_between_rooms])
def test_no_circle(arrows: Callable[[], dict[str, set[str]]]) -> None:
    assert circle(arrows()) is None


def test_a_room_knows_those_before_it() -> None:
    order = rooms_in_order()
    assert set(order) == {path.parent.name for path in (ROOT / "netspec").glob("*/*.py")}
    arrows = arrows_between_rooms()
    for number, name in enumerate(order):
        assert not arrows[name] & set(order[number:]), name


def test_a_circle_is_seen() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}}) is not None
    assert circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) is None
