"""The stock networks with their figures: what `netspec list` shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from netspec.api import compile_text
from netspec.elaborate import Overrides
from netspec.graph import Shape, Size
from netspec.stock import read_location, stock_names


@dataclass(frozen=True, slots=True, kw_only=True)
class StockNetwork:
    """A stock network: how to name it, what it reads, what it costs, where it is from."""

    name: str
    file: str
    inputs: Mapping[str, Shape]
    params: int
    macs: Size
    source: str | None

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "file": self.file,
            "inputs": {name: shape.to_json() for name, shape in self.inputs.items()},
            "params": self.params,
            "macs": self.macs if isinstance(self.macs, int) else str(self.macs),
            "source": self.source,
        }


def stock_networks() -> list[StockNetwork]:
    """All stock networks, by file and in the order of their variants."""
    networks = []
    for name, location in stock_names().items():
        graph = compile_text(read_location(location), location, Overrides())
        inputs = {blob.name: blob.shape for blob in graph.phase("TEST").inputs}
        network = StockNetwork(
            name=name,
            file=location.name,
            inputs=inputs,
            params=graph.params,
            macs=graph.macs,
            source=graph.source,
        )
        networks.append(network)
    return networks
