"""Packages with custom layers, as an installer leaves them: in a folder on Python's path."""

import os
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

from netspec import plugins

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "custom_layer"

HEAD = "from netspec.graph.work import *\nfrom netspec.layers.base import *\n"
LAYER = """
class Twice(ElementwiseLayer):
    '''Twice the bottom.'''
    family = "custom"
    source = "none"
    flops_rule = "1 for each element"
    def work(self, bottoms, tops):
        return Work({Kind.ELEMENTWISE: tops[0].shape.elements})
"""
TWICE = "netspec: 1\nname: Net\ninputs: {data: [N, 3]}\nlayers: [{name: a, type: Twice}]\n"

EntryPoints = Mapping[str, Mapping[str, str]]


def install(site: Path, name: str, entry_points: EntryPoints, code: str = "") -> None:
    """Put what makes a package known to Python into a folder, and a module with its code."""
    info = site / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    groups = [
        "\n".join([f"[{group}]", *(f"{key} = {value}" for key, value in each.items())])
        for group, each in entry_points.items()
    ]
    (info / "entry_points.txt").write_text("\n\n".join(groups) + "\n")
    if code:
        (site / f"{name}.py").write_text(code)


def install_example(site: Path) -> None:
    """Put the worked example's package there; its code stays where it lies."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    install(site, project["name"].replace("-", "_"), project["entry-points"])


def look_anew() -> None:
    """Have this process look at what is installed anew."""
    plugins._groups.cache_clear()
    plugins._layer.cache_clear()


def python(site: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run Python with the folder, and the example's code, on its path."""
    path = os.pathsep.join(map(str, (site, EXAMPLE, ROOT)))
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1", "COLUMNS": "100"},
    )


def netspec(site: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    return python(site, "-m", "netspec", *arguments)
