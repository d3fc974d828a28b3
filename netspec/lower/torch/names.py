"""Legal, unique names for classes, parameters and variables of the emitted module."""

import builtins
import keyword
import re
from collections.abc import Iterable

from netspec.lower.torch import helpers

RESERVED = frozenset(
    {*keyword.kwlist, *keyword.softkwlist, *dir(builtins)}
    | {"self", "torch", "nn", "F", "Tensor", "Any", "Sequence"}
    | {"model", "module", "layer", "results", "probe"}
    | {"for_inference", "fold_fixed", "fuse_conv_bn_eval", "fuse_conv_bn_weights", "pairwise"}
    # Those that are classes are in the way only where they're used.
    | {name for name in helpers.own() if name.islower()}
)
"""What a variable must not hide."""

VARIABLES = frozenset({"x", "y", "z", "out", "shortcut"})
"""What a `forward` calls values wherever it can."""

CLASS_RESERVED = RESERVED | {"name", "result"}
"""What the network's class must not hide: the variables of the main guard besides."""

FORWARD_GLOBALS = frozenset({"self", "torch", "nn", "F", "float", "len", "probe", "results"})
"""What the `forward` of a network may name besides helpers, so that no input can have the name."""


class Names:
    """Gives out names of one namespace, each once."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken) | RESERVED

    def unique(self, wanted: str) -> str:
        """`wanted` made an identifier; with a number behind it if it's taken."""
        name = identifier(wanted)
        if name in RESERVED:
            name += "_"
        number = 2
        chosen = name
        while chosen in self._taken:
            chosen, number = f"{name}_{number}", number + 1
        self._taken.add(chosen)
        return chosen


def identifier(text: str) -> str:
    """The text with what an identifier can't hold replaced by underscores."""
    name = re.sub(r"\W", "_", text)
    return name if name and not name[0].isdigit() else f"_{name}"


def camel_case(text: str) -> str:
    """The name of a class after that of a block or a path.

    >>> camel_case("encoder.stage1"), camel_case("bottleneck"), camel_case("SE_block")
    ('EncoderStage1', 'Bottleneck', 'SEBlock')
    """
    parts = [part for part in re.split(r"[^0-9A-Za-z]+", text) if part]
    name = "".join(part[0].upper() + part[1:] for part in parts)
    return name if name[:1].isalpha() else f"Block{name}"
