"""The layout of one flat graph, by graphlay.

Why graphlay: of some twenty layouts that were tried on networks it alone is a wheel of 1.5 MB
without dependencies that lays out in layers with orthogonal wires and takes ports at given
places; it is fast (a frame takes a millisecond or a few), and the same graph has the same layout to
the byte, whatever the process and its hash seed. Graphviz bends wires and shuffles
branches, ELK and dagre need a JavaScript engine. It is MIT or Apache-2.0, written in Rust, and
young (0.3): hence one exact version in `pyproject.toml`, and nothing of it beyond this module.

Branches stand in the order in which they're given, that of the spec, where no wires then cross;
where some would, in the order with the fewest crossings that it finds.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from netspec.diagnostics import Diagnostic, SpecError
from netspec.extras import require
from netspec.view.layout.crossings import Point, crossings

if TYPE_CHECKING:
    import graphlay

GAP = 24.0
"""Between a layer of boxes and the next: room for an arrow and what stands beside it."""
BESIDE = 20.0
"""Between boxes side by side."""
AS_GIVEN = {
    "order_seeds": 1,
    "order_sweeps": 0,
    "exhaustive_layer_max": 0,
    "sifting_rounds": 0,
    "pullin_rounds": 0,
    "kick_patience": 0,
}
"""No search for another order than the one given."""
OPTIONS: dict[str, Any] = {
    "direction": "topbottom",
    "spacing": {
        "layer_gap": GAP,
        "node_gap": BESIDE,
        "dummy_gap": 16.0,
        "port_gap": 12.0,
        "port_stroke_clear": 8.0,
        "stub": 8.0,
        "bundle_lane_gap": 7.0,
        "isolated_gap": BESIDE,
    },
    "routing": {"port_sides": "facing_only", "lane_gap": 7.0, "merge_edges": "forks"},
}
IN_ORDER: dict[str, Any] = {
    **OPTIONS,
    "effort": {"custom": AS_GIVEN},
    "tuning": {"order": {"chain_lane_rounds": 0, "balance_rounds": 0, "kick_rounds": 0}},
}
HASTY: dict[str, Any] = {
    **IN_ORDER,
    "coords": {"placement": "brandes_koepf"},
    "routing": {"port_sides": "facing_only", "lane_gap": 7.0},
    "tuning": {
        **IN_ORDER["tuning"],
        "routing": {"port_relax_rounds": 0, "overlap_repair_rounds": 0},
        "coords": {"snap_rounds": 0, "branch_rounds": 0},
    },
}
"""Without what takes time by the square of the wires, or worse."""
CAREFUL = 150
"""Wires of one graph that are laid out with care: the most that the stock networks have is 113."""
MOST, TANGLED = 10_000, 3_000
"""Wires that are laid out at all, and where there are more than two to a box."""


class Spot(NamedTuple):
    """A box to be placed, by its size; `rank` is "first" or "last" for one that must be so."""

    width: float
    height: float
    rank: str = "free"


class Line(NamedTuple):
    """A wire to be drawn: the numbers of its boxes, and how far from the middle of the lower side
    of one and of the upper side of the other it ends, None where that is open.
    """

    source: int
    target: int
    leaves: float | None = None
    enters: float | None = None


class Placed(NamedTuple):
    """The middles of the boxes, and the points of the wires from end to end."""

    middles: list[Point]
    routes: list[list[Point]]


def place(spots: Sequence[Spot], lines: Sequence[Line]) -> Placed:
    """The layout of a graph from top to bottom; SpecError where graphlay is missing, or there are
    more wires than it can lay out within seconds.
    """
    if len(lines) > (TANGLED if len(lines) > 2 * len(spots) else MOST):
        raise SpecError([_too_large(len(spots), len(lines))])
    require("graphlay", "draw")
    import graphlay

    graph = {
        "nodes": [_node(number, spot) for number, spot in enumerate(spots)],
        "edges": [_edge(line, spots) for line in lines],
    }
    if len(lines) > CAREFUL:
        return _placed(graphlay.layout(graph, options=HASTY))
    found = _placed(graphlay.layout(graph, options=IN_ORDER))
    if count := crossings(found.routes):
        other = _placed(graphlay.layout(graph, options=OPTIONS))
        if crossings(other.routes) < count:
            return other
    return found


def _too_large(spots: int, lines: int) -> Diagnostic:
    message = f"a frame of the drawing would have {lines:,} wires between {spots:,} boxes"
    return Diagnostic("too-large", message, help="fold more, or write .dot or .mmd")


def _placed(layout: "graphlay.Layout") -> Placed:
    return Placed(
        [_point(node["center"]) for node in layout.nodes],
        [[_point(each) for each in edge["points"]] for edge in layout.edges],
    )


def _node(number: int, spot: Spot) -> dict[str, Any]:
    size = {"width": spot.width, "height": spot.height}
    # Ties go by the keys, as text.
    return {"size": size, "shape": "box", "key": f"{number:06}", "rank": spot.rank}


def _edge(line: Line, spots: Sequence[Spot]) -> dict[str, Any]:
    edge: dict[str, Any] = {"source": line.source, "target": line.target, "weight": 1.0}
    if line.leaves is not None:
        edge["source_port"] = _port("bottom", line.leaves, spots[line.source])
    if line.enters is not None:
        edge["target_port"] = _port("top", line.enters, spots[line.target])
    return edge


def _port(side: str, offset: float, spot: Spot) -> dict[str, Any]:
    return {"offset": {"side": side, "t": 2 * offset / spot.width}}


def _point(point: dict[str, float]) -> Point:
    return point["x"], point["y"]
