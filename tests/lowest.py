"""The oldest release of every dependency that pyproject.toml allows, as constraints for pip.

    python -m tests.lowest [NAME…]

prints a line for each; the packages named are left out. What is only a tool of the tests isn't
there: `constraints.txt` has it.
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).parents[1] / "pyproject.toml"
EXTRAS = ("torch", "verify")
_BOUND = re.compile(r"([\w.-]+)>=([\w.]+)")


def lowest() -> Iterator[tuple[str, str]]:
    """Each package that netspec needs, or can use, and its lower bound."""
    project = tomllib.loads(PROJECT.read_text())["project"]
    extras = project["optional-dependencies"]
    for line in (*project["dependencies"], *(each for name in EXTRAS for each in extras[name])):
        if bound := _BOUND.match(line):
            yield bound[1], bound[2]


if __name__ == "__main__":
    print(*(f"{name}=={version}" for name, version in lowest() if name not in sys.argv), sep="\n")
