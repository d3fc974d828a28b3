"""Whether a comparison would notice: what a small change of each parameter does to it.

A parameter that moves no compared value may be wrong in either target, and nobody would see it.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from math import sqrt
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from netspec.graph import Graph
from netspec.graph.needed import needed_by_results
from netspec.lower.running import Refused
from netspec.lower.values import Array
from netspec.verify.torch_network import TorchNetwork

CHANGE = 0.1
"""What is changed of each element of a parameter, as a part of it; of one that is next to nothing,
as a part of the parameter's usual element, or of 1.
"""
NOTHING = 1e-3
"""What is next to nothing."""
NOTICED = 1e-6
"""What a compared value must move by, relative to the largest of its blob: a few of float32's
steps.
"""
PIECE = 1 << 20
"""Elements looked at at a time."""
Parameters = Mapping[str, Tensor]


def parameters_of(network: TorchNetwork) -> dict[str, Tensor]:
    """The parameters and buffers of real numbers that the results depend on, each once; not what
    the spec gives the values of.
    """
    state = network.model.state_dict(keep_vars=True)
    needed = (each for node in needed_by_results(network.view) for each in node.parameters)
    owners = (each.owner for each in needed if each.values is None)
    named = ((name, state[name]) for name in dict.fromkeys(owners) if name in state)
    return {name: tensor for name, tensor in named if tensor.is_floating_point()}


def unmoving(
    network: TorchNetwork,
    inputs: Mapping[str, Array],
    compared: Collection[str],
    among: Collection[str] | None = None,
) -> list[str]:
    """The parameters (`among` those named, None: all) that move none of the compared blobs.

    One pass back gives, for all parameters at once, what a small random change of each does to a
    random projection of these blobs. Those that don't move it, which may be as a layer has no
    gradient, are then changed in earnest: together, and by halves where that moves anything.
    """
    tensors = parameters_of(network)
    if among is not None:
        tensors = {name: tensors[name] for name in among}
    still = set(tensors)
    # A layer may refuse a gradient; then every parameter is changed.
    with suppress(RuntimeError, Refused):
        still = _without_gradient(network, inputs, compared, tensors)
    if not still:
        return []
    before = _blobs(network, inputs, compared)

    def moves(names: Sequence[str]) -> bool:
        with _changed({name: tensors[name] for name in names}):
            after = _blobs(network, inputs, compared)
        return any(_moved(before[name], after[name]) for name in before)

    return _halved([name for name in tensors if name in still], moves)


def where_it_ends(
    network: TorchNetwork, inputs: Mapping[str, Array], names: Sequence[str]
) -> dict[str, str]:
    """The layer up to which each of these parameters' changes can be followed: it gives the same
    as before, though what it reads or holds has changed.
    """
    tensors = parameters_of(network)
    before = _blobs(network, inputs, None)
    with _changed({name: tensors[name] for name in names}):
        after = _blobs(network, inputs, None)
    moved = {name for name, value in before.items() if _moved(value, after[name])}
    view = network.view
    return {name: end for name in names if (end := _end(view, name, moved)) is not None}


def _end(view: Graph, parameter: str, moved: Collection[str]) -> str | None:
    reached: set[str] = set()
    for node in view:
        holds = any(each.owner == parameter for each in node.parameters)
        if holds or any(blob.name in reached for blob in node.bottoms):
            tops = {top.name for top in node.tops} & set(moved)
            if not tops:
                return node.path
            reached |= tops
    return None


def _halved(names: Sequence[str], moves: Callable[[Sequence[str]], bool]) -> list[str]:
    """Those that move nothing, in order."""
    if not moves(names):
        return list(names)
    if len(names) == 1:
        return []
    middle = len(names) // 2
    return _halved(names[:middle], moves) + _halved(names[middle:], moves)


def _blobs(
    network: TorchNetwork, inputs: Mapping[str, Array], names: Collection[str] | None
) -> dict[str, Tensor]:
    with torch.no_grad():
        found = network.tensors(inputs, names)
    kept = {name: tensor for name, tensor in found.items() if tensor.device.type != "meta"}
    return kept if names is None else {name: kept[name] for name in names if name in kept}


def _moved(before: Tensor, after: Tensor) -> bool:
    """Whether a blob has changed by more than rounding."""
    if not before.is_floating_point():
        return not torch.equal(before, after)
    if not torch.equal(before.isfinite(), after.isfinite()):
        return True
    gap = (after - before).nan_to_num(0, 0, 0).abs().amax() if before.numel() else 0
    return float(gap) > NOTICED * _magnitude(before)


def _magnitude(value: Tensor) -> float:
    return float(value.detach().nan_to_num(0, 0, 0).abs().amax()) if value.numel() else 0.0


@contextmanager
def _changed(tensors: Parameters) -> Iterator[None]:
    """With parameters changed a little, each element up or down by chance."""
    random = torch.Generator().manual_seed(0)
    before = {name: tensor.detach().clone() for name, tensor in tensors.items()}
    with torch.no_grad():
        for tensor in tensors.values():
            signs = torch.randint(0, 2, tensor.shape, generator=random) * 2 - 1
            tensor.add_(signs * _change(tensor))
    try:
        yield
    finally:
        with torch.no_grad():
            for name, tensor in tensors.items():
                tensor.copy_(before[name])


def _change(tensor: Tensor) -> Tensor:
    return _part(tensor, _usual(tensor))


def _part(piece: Tensor, usual: float) -> Tensor:
    size = piece.abs()
    return CHANGE * torch.where(size < NOTHING, usual, size)


def _usual(tensor: Tensor) -> float:
    """The root of the mean square; 1 where that is next to nothing."""
    usual = float(torch.linalg.vector_norm(tensor)) / max(tensor.numel(), 1) ** 0.5
    return 1.0 if usual < NOTHING else usual


def _effect(gradient: Tensor, tensor: Tensor) -> float:
    """What a random change of a parameter makes of that which has the gradient.

    In pieces, so that a large one needs no more memory than it has.
    """
    usual = _usual(tensor)
    pieces = zip(gradient.flatten().split(PIECE), tensor.flatten().split(PIECE), strict=True)
    squares = [float((one * _part(other, usual)).square().sum()) for one, other in pieces]
    return sqrt(sum(squares))


def _without_gradient(
    network: TorchNetwork,
    inputs: Mapping[str, Array],
    compared: Collection[str],
    tensors: Parameters,
) -> set[str]:
    """The parameters of which a small change isn't seen in the gradient."""
    wanted = {name: tensor.requires_grad for name, tensor in tensors.items()}
    moving: set[str] = set()
    handles = []
    try:
        for name, tensor in tensors.items():
            tensor.requires_grad_()
            handles.append(tensor.register_post_accumulate_grad_hook(_noting(name, moving)))
        with torch.enable_grad(), _DifferentiableStatistics():
            found = network.tensors(inputs, compared)
            total = _projection([found[name] for name in compared if name in found])
        if total is not None:
            total.backward()
    finally:
        for handle in handles:
            handle.remove()
        for name, tensor in tensors.items():
            tensor.grad = None
            tensor.requires_grad_(wanted[name])
    return set(tensors) - moving


