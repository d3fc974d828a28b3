"""The facts of a network, layer by layer: what `netspec summary` shows.

Counts are for one phase, and for one item of the batch unless others are asked for. A count that
depends on a symbolic height or width is a formula, as text in JSON.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from netspec._version import __version__
from netspec.analysis.columns.catalogue import JSON, TABLE, column, columns
from netspec.analysis.columns.column import Column, Value, plain
from netspec.analysis.columns.figures import Asked, Figures, Place
from netspec.analysis.places import places
from netspec.analysis.totals import totals
from netspec.graph import Graph, Phase
from netspec.graph.lowest import least_sizes

NOTHING_ELSE = Asked()


@dataclass(frozen=True, slots=True)
class Summary:
    """A network's rows in one phase. `asked` are the columns that were named, if any were."""

    figures: Figures
    phase: Phase
    places: tuple[Place, ...]
    asked: tuple[str, ...] = ()
    train_params: int = 0

    @property
    def graph(self) -> Graph:
        return self.figures.graph

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of a table: those asked for, or else the usual ones."""
        return columns(self.asked or TABLE)

    def values(self, chosen: Sequence[Column]) -> list[tuple[Value, ...]]:
        """The values of columns, row by row."""
        figures = self.figures
        return [tuple([each.of(figures, place) for each in chosen]) for place in self.places]

    @property
    def totals(self) -> dict[str, Value]:
        """The figures of the whole network by name."""
        return totals(self.figures)

    @property
    def least(self) -> Mapping[str, int]:
        """The least sizes of its symbols that it runs at."""
        return least_sizes(self.graph)

    def to_json(self) -> dict[str, Any]:
        """The object that `netspec summary --format json` prints."""
        graph, chosen = self.graph, columns((*JSON, *self.asked))
        names = [each.name for each in chosen]
        rows = [map(plain, row) for row in self.values(chosen)]
        return {
            "name": graph.name,
            "netspec": __version__,
            "phase": str(self.phase),
            "batch": self.figures.asked.batch,
            "inputs": {blob.name: blob.shape.to_json() for blob in graph.inputs},
            "outputs": {name: shape.to_json() for name, shape in graph.outputs.items()},
            "totals": {name: plain(value) for name, value in self.totals.items()},
            "layers": [dict(zip(names, row, strict=True)) for row in rows],
            "parameters": [
                {
                    "name": parameter.name,
                    "shape": list(parameter.shape),
                    "layer": parameter.name.rpartition(".")[0],
                    "trainable": parameter.trainable,
                }
                for parameter in graph.parameters
                if not parameter.buffer
            ],
        }


def summarize(
    graph: Graph,
    depth: int | None = None,
    phase: Phase | str = Phase.TEST,
    columns: Iterable[str] = (),
    asked: Asked = NOTHING_ELSE,
) -> Summary:
    """The summary of a graph in one phase; a graph of one phase alone keeps to that.

    `depth` folds scopes: at 1 each member of the network is one row, at 2 their members are.
    `columns` are names of the catalogue's; Wrong for one that isn't there.
    """
    names = tuple([column(name).name for name in columns])
    view = graph if graph.view is not None else graph.phase(phase)
    train_params = 0
    if graph.view is None:
        alone = (node for node in graph.nodes if node.phase is Phase.TRAIN)
        train_params = sum(node.params for node in alone)
    assert view.view is not None
    figures = Figures(view, asked)
    return Summary(figures, view.view, tuple(places(view, depth)), names, train_params)
