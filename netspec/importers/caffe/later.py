"""Layers whose parts follow from the shapes of what they read."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from netspec.diagnostics import Diagnostics, SpecError
from netspec.graph import Graph
from netspec.graph.types import Shape
from netspec.importers.caffe.blobs import Blob, Entry
from netspec.importers.caffe.names import Names
from netspec.importers.caffe.network import CaffeNetwork
from netspec.importers.caffe.parts import Part
from netspec.importers.caffe.placing import placed
from netspec.importers.caffe.wiring import Unfit

_ROUNDS = 32
"""How many such layers may stand one behind another: each needs what stands above it as a graph."""
MAX_PARTS = 40_000
"""How many parts they may have together: a line of a file can be ten thousand."""


def settle(
    network: CaffeNetwork,
    build: Callable[[CaffeNetwork], Graph],
    diagnostics: Diagnostics,
) -> Unfit:
    """Put the parts of such layers in their places; what is wrong with those that have none.

    `build` makes a graph of what needs nothing more, and of something that reads what they do.
    """
    for _ in range(_ROUNDS):
        known, waiting = _known(network.entries)
        if not waiting:
            return {}
        unfit = _round(network, known, waiting, build)
        if unfit:
            return unfit
    _, waiting = _known(network.entries)
    for entry in waiting:
        diagnostics.error(
            "not-importable",
            f"a size that depends on more than {_ROUNDS} others isn't worked out",
            entry.layer.type.place.span,
        )
    return {}


def _round(
    network: CaffeNetwork,
    known: list[Entry],
    waiting: list[Entry],
    build: Callable[[CaffeNetwork], Graph],
) -> Unfit:
    """Put the parts of some layers in their places, once what they read is known."""
    stood_in = {entry: list(_stood_in(network, entry)) for entry in waiting}
    others = [each for several in stood_in.values() for each in several]
    outputs = [each.tops[0] for each in others]
    graph = build(replace(network, entries=known + others, outputs=outputs))
    shapes = {node.path: node.bottoms[0].shape for node in graph.nodes if node.bottoms}
    grown: dict[Entry, list[Entry]] = {}
    unfit: Unfit = {}
    count = 0
    for entry, several in stood_in.items():
        place = entry.layer.type.place
        try:
            if count <= MAX_PARTS:
                grown[entry] = _grown(network, entry, [shapes[each.name] for each in several])
                count += len(grown[entry])
            if count > MAX_PARTS:
                entry.layer.refuse(
                    f"this layer and those above it have more than {MAX_PARTS:,} steps or parts"
                )
        except SpecError as error:
            unfit[place.line, place.column] = error
    network.entries = [each for entry in network.entries for each in grown.get(entry, [entry])]
    return unfit


def _known(entries: list[Entry]) -> tuple[list[Entry], list[Entry]]:
    """The entries that need no further shape, nor read what one gives that does, those that have a
    single layer like them as that; and of those that do need one the entries that read nothing
    else. What has a single layer like it is done last: its many parts would be gone through again
    for all others.
    """
    known, waiting = [], []
    unknown: set[Blob] = set()
    for entry in entries:
        if unknown.isdisjoint(entry.bottoms):
            if entry.later is None:
                known.append(entry)
                continue
            if entry.alike is not None:
                known.append(_like(entry, entry.alike))
                continue
            waiting.append(entry)
        unknown.update(entry.tops)
    return known, waiting or [each for each in entries if each.later is not None]


def _like(entry: Entry, part: Part) -> Entry:
    """A layer that gives what an entry does, of its first bottom."""
    fields = dict(part.fields)
    return replace(entry, type=part.type, fields=fields, bottoms=entry.bottoms[:1], later=None)


def _stood_in(network: CaffeNetwork, entry: Entry) -> Iterator[Entry]:
    """A layer that reads each of an entry's bottoms."""
    for bottom in entry.bottoms:
        name = network.names.give(f"{entry.called}_reads", "bottom")
        blob = Blob(name)
        blob.maker = Entry(
            type="Identity",
            layer=entry.layer,
            called=name,
            name=name,
            bottoms=[bottom],
            tops=[blob],
            fields={},
            phase=entry.phase,
        )
        yield blob.maker


def _grown(network: CaffeNetwork, entry: Entry, shapes: list[Shape]) -> list[Entry]:
    """An entry's parts, with names; SpecError where there are none."""
    assert entry.later is not None
    parts = entry.later(shapes)
    known = dict(zip(entry.tops, entry.top_names, strict=False))
    found = placed(entry.layer, parts, entry.bottoms, entry.tops, entry.phase)
    naming = _Naming(network.names, entry)
    for each in found:
        whole = each.called == entry.called
        one = known.get(each.tops[0]) if len(each.tops) == 1 else None
        each.name = entry.name if whole else one or naming.give(each.called)
        if len(each.tops) > 1:
            each.top_names = [known.get(blob) or naming.give(blob.called) for blob in each.tops]
    return found


class _Naming:
    """Names for an entry's parts, which may stand in scopes of their own."""

    def __init__(self, names: Names, entry: Entry) -> None:
        self._names = names
        self._entry = entry
        self._scopes: dict[str, str] = {}

    def give(self, called: str) -> str:
        """A name for what begins with the entry's, and may say a scope behind it."""
        start = self._entry.called
        scope, _, rest = called.removeprefix(start).partition("/")
        if not rest or not called.startswith(start):
            return self._names.give(called, self._entry.layer.type.value)
        if scope not in self._scopes:
            self._scopes[scope] = self._names.give_scope(
                start + scope, self._entry.layer.type.value
            )
        return self._names.give_within(self._scopes[scope], rest.replace("/", "."))