def _noting(name: str, moving: set[str]) -> Callable[[Tensor], None]:
    """Note whether a gradient moves anything, and forget it: all of them would be much memory."""

    def note(tensor: Tensor) -> None:
        gradient, tensor.grad = tensor.grad, None
        assert gradient is not None
        if not _effect(gradient, tensor.detach()) <= NOTICED:  # one that is no number moves
            moving.add(name)

    return note


def _projection(blobs: Sequence[Tensor]) -> Tensor | None:
    """A random sum of the blobs' elements, each of about the size 1; None where nothing has a
    gradient.

    Of `n` elements each counts for 1/√n, so that it moves by what they move by, at the least.
    """
    random = torch.Generator().manual_seed(1)
    terms = []
    for blob in blobs:
        if not blob.requires_grad or not blob.numel():
            continue
        signs = torch.randint(0, 2, blob.shape, generator=random) * 2 - 1
        factor = signs / ((_magnitude(blob) or 1.0) * blob.numel() ** 0.5)
        terms.append((blob * factor.where(blob.isfinite(), 0)).sum())
    return torch.stack(terms).sum() if terms else None


class _DifferentiableStatistics(TorchFunctionMode):
    """PyTorch's batch normalization has no gradient for running statistics; this one has."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is functional.batch_norm:
            return _batch_norm(*args, **(kwargs or {}))
        return func(*args, **(kwargs or {}))


def _batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    if training or running_mean is None or running_var is None:
        return functional.batch_norm(
            input, running_mean, running_var, weight, bias, training, momentum, eps
        )
    factor = (running_var + eps).rsqrt()
    if weight is not None:
        factor = factor * weight
    shift = -running_mean * factor
    if bias is not None:
        shift = shift + bias
    shape = (1, -1, *[1] * (input.dim() - 2))
    return input * factor.view(shape) + shift.view(shape)
