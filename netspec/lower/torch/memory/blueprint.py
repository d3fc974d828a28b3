"""Building a module without its constructors, which spend their time on weights to be loaded over.

The layers of PyTorch draw their weights when they're made, then ours are drawn; even where the
draws are intercepted the rest of the constructors remains. A module's structure is made once, on
the meta device, and then copied: module by module, with new tensors.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import nn

from netspec.graph import Graph, Parameter

DRAWN = frozenset({"gaussian", "uniform", "xavier", "msra", "positive_unitball"})
"""Fillers whose values are random."""

FILLED = DRAWN | {"constant"}

CONTAINERS = (dict, list, set)


class Blueprint:
    """The structure of a module that was made on the meta device."""

    def __init__(self, model: nn.Module, parameters: Iterable[Parameter]) -> None:
        self._model = model
        self._parameters = {parameter.name: parameter for parameter in parameters}
        tensors = {**dict(model.named_parameters()), **dict(model.named_buffers())}
        self._names = {tensor: name for name, tensor in tensors.items()}

    @staticmethod
    def suits(graph: Graph) -> bool:
        """Whether all tensors can be filled as they are made."""
        if any(node.layer.is_constant for node in graph.nodes):
            return False
        return all(parameter.filler.type in FILLED for parameter in graph.parameters)

    def build(self) -> nn.Module:
        """A module like the model, its constants filled, its other weights as memory was."""
        tensors = {tensor: self._tensor(tensor) for tensor in self._names}
        return _copy(self._model, tensors, {})

    def _tensor(self, tensor: torch.Tensor) -> torch.Tensor:
        """A new tensor; it has the default type and device of now, unless it holds integers."""
        dtype = None if tensor.is_floating_point() else tensor.dtype
        made = torch.empty_strided(tensor.shape, tensor.stride(), dtype=dtype)
        filler = self._parameters[self._names[tensor]].filler
        if filler.type == "constant":
            made.fill_(filler.value)
        if isinstance(tensor, nn.Parameter):
            return nn.Parameter(made, requires_grad=tensor.requires_grad)
        return made


def _copy(
    module: nn.Module,
    tensors: Mapping[torch.Tensor, torch.Tensor],
    copies: dict[nn.Module, nn.Module],
) -> nn.Module:
    """The module without running its constructor; what is one object there is one here."""
    if module not in copies:
        new = module.__new__(type(module))
        state: dict[str, Any] = {name: _own(value) for name, value in vars(module).items()}
        for kind in ("_parameters", "_buffers"):
            state[kind] = {
                name: None if tensor is None else tensors[tensor]
                for name, tensor in state[kind].items()
            }
        state["_modules"] = {
            name: None if inner is None else _copy(inner, tensors, copies)
            for name, inner in state["_modules"].items()
        }
        new.__dict__ = state
        if isinstance(new, nn.RNNBase):
            new._init_flat_weights()  # it holds its parameters a second time, as a list
        copies[module] = new
    return copies[module]


def _own(value: Any) -> Any:
    """A container of its own for each module: hooks, lists of sizes."""
    return value.copy() if isinstance(value, CONTAINERS) else value
