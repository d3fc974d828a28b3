"""The files that `CONTRIBUTING.md` names."""

import re
from pathlib import Path

from tests.layers.recipes.every import RECIPES

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
EXAMPLE = "LRN"


def recipe_of_a_layer() -> set[str]:
    """The files in the table of "Adding a layer"."""
    (section,) = re.findall(r"^## Adding a layer\n(.*?)^## ", TEXT, re.DOTALL | re.MULTILINE)
    return set(re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE))


def naming(folder: str) -> set[str]:
    """The modules that have the example's name in their text."""
    word = re.compile(rf"\b{EXAMPLE}\b")
    return {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / folder).rglob("*.py")
        if word.search(path.read_text(encoding="utf-8"))
    }


def test_every_file_is_there() -> None:
    named = re.findall(r"`(\.?\w+/[\w./]*)`", TEXT)
    assert len(named) > 10
    for name in named:
        # The rooms are told of as they lie in the package.
        assert (ROOT / name).exists() or (ROOT / "netspec" / name).exists(), name


def test_the_example_of_a_layer_stands_in_its_files_alone() -> None:
    told = recipe_of_a_layer()
    words = ("netspec/importers/caffe/messages/", "netspec/importers/caffe/upgrade/")  # Caffe's own
    found = {name for name in naming("netspec") if not name.startswith(words)}
    assert found == {name for name in told if name.startswith("netspec/")}
    cases = {"tests/layers/test_lrn.py"}
    assert naming("tests/layers/recipes") == {n for n in told if n.startswith("tests/")} - cases
    assert cases <= naming("tests/layers") & told
    assert f"### {EXAMPLE}\n" in (ROOT / "docs" / "layers.md").read_text(encoding="utf-8")
    assert EXAMPLE in RECIPES
