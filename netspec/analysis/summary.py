"""The facts of a network, layer by layer: what `netspec summary` shows.

Counts are for one item of the batch and for one phase. A count that depends on a symbolic height
or width is a formula, as text in JSON.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from netspec._version import __version__
from netspec.graph import Blob, Graph, Node, Phase, Scope, Shape, Size
from netspec.graph.lowest import least_sizes
from netspec.graph.sizes import total


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A layer, or a scope folded into one line: what it is, gives and costs."""

    name: str
    type: str
    bottom: tuple[str, ...]
    top: tuple[Shape, ...]
    params: int
    macs: Size
    flops: Size
    activations: Size

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "type": self.type,
            "bottom": list(self.bottom),
            "top": [shape.to_json() for shape in self.top],
            "params": self.params,
            "macs": _plain(self.macs),
            "flops": _plain(self.flops),
            "activations": _plain(self.activations),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Sums over a network. `train_params` stand in layers of the TRAIN phase alone."""

    params: int
    trainable_params: int
    buffers: int
    macs: Size
    flops: Size
    activations: Size
    layers: int
    train_params: int = field(default=0)

    def to_json(self) -> dict[str, Any]:
        return {
            "params": self.params,
            "trainable_params": self.trainable_params,
            "buffers": self.buffers,
            "macs": _plain(self.macs),
            "flops": _plain(self.flops),
            "activations": _plain(self.activations),
            "layers": self.layers,
        }


@dataclass(frozen=True, slots=True)
class Summary:
    """A network's rows and totals in one phase; the least sizes of its symbols that it runs at."""

    graph: Graph
    phase: Phase
    rows: tuple[Row, ...]
    totals: Totals
    least: Mapping[str, int]

    def to_json(self) -> dict[str, Any]:
        """The object that `netspec summary --format json` prints."""
        graph = self.graph
        return {
            "name": graph.name,
            "netspec": __version__,
            "phase": str(self.phase),
            "inputs": {blob.name: blob.shape.to_json() for blob in graph.inputs},
            "outputs": {name: shape.to_json() for name, shape in graph.outputs.items()},
            "totals": self.totals.to_json(),
            "layers": [row.to_json() for row in self.rows],
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


def summarize(graph: Graph, depth: int | None = None, phase: Phase | str = Phase.TEST) -> Summary:
    """The summary of a graph in one phase; a graph of one phase alone keeps to that.

    `depth` folds scopes: at 1 each member of the network is one row, at 2 their members are.
    """
    view = graph if graph.view is not None else graph.phase(phase)
    rows = tuple(_rows(view.root, depth)) if depth is not None else tuple(map(_row, view))
    train_params = 0
    if graph.view is None:
        alone = (node for node in graph.nodes if node.phase is Phase.TRAIN)
        train_params = sum(node.params for node in alone)
    assert view.view is not None
    return Summary(view, view.view, rows, _totals(view, train_params), least_sizes(view))


def _totals(graph: Graph, train_params: int) -> Totals:
    weights = [each for each in graph.parameters if not each.buffer and not each.shared]
    # Batch counters (int64 scalars) are bookkeeping, not statistics.
    buffers = [each for each in graph.parameters if each.buffer and not each.counts_batches]
    return Totals(
        params=sum(each.elements for each in weights),
        trainable_params=sum(each.elements for each in weights if each.trainable),
        buffers=sum(each.elements for each in buffers),
        macs=graph.macs,
        flops=graph.flops,
        activations=graph.activations,
        layers=len(graph),
        train_params=train_params,
    )


def _row(node: Node) -> Row:
    return Row(
        name=node.path,
        type=node.type,
        bottom=tuple(blob.name for blob in node.bottoms),
        top=node.top,
        params=node.params,
        macs=node.macs,
        flops=node.flops,
        activations=node.activations,
    )


def _rows(scope: Scope, depth: int) -> Iterator[Row]:
    for member in scope.members:
        if isinstance(member, Node):
            yield _row(member)
        elif depth > 1:
            yield from _rows(member, depth - 1)
        else:
            yield _folded(member)


def _folded(scope: Scope) -> Row:
    """A scope as one row: what it reads and gives, and the sums over its layers."""
    rows = list(_rows(scope, depth=1_000_000))

    return Row(
        name=scope.path,
        type=scope.block or ("repeat" if scope.repeat else "group"),
        bottom=tuple(blob.name for blob in scope.inputs),
        top=tuple(_shapes(scope.outputs)),
        params=sum(row.params for row in rows),
        macs=total(row.macs for row in rows),
        flops=total(row.flops for row in rows),
        activations=total(row.activations for row in rows),
    )


def _shapes(blobs: tuple[Blob, ...]) -> Iterator[Shape]:
    for blob in blobs:
        yield blob.shape


def _plain(size: Size) -> int | str:
    return size if isinstance(size, int) else str(size)
