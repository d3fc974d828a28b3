"""The stock networks with their figures: what `netspec list` shows.

Elaborating all of them takes seconds, so that the figures of the files as shipped are kept in a
file. Those of a spec that isn't as it was when they were kept are worked out anew.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

from netspec.resources import stock_files

KEPT = Path(__file__).with_name("stock_figures.json")
"""The file of figures, made by `make docs`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StockNetwork:
    """A stock network: what it is for, what it reads, what it costs, where it is from.

    Sizes of inputs and MACs may be symbolic, and then are text.
    """

    name: str
    file: str
    inputs: Mapping[str, list[int | str]]
    params: int
    macs: int | str
    doc: str | None = None
    source: str | None = None
    task: str | None = None
    year: int | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def stock_networks() -> list[StockNetwork]:
    """All stock networks, by file and in the order of their variants."""
    kept = Kept.read()
    return [network for path in stock_files() for network in kept.networks(path) or measured(path)]


def measured(path: Path) -> list[StockNetwork]:
    """The networks of a stock file, with their figures worked out."""
    # Compiling takes imports that figures which are kept do without.
    from netspec.api import compile_text
    from netspec.elaborate import Overrides
    from netspec.stock import names_in, read_location

    networks = []
    for name, location in names_in(path).items():
        graph = compile_text(read_location(location), location, Overrides())
        network = StockNetwork(
            name=name,
            file=location.name,
            inputs={blob.name: blob.shape.to_json() for blob in graph.phase("TEST").inputs},
            params=graph.params,
            macs=graph.macs if isinstance(graph.macs, int) else str(graph.macs),
            doc=graph.doc,
            source=graph.source,
            task=graph.task,
            year=graph.year,
        )
        networks.append(network)
    return networks


@dataclass(frozen=True)
class Kept:
    """Figures by file, with the SHA-256 of the text that they are of."""

    files: dict[str, dict[str, Any]]

    @classmethod
    def read(cls) -> Self:
        return cls(json.loads(KEPT.read_bytes()))

    @classmethod
    def of_all(cls) -> Self:
        """Of all stock files as they are now."""
        return cls(
            {
                path.name: {
                    "sha256": _digest(path),
                    "networks": [network.to_json() for network in measured(path)],
                }
                for path in stock_files()
            }
        )

    def networks(self, path: Path) -> list[StockNetwork] | None:
        """Those of a file; None if the figures aren't those of its text."""
        kept = self.files.get(path.name)
        if kept is None or kept["sha256"] != _digest(path):
            return None
        return [StockNetwork(**each) for each in kept["networks"]]

    def write(self) -> None:
        KEPT.write_text(json.dumps(self.files, indent=1) + "\n")


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()
