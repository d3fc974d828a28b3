"""Instances of a block that are alike: one that has been elaborated, and copies of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from netspec.elaborate.budget import Spent
from netspec.elaborate.scope import Binding, Use
from netspec.elaborate.tree import Tree
from netspec.elaborate.usage import Givers, Usage
from netspec.graph import Blob, Node, Phase, Scope
from netspec.graph.alike import Alike
from netspec.graph.copying import Copying
from netspec.graph.written import Written

Likeness: TypeAlias = tuple[object, ...]
"""What instances have in common that may be copies of each other."""
Item: TypeAlias = "Node | Copy"
"""A layer, or an instance whose layers haven't been made yet."""


@dataclass(slots=True, eq=False)
class Outline:
    """What is read of an original's blobs by its own layers, under the names that they have in it.

    `inputs` says how often each of its inputs is read, `reads` how often each blob that it makes;
    `makers` are the layers that give those. `told` are the layers that may have something to say
    about what they read, some of which comes from elsewhere or is given on, with its names.
    `passed` are the numbers of the inputs that something reads, or a scope gives on;
    `inputs_given` says of each result which input it is, None of what is made here.
    """

    inputs: Sequence[int]
    reads: Mapping[str, int]
    makers: Mapping[str, Node]
    told: Sequence[tuple[Node, tuple[str, ...]]]
    passed: Sequence[int]
    inputs_given: Sequence[int | None]


@dataclass(slots=True, eq=False)
class Original:
    """An instance of a block, as far as those need it that are as it is.

    `items` are its layers in order; `depth` is that of its scope and `chain` what led there.
    `givers` are the entries that each result comes from, `labels` what the block calls the results,
    `names` what stands for what in it, `usage` what is given and read within.
    """

    tree: Tree
    depth: int
    chain: tuple[Use, ...]
    items: Sequence[Item]
    givers: Sequence[Givers]
    labels: tuple[str, ...]
    names: Mapping[str, Binding]
    usage: Usage
    spent: Spent
    outline: Outline | None = None
    _nodes: tuple[Node, ...] | None = None
    _alike: Alike | None = None

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All layers, those of copies within it too."""
        if self._nodes is None:
            self._nodes = tuple(layers(self.items))
        return self._nodes

    @property
    def alike(self) -> Alike:
        """How many of its layers are alike."""
        if self._alike is None:
            self._alike = alike(self.items)
        return self._alike


Originals: TypeAlias = dict[Likeness, Original]
"""Instances of blocks by what those that are alike have in common."""


@dataclass(slots=True, eq=False)
class Copy:
    """An instance that is as the original but for its path and its inputs.

    Its layers and scopes are made when someone asks for them.
    """

    original: Original
    path: str
    inputs: tuple[Blob, ...]
    results: tuple[Blob, ...]
    usage: Usage
    written: Written | None = None
    output_names: tuple[str, ...] = ()
    _made: tuple[tuple[Node, ...], Scope] | None = None

    @property
    def copying(self) -> Copying:
        """What gives the original's layers and blobs their names and inputs here."""
        tree = self.original.tree
        return Copying(tree.path, self.path, tree.inputs, self.inputs)

    @property
    def nodes(self) -> tuple[Node, ...]:
        return self._make()[0]

    def freeze(self) -> Scope:
        return self._make()[1]

    def holds_layers(self) -> bool:
        return self.original.spent.layers > 0

    def names(self) -> dict[str, Binding]:
        """What the names within it stand for; whoever reads that reads what entries give."""
        return self._bound(self.original.names, self.copying)

    def _make(self) -> tuple[tuple[Node, ...], Scope]:
        if self._made is None:
            copying, original = self.copying, self.original
            nodes = {node.path: copying.node(node) for node in original.nodes}
            scope = original.tree.freeze()
            made = copying.used(scope, nodes, self.written, self.output_names)
            self._made = (tuple(nodes.values()), made)
        return self._made

    def _bound(self, names: Mapping[str, Binding], copying: Copying) -> dict[str, Binding]:
        return {name: self._binding(each, copying) for name, each in names.items()}

    def _binding(self, binding: Binding, copying: Copying) -> Binding:
        blobs = copying.blobs(binding.blobs)
        for there, here in zip(binding.blobs, blobs, strict=True):
            givers = self.original.usage.givers.get(there.name)
            if givers is not None:
                self.usage.givers.setdefault(here.name, givers)
        held = binding.held
        if isinstance(held, Copy):
            path, inputs = copying.name(held.path), copying.blobs(held.inputs)
            held = Copy(held.original, path, inputs, copying.blobs(held.results), self.usage)
        elif held is not None:
            assert isinstance(held, dict)
            held = self._bound(held, copying)
        return Binding(
            blobs,
            held,
            binding.container,
            binding.instance,
            binding.place,
            binding.absent,
            binding.chained,
        )


def layers(items: Iterable[Item]) -> Iterator[Node]:
    """The layers of all items, in order."""
    for item in items:
        if isinstance(item, Node):
            yield item
        else:
            yield from item.nodes


def alike(items: Iterable[Item]) -> Alike:
    """How many of the layers that TEST has are alike, without making those of copies."""
    copies: dict[Original, int] = {}
    nodes = []
    for each in items:
        if isinstance(each, Copy):
            copies[each.original] = copies.get(each.original, 0) + 1
        elif each.phase is not Phase.TRAIN:
            nodes.append(each)
    return Alike(nodes, {original.alike: times for original, times in copies.items()})
