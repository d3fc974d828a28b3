"""Keeps the drawings that the tests hold new ones against: `python -m tests.view.golden`."""

from pathlib import Path

from netspec import loads
from tests.view.networks import NETWORKS

if __name__ == "__main__":
    folder = Path(__file__).parent.parent / "golden" / "view"
    for name, text in NETWORKS.items():
        for suffix in ("svg", "dot", "mmd"):
            loads(text).draw().save(folder / f"{name}.{suffix}")
