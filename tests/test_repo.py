"""Things that the repository's files say about each other."""

import os
import re
import tomllib
from pathlib import Path
from typing import Any

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from netspec.extras import DISTRIBUTION, EXTRAS, NEEDED

ROOT = Path(__file__).resolve().parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pairs = [line.split("==") for line in lines if not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pairs}


def test_every_requirement_is_pinned_within_its_range() -> None:
    pinned = pins()
    extras = PROJECT["optional-dependencies"].values()
    texts = PROJECT["dependencies"] + [text for extra in extras for text in extra]
    for requirement in map(Requirement, texts):
        if requirement.name != DISTRIBUTION:
            assert requirement.specifier.contains(pinned[canonicalize_name(requirement.name)])


def test_the_distribution_has_the_name_that_messages_say() -> None:
    assert PROJECT["name"] == DISTRIBUTION


def test_doctor_knows_what_comes_with_what() -> None:
    def named(texts: list[str]) -> set[str]:
        return {canonicalize_name(Requirement(text).name) for text in texts}

    said = PROJECT["optional-dependencies"]
    assert {canonicalize_name(name) for name in NEEDED} == named(PROJECT["dependencies"])
    for name, extra in EXTRAS.items():
        brings = {each for each in named(said[name]) if each != DISTRIBUTION}
        assert {*extra.packages} >= brings
        inherited = [other for other in EXTRAS if f"{DISTRIBUTION}[{other}]" in said[name]]
        for other in inherited:
            brings |= {*EXTRAS[other].packages}
        assert {*extra.packages} == brings


def test_the_pins_are_plain() -> None:
    """No local versions, such as `+cpu`, which not every index has; and nothing of CUDA."""
    for name, version in pins().items():
        assert re.fullmatch(r"[0-9]+(\.[0-9]+)+(b[0-9]+|\.post[0-9]+)?", version), name
        assert not name.startswith(("nvidia", "cuda", "triton")), name


def test_specs_and_codegen_are_data() -> None:
    def suffixes(folder: str) -> set[str]:
        return {path.suffix for path in (ROOT / folder).rglob("*") if path.is_file()}

    assert suffixes("specs") == {".yaml"}
    assert suffixes("codegen") == {".j2"}
    # Modules of these names would hide the data in a wheel.
    assert not list(ROOT.glob("netspec/specs*"))
    assert not list(ROOT.glob("netspec/codegen*"))


def test_make_lists_every_target() -> None:
    text = (ROOT / "Makefile").read_text()
    phony = set(re.findall(r"^\.PHONY: (.+)$", text, re.MULTILINE))
    assert set(re.findall(r"^([a-z-]+):.* ## .+$", text, re.MULTILINE)) == phony


def test_the_hooks_are_targets_of_make() -> None:
    """So they need no download, and answer as `make check` does."""
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    (repo,) = config["repos"]
    assert repo["repo"] == "local"
    assert [hook["entry"] for hook in repo["hooks"]] == ["make lint", "make types"]
    assert all(hook["language"] == "system" for hook in repo["hooks"])


def test_the_oldest_python_is_the_one_that_is_required() -> None:
    said = [re.findall(r":: (3\.\d+)$", each) for each in PROJECT["classifiers"]]
    first, *_, last = [version for found in said for version in found]
    assert PROJECT["requires-python"] == f">={first}"
    assert f"Python {first} to {last}" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_ci_can_be_run() -> None:
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
