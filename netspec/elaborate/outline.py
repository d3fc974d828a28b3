"""How the layers of an original read one another, and what they take from elsewhere."""

from collections.abc import Iterator
from typing import cast

from netspec.elaborate.originals import Copy, Original, Outline
from netspec.elaborate.tree import Tree
from netspec.graph import Blob, Node
from netspec.layers import Layer


def outline_of(original: Original) -> Outline:
    """An original's outline, made when it is first asked for."""
    if original.outline is None:
        original.outline = _Drawing(original).outline()
    return original.outline


def layer_of(node: Node) -> Layer:
    return cast(Layer, node.layer)  # which pydantic takes long to find out


def lints(node: Node) -> bool:
    """Whether a layer may have something to say of its bottoms and of what gives them."""
    return type(layer_of(node)).lints is not Layer.lints


class _Drawing:
    def __init__(self, original: Original) -> None:
        self.original = original
        self.reads: dict[str, int] = {}
        self.makers: dict[str, Node] = {}
        self.told: list[tuple[Node, tuple[str, ...]]] = []

    def outline(self) -> Outline:
        for item in self.original.items:
            if isinstance(item, Node):
                self._node(item)
            else:
                self._copy(item)
        tree = self.original.tree
        inputs = [each.name for each in tree.inputs]
        open_ = {*inputs, *(each.name for each in tree.outputs)}
        given_on = {blob.name for blob in _given_on(tree)}
        # What is read under two names is counted under the first.
        own = [name if inputs.index(name) == number else "" for number, name in enumerate(inputs)]
        return Outline(
            inputs=[self.reads.get(name, 0) for name in own],
            reads={name: count for name, count in self.reads.items() if name not in inputs},
            makers=self.makers,
            told=[each for each in self.told if not open_.isdisjoint(each[1])],
            passed=[n for n, name in enumerate(inputs) if name in self.reads or name in given_on],
            inputs_given=[
                inputs.index(blob.name) if blob.name in inputs else None for blob in tree.outputs
            ],
        )

    def _node(self, node: Node) -> None:
        for blob in node.bottoms:
            self.reads[blob.name] = self.reads.get(blob.name, 0) + 1
        for top in node.tops:
            self.makers[top.name] = node
        if lints(node):
            self.told.append((node, tuple([blob.name for blob in node.bottoms])))

    def _copy(self, copy: Copy) -> None:
        within, copying = outline_of(copy.original), copy.copying
        tree = copy.original.tree
        for blob, count in zip(copy.inputs, within.inputs, strict=True):
            self.reads[blob.name] = self.reads.get(blob.name, 0) + count
        for blob in tree.outputs:
            if blob.name in within.makers:
                name = copying.name(blob.name)
                self.makers[name] = within.makers[blob.name]
                self.reads[name] = self.reads.get(name, 0) + within.reads.get(blob.name, 0)
        for node, names in within.told:
            renamed = tuple(map(copying.name_of_blob, names))
            for name, new in zip(names, renamed, strict=True):
                if name in within.makers and new not in self.makers:
                    self.makers[new] = within.makers[name]
                    self.reads[new] = within.reads[name]
            self.told.append((node, renamed))


def _given_on(tree: Tree) -> Iterator[Blob]:
    """What the scope, and those within it, give on, be it made there or not."""
    yield from tree.outputs
    for member in tree.members.values():
        if isinstance(member, Tree):
            yield from _given_on(member)
        elif isinstance(member, Copy):
            yield from member.results
