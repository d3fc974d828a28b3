"""What a network gives for data that are new to it."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from zipfile import BadZipFile

from netspec.diagnostics import Diagnostic, SpecError
from netspec.graph import Blob, Graph, Phase
from netspec.listed import listed
from netspec.lower.torch import to_torch
from netspec.lower.weights import UserWeights

if TYPE_CHECKING:
    import numpy as np

Arrays: TypeAlias = "Mapping[str, np.ndarray[Any, Any]]"

ITEMS = 64
"""How many are given to the network at once, where it takes any number."""


def predicted_names(graph: Graph) -> list[str]:
    """The results that are predictions: losses and other numbers aren't."""
    tested = graph.phase(Phase.TEST)
    found = [blob for blob in tested.results if blob.name not in graph.losses and blob.shape.rank]
    return [graph.result_name(blob) for blob in found]


def inputs_of(graph: Graph) -> list[Blob]:
    """The inputs that predictions need."""
    return list(graph.phase(Phase.TEST).inputs)


def read_arrays(path: Path, graph: Graph) -> Arrays:
    """The arrays of a .npz file by the names of the network's inputs, or the one of a .npy file.

    SpecError where they aren't there, can't be read, or aren't what the network takes.
    """
    import numpy as np

    inputs = inputs_of(graph)
    try:
        read = np.load(path)
        if isinstance(read, np.ndarray):
            found = {inputs[0].name: read} if len(inputs) == 1 else {}
        else:
            with read:
                found = {each.name: read[each.name] for each in inputs if each.name in read}
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise SpecError([Diagnostic("cannot-read", f"can't read `{path}`: {reason}")]) from error
    except (ValueError, EOFError, BadZipFile) as error:
        message = f"can't read `{path}`: it is no .npz or .npy file of numbers"
        raise SpecError([Diagnostic("cannot-read", message)]) from error
    _check(path, inputs, found)
    return found


def _check(path: Path, inputs: Sequence[Blob], found: Arrays) -> None:
    missing = [f"`{each.name}`" for each in inputs if each.name not in found]
    if missing:
        message = f"`{path}` has no array {listed(missing)}, which the network reads"
        raise SpecError([Diagnostic("cannot-read", message, help=".npz files name their arrays")])
    for blob in inputs:
        array = found[blob.name]
        if not _fits(blob, array) or array.dtype.kind not in "fiub":
            sizes = "×".join(map(str, array.shape)) or "a number"
            message = (
                f"`{path}`: `{blob.name}` is {sizes} of {array.dtype}, the network's {blob.shape}"
            )
            raise SpecError([Diagnostic("shape-mismatch", message)])
    if len({len(found[each.name]) for each in inputs}) > 1:
        counts = listed([f"{len(found[each.name])} of `{each.name}`" for each in inputs])
        message = f"`{path}` has {counts}: each item has one of all"
        raise SpecError([Diagnostic("shape-mismatch", message)])


def _fits(blob: Blob, array: "np.ndarray[Any, Any]") -> bool:
    """Whether an array is items of an input; where that fixes the batch, some batches."""
    if array.ndim != blob.shape.rank or not len(array):
        return False
    batch, *item = blob.shape
    sizes = zip(item, array.shape[1:], strict=True)
    whole = not isinstance(batch, int) or len(array) % batch == 0
    return whole and all(size == got or not isinstance(size, int) for size, got in sizes)


def predict(graph: Graph, weights: UserWeights, arrays: Arrays) -> Arrays:
    """What the network gives for arrays of items, by the names of its results.

    `arrays` are of the shapes of its inputs; the results' numbers are of float32.
    """
    import numpy as np
    import torch

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = to_torch(graph, weights=weights).to(device).eval()
    tested = graph.phase(Phase.TEST)
    names = [tested.result_name(blob) for blob in tested.results]
    parts: list[dict[str, Any]] = []
    with torch.inference_mode():
        for batch in _batches(inputs_of(graph), arrays):
            given = model(*[each.to(device) for each in batch])
            named = given if isinstance(given, dict) else {names[0]: given}
            parts.append({name: value.cpu().numpy() for name, value in named.items()})
    return {name: np.concatenate([each[name] for each in parts]) for name in names}


def _batches(inputs: Sequence[Blob], arrays: Arrays) -> Iterator[list[Any]]:
    import torch

    fixed = [blob.shape[0] for blob in inputs if isinstance(blob.shape[0], int)]
    size = fixed[0] if fixed else ITEMS
    for first in range(0, len(arrays[inputs[0].name]), size):
        yield [
            torch.from_numpy(arrays[blob.name][first : first + size]).to(
                getattr(torch, blob.type.dtype)
            )
            for blob in inputs
        ]


def shares_of(scores: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """The shares of classes, N×C, as a softmax has them; of what are shares already, themselves."""
    import numpy as np

    if len(scores) and scores.min() >= 0 and np.allclose(scores.sum(1), 1, atol=1e-3):
        return scores
    raised = np.exp(scores - scores.max(1, keepdims=True))
    found: np.ndarray[Any, Any] = raised / raised.sum(1, keepdims=True)
    return found
