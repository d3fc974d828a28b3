"""The facts of a network, layer by layer: what `netspec summary` shows.

Counts are for one phase, and for one item of the batch unless others are asked for. A count that
depends on a symbolic height or width is a formula, as text in JSON.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from netspec._version import __version__
from netspec.analysis.columns.catalogue import (
    JSON,
    besides,
    column,
    columns,
    require,
    require_convention,
    usual,
)
from netspec.analysis.columns.column import Column, Value, plain
from netspec.analysis.columns.figures import Asked, Figures, Place
from netspec.analysis.order import Order, dearest, ordered, sort_order
from netspec.analysis.places import compact, places, written_over
from netspec.analysis.sizes import settled
from netspec.analysis.totals import totals
from netspec.graph import Graph, Phase
from netspec.graph.lowest import least_sizes

ONE_ITEM = Asked()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Summary:
    """A network's rows in one phase. `named` are the columns that were asked for, if any were,
    `order` what the rows are sorted by; `train_params` stand in layers of the TRAIN phase alone.
    """

    figures: Figures
    phase: Phase
    places: tuple[Place, ...]
    named: tuple[str, ...] = ()
    order: Order | None = None
    train_params: int = 0
    _columns: dict[str, list[Value]] = field(default_factory=dict)

    @property
    def graph(self) -> Graph:
        return self.figures.graph

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of a table: those asked for, or else the usual ones."""
        return columns(self.named or usual(self.figures.asked))

    def values(self, column: Column) -> list[Value]:
        """The values of a column, row by row."""
        if column.name not in self._columns:
            self._columns[column.name] = [column.of(self.figures, row) for row in self.places]
        return self._columns[column.name]

    def rows(self, chosen: Sequence[Column]) -> list[tuple[Value, ...]]:
        """The values of columns, row by row."""
        return list(zip(*map(self.values, chosen), strict=True))

    @property
    def dearest(self) -> list[int]:
        """The numbers of the rows that weigh most, by what they are sorted by, or else by MACs, by
        the convention's count, by the time on the device.
        """
        by = self.figures.asked.principal if self.order is None else self.order.name
        return dearest(self.values(column(by)))

    @property
    def totals(self) -> dict[str, Value]:
        """The figures of the whole network by name."""
        return totals(self.figures)

    @property
    def least(self) -> Mapping[str, int]:
        """The least sizes of its symbols that it runs at, but for those that are settled."""
        least = least_sizes(self.graph)
        return {name: size for name, size in least.items() if name not in self.figures.sizes}

    def to_json(self) -> dict[str, Any]:
        """The object that `netspec summary --format json` prints."""
        graph, shape, asked = self.graph, self.figures.shape, self.figures.asked
        chosen = columns((*JSON, *besides(asked), *self.named))
        names = [each.name for each in chosen]
        rows = [map(plain, row) for row in self.rows(chosen)]
        return {
            "name": graph.name,
            "netspec": __version__,
            "phase": str(self.phase),
            "batch": self.figures.items,
            "convention": asked.convention,
            **_settings(asked),
            "inputs": {blob.name: shape(blob.shape).to_json() for blob in graph.inputs},
            "outputs": {name: shape(each).to_json() for name, each in graph.outputs.items()},
            "totals": {name: plain(value) for name, value in self.totals.items()},
            "layers": [dict(zip(names, row, strict=True)) for row in rows],
            **self._memory(),
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

    def _memory(self) -> dict[str, Any]:
        if not self.figures.asked.memory:
            return {}
        from netspec.analysis.training import to_json

        return to_json(self.figures)


def summarize(
    graph: Graph,
    depth: int | None = None,
    phase: Phase | str = Phase.TEST,
    columns: Iterable[str] = (),
    sort: str | None = None,
    asked: Asked = ONE_ITEM,
) -> Summary:
    """The summary of a graph in one phase; a graph of one phase alone keeps to that.

    `depth` folds scopes: at 1 each member of the network is one row, at 2 their members are.
    `columns` and `sort` are names of the catalogue's. Wrong for what can't be answered: a name
    that isn't there, an order of formulas, another batch than the only one.
    """
    require_convention(asked)
    chosen = [column(name) for name in columns]
    for each in chosen:
        require(each, asked)
    order = None if sort is None else sort_order(sort, asked)
    view = graph if graph.view is not None else graph.phase(phase)
    assert view.view is not None
    rows = tuple(places(view, depth))
    figures = Figures(view, asked, graph, sizes=settled(view, asked.batch))
    if asked.compact:
        rows = tuple(compact(view, rows))
        figures.written_over = frozenset(written_over(view))
    if order is not None:
        by = column(order.name)
        rows = ordered(rows, [by.of(figures, row) for row in rows], by, order)
    names = tuple([each.name for each in chosen])
    return Summary(figures, view.view, rows, names, order, _train_params(graph))


def _settings(asked: Asked) -> dict[str, str]:
    """What else JSON says that was asked for, where it isn't as usual."""
    device = None if asked.device is None else asked.device.name
    precision = asked.precision if device or asked.precision != ONE_ITEM.precision else None
    said = {"device": device, "precision": precision}
    return {name: value for name, value in said.items() if value is not None}


def _train_params(graph: Graph) -> int:
    """Parameters of layers of the TRAIN phase alone; 0 for a graph of one phase."""
    if graph.view is not None:
        return 0
    return sum(node.params for node in graph.nodes if node.phase is Phase.TRAIN)
