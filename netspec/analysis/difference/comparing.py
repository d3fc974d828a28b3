"""One network beside another."""

from collections.abc import Iterator, Mapping
from typing import Any

from netspec.analysis.columns.figures import Asked, Figures
from netspec.analysis.difference.facts import Both, Change, Move
from netspec.analysis.difference.matching import match
from netspec.analysis.difference.result import Difference
from netspec.analysis.totals import totals
from netspec.graph import Blob, Graph, Node, Phase, Shape


def compare(a: Graph, b: Graph, name_a: str | None = None, name_b: str | None = None) -> Difference:
    """What makes `b` of `a`, in the layers of both phases; what messages call them, unless by their
    names and what was asked for beside their specs.
    """
    matching = match(a.nodes, b.nodes)
    pairs = [(matching.a[i], matching.b[j]) for j, i in sorted(matching.of_b.items())]
    origins = _origins(a, b, pairs)
    changes = (Change(one, other, _fields(one, other, *origins)) for one, other in pairs)
    before, after = _totals(a), _totals(b)
    return Difference(
        a=a,
        b=b,
        name_a=_called(a) if name_a is None else name_a,
        name_b=_called(b) if name_b is None else name_b,
        added=tuple(matching.b[j] for j in matching.left_b),
        removed=tuple(matching.a[i] for i in matching.left_a),
        changed=tuple(each for each in changes if _is_one(each)),
        moved=tuple(Move(one, other) for one, other in pairs if one.path != other.path),
        inputs=_differing(_shapes(a.inputs), _shapes(b.inputs)),
        outputs=_differing(a.outputs, b.outputs),
        totals={name: (before[name], after[name]) for name in before if name in after},
    )


def _called(graph: Graph) -> str:
    return f"{graph.name} ({graph.overrides})" if graph.overrides else graph.name


def _totals(graph: Graph) -> Mapping[str, Any]:
    view = graph if graph.view is not None else graph.phase(Phase.TEST)
    return totals(Figures(view, Asked()))


def _is_one(change: Change) -> bool:
    """Whether anything but the name differs. What stands on the same blobs gives the same."""
    if change.fields or change.top is not None:
        return True
    return [p.shape for p in change.before.parameters] != [p.shape for p in change.after.parameters]


def _origins(
    a: Graph, b: Graph, pairs: list[tuple[Node, Node]]
) -> tuple[dict[str, str], dict[str, str]]:
    """Where the blobs of both networks come from: the same for those of both that are the same.

    A layer that only one network has stands for what it reads first: who reads it and else read
    that is wired as before.
    """
    in_a, in_b = ({blob.name: blob.name for blob in graph.inputs} for graph in (a, b))
    for one, other in pairs:
        for x, y in zip(one.tops, other.tops, strict=False):
            in_a[x.name] = in_b[y.name] = y.name
    for graph, origins, mark in ((a, in_a, "a:"), (b, in_b, "b:")):
        for node in graph.nodes:
            for top in node.tops:
                own = f"{mark}{top.name}"
                origin = origins[node.bottoms[0].name] if node.bottoms else own
                origins.setdefault(top.name, origin)
    return in_a, in_b


def _fields(a: Node, b: Node, in_a: Mapping[str, str], in_b: Mapping[str, str]) -> dict[str, Both]:
    """The fields that differ; of another type only that."""
    found: dict[str, Both] = {}
    if a.type != b.type:
        found["type"] = a.type, b.type
    elif a.layer is not b.layer:
        found |= _differing(dict(a.layer), dict(b.layer))  # type: ignore[call-overload]
    if a.phase is not b.phase:
        found["phase"] = a.phase, b.phase
    if [in_a[blob.name] for blob in a.bottoms] != [in_b[blob.name] for blob in b.bottoms]:
        found["bottom"] = tuple(_names(a.bottoms)), tuple(_names(b.bottoms))
    for name in ("lr_mult", "decay_mult"):
        found |= _differing({name: _multipliers(a, name)}, {name: _multipliers(b, name)})
    return found


def _names(blobs: tuple[Blob, ...]) -> Iterator[str]:
    return (blob.name for blob in blobs)


def _multipliers(node: Node, name: str) -> list[float] | None:
    """How an optimizer treats the weights; None where it treats all as usual."""
    found = [getattr(each, name) for each in node.parameters if not each.buffer]
    return None if all(each == 1 for each in found) else found


def _shapes(blobs: tuple[Blob, ...]) -> dict[str, Shape]:
    return {blob.name: blob.shape for blob in blobs}


def _differing(a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, Both]:
    """What isn't the same in both, in order; None for what isn't there."""
    names = dict.fromkeys((*a, *b))
    return {name: (a.get(name), b.get(name)) for name in names if a.get(name) != b.get(name)}
