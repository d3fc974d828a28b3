"""The table of translations, by Caffe's type."""

from collections.abc import Callable

from netspec.importers.caffe.parts import CaffeLayer, Translated

Translation = Callable[[CaffeLayer], Translated]

TABLE: dict[str, Translation] = {}
"""The function for each type, which the modules of the families fill in."""


def translates(*types: str) -> Callable[[Translation], Translation]:
    """The decorated function makes layers of a spec of those types."""

    def register(function: Translation) -> Translation:
        for each in types:
            assert each not in TABLE
            TABLE[each] = function
        return function

    return register
