"""What one layer has autograd keep for the pass back, in words: which blobs, and what else."""

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from netspec.analysis.storage import Runner
from netspec.counted import counted
from netspec.eager.tensor import Step, Storage, Tape, Tensor
from netspec.graph import Graph, Node, Phase, Shape
from netspec.listed import listed

FEW = 4
"""More pieces of a layer's own than these are counted."""
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh")


def kept_by(graph: Graph, node: Node) -> str:
    """What the PyTorch module of a graph keeps of a layer in the TRAIN phase, where a gradient is
    wanted of every input: blobs and weights, which are there anyway, and memory of its own.

    OpenSize, a ValueError, where it takes numbers to tell.
    """
    tape = Tape()
    runner = Runner(graph, Phase.TRAIN, tape, needing=[blob.name for blob in graph.inputs])
    tensors = runner.inputs()
    for each in runner.view.nodes:
        tensors.update(runner.tops(each, tensors))
        if each.path == node.path:
            break
    steps = [step for blob in node.tops if (step := tensors[blob.name].step) is not None]
    names = _named(runner, node, tensors)
    pieces = [each for each in _kept(steps, node.path) if each.size != 0]
    known = [names[id(each)] for each in pieces if id(each) in names]
    own = Counter(_own(each) for each in pieces if id(each) not in names)
    if own.total() > FEW:
        return listed([*known, f"{counted(own.total(), 'tensor')} of its own"])
    return listed([*known, *itertools.starmap(_times, own.items())]) or "nothing"


def _kept(steps: Sequence[Step], maker: str) -> Iterator[Storage]:
    """What the steps of a layer keep, each piece once, in the order in which they ran."""
    left, every = [*steps], dict.fromkeys(steps)
    while left:
        for each in left.pop().behind:
            if each.maker == maker and each not in every:
                every[each] = None
                left.append(each)
    seen: dict[int, Storage] = {}
    for step in sorted(every, key=lambda step: step.number):
        for storage in step.kept:
            seen.setdefault(id(storage), storage)
    yield from seen.values()


def _named(runner: Runner, node: Node, tensors: Mapping[str, Tensor]) -> dict[int, str]:
    """What pieces of memory are called that have a name."""
    found = {}
    for each in node.parameters:
        suffix = each.name[len(node.module) + 1 :]
        found[id(runner.parameter(each).storage)] = f"`{suffix}`" if suffix else "its values"
    for word, blobs in (("bottom", node.bottoms), ("top", node.tops)):
        for number, blob in enumerate(blobs):
            which = f"{_ORDINALS[number]} " if len(blobs) > 1 else ""
            found[id(tensors[blob.name].storage)] = f"its {which}{word}"
    return found


def _times(piece: str, count: int) -> str:
    return piece if count == 1 else f"{piece} {'twice' if count == 2 else f'{count} times'}"


def _own(storage: Storage) -> str:
    """A piece that is the layer's own."""
    shape = Shape(storage.shape)
    return f"{shape} of {storage.dtype}" if shape.sizes else f"one {storage.dtype}"
