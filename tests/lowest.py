"""The oldest release of every dependency that pyproject.toml allows, and what the tests run on
beside them, as requirements for pip.

    python -m tests.lowest [NAME…]

Packages that are named are, like the tests' own tools, as `constraints.txt` has them.
"""

import re
import sys
import tomllib
from collections.abc import Collection, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
EXTRAS = ("torch", "verify")
TOOLS = ("hypothesis", "jsonschema", "pytest", "pytest-xdist", "ruff")
_BOUND = re.compile(r"([\w.-]+)>=([\w.]+)")


def bounds() -> Iterator[tuple[str, str]]:
    """Each package that netspec needs, or can use, and its lower bound."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    for line in (*project["dependencies"], *(each for name in EXTRAS for each in extras[name])):
        if bound := _BOUND.match(line):
            yield bound[1], bound[2]


def requirements(kept: Collection[str]) -> Iterator[str]:
    """A line for each package."""
    for name, version in bounds():
        if name not in kept:
            yield f"{name}=={version}"
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        if line.partition("==")[0] in {*TOOLS, *kept}:
            yield line


if __name__ == "__main__":
    print(*requirements(sys.argv[1:]), sep="\n")
