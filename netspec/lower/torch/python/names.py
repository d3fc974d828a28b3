"""Legal, unique names for classes, parameters and variables of the emitted module."""

import re
from collections.abc import Collection, Iterable
from itertools import chain, count

from netspec.language.names import CLASS_NAMES, SOURCE_NAMES, helper_names

# Those that are classes are in the way only where they're used.
RESERVED = SOURCE_NAMES | {name for name in helper_names() if name.islower()}
"""What a variable must not hide."""

FORWARD_RESERVED = RESERVED - {"layer"}
"""What a variable of a `forward` must not hide: those of other functions it may."""

VARIABLES = frozenset({"x", "y", "z", "out", "shortcut"})
"""What a `forward` calls values wherever it can."""

CLASS_RESERVED = RESERVED | CLASS_NAMES
"""What the network's class must not hide."""


class Names:
    """Gives out names of one namespace, each once."""

    def __init__(self, taken: Iterable[str] = (), reserved: Collection[str] = RESERVED) -> None:
        """None of those is given out; what would be `reserved` gets an underscore."""
        self._reserved = reserved
        self._taken = {*taken, *reserved}

    def unique(self, *wanted: str) -> str:
        """The first of these that is free, made an identifier; else the first with a number."""
        plain = map(identifier, wanted)
        names = [f"{name}_" if name in self._reserved else name for name in plain]
        numbered = (f"{names[0]}_{number}" for number in count(2))
        chosen = next(name for name in chain(names, numbered) if name not in self._taken)
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


def singular(plural: str) -> str | None:
    """One of what a name stands for; None where it's no plural.

    >>> singular("layers"), singular("branches"), singular("class")
    ('layer', 'branch', None)
    """
    if plural.endswith(("ches", "shes", "sses", "xes")):
        return plural[:-2]
    return plural[:-1] if plural[-2:-1] != "s" and plural.endswith("s") and plural != "s" else None


def plural(singular: str) -> str:
    """Several of them.

    >>> plural("skip"), plural("branch"), plural("layers")
    ('skips', 'branches', 'layers')
    """
    if singular.endswith(("ch", "sh", "ss", "x")):
        return f"{singular}es"
    return singular if singular.endswith("s") else f"{singular}s"
