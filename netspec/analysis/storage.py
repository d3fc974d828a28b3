"""Which memory each blob stands in as PyTorch runs the module that a graph becomes, and what
autograd keeps of it.

Views share the memory of what they view, layers in place write over it; the same is decided in the
graph for the emitted module and for these figures.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping

from netspec.eager.registry import Use, run
from netspec.eager.tensor import Step, Storage, Tape, Tensor
from netspec.graph import Blob, Graph, Node, Parameter, Phase, Shape, Size
from netspec.graph.in_place import in_place
from netspec.graph.sizes import substitute
from netspec.graph.types import FLOATS
from netspec.quick import frozen


@frozen
class Memory:
    """What a run leaves: each blob's tensor, by its name, and what autograd keeps.

    A tensor has its `storage`, a piece of memory, which several may share; that one's `maker` is
    the path of the layer that made it, None for an input of the network, a weight or a buffer.
    """

    tensors: Mapping[str, Tensor]
    kept: tuple[Storage, ...]


def memory(
    graph: Graph,
    phase: Phase = Phase.TRAIN,
    *,
    sizes: Mapping[str, int] | None = None,
    autocast: str | None = None,
    needing: Collection[str] = (),
) -> Memory:
    """A run of the network in a phase, with numbers for symbols if they are given.

    `graph` is what the module is made of, of both phases or of one. With `autocast` it runs below
    `torch.autocast` of that element type. `needing` are the inputs whose gradients are asked for,
    too. Symbols stand for more than one: of a single item some views are none where others are, and
    its numbers say so.
    """
    tape = Tape(phase is Phase.TRAIN, autocast)
    runner = Runner(graph, phase, tape, sizes=sizes, needing=needing)
    tensors = runner.inputs()
    for node in runner.view.nodes:
        tensors.update(runner.tops(node, tensors))
    ends = (tensors[name].step for name in runner.results)
    return Memory(tensors, tuple(kept(step for step in ends if step is not None)))


class Runner:
    """Runs the layers of a network's phase on a tape, one after the other.

    With a `precision` the module and its inputs are in that element type, without autocast.
    """

    def __init__(
        self,
        graph: Graph,
        phase: Phase,
        tape: Tape,
        *,
        sizes: Mapping[str, int] | None = None,
        precision: str = "float32",
        needing: Collection[str] = (),
    ) -> None:
        self.view = graph if graph.view is not None else graph.phase(phase)
        self.tape = tape
        self._sizes: dict[str, Size] = {**(sizes or {})}
        self._precision = precision
        self._needing = needing
        self._known: dict[int, Size] = {}
        self._held: dict[str, Tensor] = {}
        self._over = in_place(
            graph, lambda node: node.layer.writes_over, lambda node: node.layer.overwritable
        )

    @property
    def results(self) -> list[str]:
        """The names of what the network gives, its losses too."""
        return list(dict.fromkeys([*(b.name for b in self.view.results), *self.view.losses]))

    def inputs(self) -> dict[str, Tensor]:
        """The inputs of the network, by name."""
        return {
            blob.name: self.tape.given(
                self._shape(blob),
                self._dtype(blob.type.dtype),
                needs_gradient=blob.name in self._needing,
            )
            for blob in self.view.inputs
        }

    def leave(self, paths: Collection[str]) -> None:
        """Layers that write over nothing after all."""
        self._over = self._over.difference(paths)

    def tops(self, node: Node, tensors: Mapping[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
        self.tape.maker = node.path
        use = Use(
            self.tape,
            tuple([tensors[blob.name] for blob in node.bottoms]),
            {_suffix(each, node): self.parameter(each) for each in node.parameters},
            tuple([blob.type for blob in node.bottoms]),
            tuple([blob.type for blob in node.tops]),
            tuple([self._shape(blob) for blob in node.tops]),
            node.path in self._over,
        )
        tops = run(node.layer, use)
        return zip([blob.name for blob in node.tops], tops, strict=True)

    def _shape(self, blob: Blob) -> Shape:
        shape = blob.shape
        if not self._sizes:
            return shape
        return Shape(tuple([s if type(s) is int else self._number(s) for s in shape.sizes]))

    def _number(self, size: Size) -> Size:
        """The size with numbers for symbols. Blobs have most of theirs in common, as objects."""
        found = self._known.get(id(size))
        if found is None:
            found = self._known[id(size)] = substitute(size, self._sizes)
        return found

    def _dtype(self, dtype: str) -> str:
        return self._precision if dtype in FLOATS else dtype

    def parameter(self, each: Parameter) -> Tensor:
        found = self._held.get(each.owner)
        if found is None:
            found = self._held[each.owner] = self.tape.given(
                each.shape, self._dtype(each.dtype), needs_gradient=each.trainable
            )
        return found


def _suffix(each: Parameter, node: Node) -> str:
    return each.name[len(node.module) + 1 :]


def kept(ends: Iterable[Step]) -> Iterator[Storage]:
    """The memory that the steps of the pass back keep, each piece once; what stands apart isn't
    among it.
    """
    left = [*ends]
    seen = {id(step) for step in left}
    found: set[int] = set()
    while left:
        step = left.pop()
        for storage in step.kept:
            if storage.maker is not None and id(storage) not in found:
                found.add(id(storage))
                yield storage
        for each in step.behind:
            if id(each) not in seen:
                seen.add(id(each))
                left.append(each)
