"""What each layer becomes in a target, by the layer's class: a function, or why there is none."""

from typing import Any

from netspec.layers import Layer


class Registry:
    """The functions of a target, and the reasons of layers that have none; a layer has one of both.

    `called` is what two of them are in the error of a layer that is registered twice.
    """

    def __init__(self, called: str) -> None:
        self.functions: dict[type[Layer], Any] = {}
        self.refused: dict[type[Layer], str] = {}
        self._called = called

    def add(self, layers: tuple[type[Layer], ...], function: Any) -> None:
        """Register what layers become."""
        for layer in self._new(layers):
            self.functions[layer] = function

    def refuse(self, layers: tuple[type[Layer], ...], reason: str) -> None:
        """Register that layers become nothing, and why."""
        for layer in self._new(layers):
            self.refused[layer] = reason

    def _new(self, layers: tuple[type[Layer], ...]) -> tuple[type[Layer], ...]:
        """The layers; ValueError for one that is there already."""
        for layer in layers:
            if layer in self.functions or layer in self.refused:
                raise ValueError(f"{layer.__name__} has two {self._called}")
        return layers
