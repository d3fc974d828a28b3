"""Whether the layers have nothing to say of a network, as far as that can be told of originals."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TypeAlias

from netspec.elaborate.context import Context
from netspec.elaborate.dead import ALLOW
from netspec.elaborate.originals import Copy, Item, Outline
from netspec.elaborate.outline import layer_of, lints, outline_of
from netspec.graph import Blob, Node
from netspec.layers.base import Giver

Maker: TypeAlias = "Node | None"
Given: TypeAlias = tuple[Maker, int]
"""What makes a blob, None for an input of the network; and how many read it."""


def is_quiet(context: Context, inputs: Sequence[Blob], results: Sequence[Blob]) -> bool:
    """Whether no layer lints, and none is dead; False, too, where all layers must be seen to tell.

    Layers within a copy are as those of its original: only those are looked at that read what comes
    from elsewhere, or what others may read as well.
    """
    return _Wiring(context, inputs, results).is_quiet()


class _Wiring:
    def __init__(self, context: Context, inputs: Sequence[Blob], results: Sequence[Blob]) -> None:
        self.items = context.items
        self.makers: dict[str, Maker] = {blob.name: None for blob in inputs}
        self.reads: dict[str, int] = dict.fromkeys((blob.name for blob in inputs), 0)
        self.needed = {blob.name for blob in results} | context.losses.keys()
        self.asked: set[tuple[object, ...]] = set()
        self.run = context.usage.givers

    def is_quiet(self) -> bool:
        try:
            for item in self.items:
                self._copy(item) if isinstance(item, Copy) else self._node(item)
        except KeyError:
            return False  # something reads what a copy keeps to itself
        if not self.needed <= self.makers.keys() or not self._originals_are_closed():
            return False
        return all(map(self._is_quiet, self.items))

    def _node(self, node: Node) -> None:
        for blob in node.bottoms:
            self.reads[blob.name] += 1
        for top in node.tops:
            self.makers[top.name], self.reads[top.name] = node, 0

    def _copy(self, copy: Copy) -> None:
        within = outline_of(copy.original)
        for blob, count in zip(copy.inputs, within.inputs, strict=True):
            self.reads[blob.name] += count
        for there, here in zip(copy.original.tree.outputs, copy.results, strict=True):
            if there.name in within.makers:
                self.makers[here.name] = within.makers[there.name]
                self.reads[here.name] = within.reads.get(there.name, 0)

    def _originals_are_closed(self) -> bool:
        """Whether what an original keeps to itself isn't read from elsewhere."""
        for original in {item.original for item in self.items if isinstance(item, Copy)}:
            if original.usage.givers is not self.run:
                continue  # of an earlier network, which was quiet
            given = {blob.name for blob in original.tree.outputs}
            within = outline_of(original)
            for name in within.makers.keys() & self.reads.keys() - given:
                if name in self.needed or self.reads[name] != within.reads.get(name, 0):
                    return False
        return True

    def _is_quiet(self, item: Item) -> bool:
        if isinstance(item, Node):
            if lints(item) and self._tells(item, [self._giver(each.name) for each in item.bottoms]):
                return False
            return self._is_alive(item, [blob.name for blob in item.tops])
        within = outline_of(item.original)
        around = [self._giver(blob.name) for blob in (*item.inputs, *item.results)]
        needed = [blob.name in self.needed for blob in item.results]
        key = (id(item.original), *needed, *[(id(maker), reads) for maker, reads in around])
        if key in self.asked:
            return True  # as another copy, of which all this has been asked
        self.asked.add(key)
        for there, here in zip(item.original.tree.outputs, item.results, strict=True):
            maker = within.makers.get(there.name)
            if maker is not None and not self._is_alive(maker, [here.name]):
                return False
        return not any(self._tells(node, givers) for node, givers in self._told(item, within))

    def _told(self, copy: Copy, within: Outline) -> Iterator[tuple[Node, list[Given]]]:
        """The layers of a copy that may have something to say, and of what."""
        copying = copy.copying
        for node, names in within.told:
            givers = []
            for name in names:
                named = copying.name_of_blob(name)
                inside = (within.makers.get(name), within.reads.get(name, 0))
                givers.append(self._giver(named) if named in self.makers else inside)
            yield node, givers

    def _giver(self, name: str) -> Given:
        return self.makers[name], self.reads[name]

    def _tells(self, node: Node, givers: Sequence[Given]) -> bool:
        """Whether a layer has something to say of what these give, and how many read."""
        key = (id(node), *[(id(maker), reads == 1) for maker, reads in givers])
        if key in self.asked:
            return False
        self.asked.add(key)
        found = [
            None if maker is None else Giver(layer_of(maker), reads == 1) for maker, reads in givers
        ]
        with suppress(Exception):  # of a custom layer, which is told where all are asked
            for each in layer_of(node).lints([blob.type for blob in node.bottoms], found):
                about = node if each.bottom is None else givers[each.bottom][0]
                if about is None or each.code not in about.allow:
                    return True
            return False
        return True

    def _is_alive(self, node: Node, tops: Sequence[str]) -> bool:
        """Whether something reads what a layer gives under these names, or needn't."""
        return bool(ALLOW & node.allow) or any(
            self.reads[name] or name in self.needed for name in tops
        )
