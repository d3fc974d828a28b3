"""The element types that layers read, by kind."""

from typing import TypeAlias

Elements: TypeAlias = frozenset[str]
"""The names of element types, which are NumPy's."""

REALS: Elements = frozenset(("float16", "float32", "float64"))
NUMBERS: Elements = REALS | {"int32", "int64"}
ANYTHING: Elements = NUMBERS | {"bool"}
MASKS: Elements = REALS | {"bool"}
INTEGERS: Elements = frozenset(("int32", "int64"))

_WORDS = {
    REALS: "real numbers",
    NUMBERS: "numbers",
    ANYTHING: "anything",
    MASKS: "real numbers or booleans",
    INTEGERS: "integers",
}


def in_words(elements: Elements) -> str:
    """Element types in words: `real numbers`; their names where there is no word for them."""
    return _WORDS.get(elements) or " or ".join(sorted(elements))
