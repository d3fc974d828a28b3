"""YAML 1.2's core schema for plain scalars: `no` is a string, `1e-4` a number, `010` is ten."""

import re

_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_INTEGER = re.compile(r"[-+]?[0-9]+\Z")
_RADIX = re.compile(r"0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_SPECIAL = re.compile(r"[-+]?\.(inf|Inf|INF)\Z|\.(nan|NaN|NAN)\Z")
_NUMERIC_START = frozenset("0123456789+-.")

MAX_INTEGER = 2**63 - 1


def resolve(text: str) -> bool | int | float | str | None:
    """The value of an unquoted scalar; OverflowError for an integer of over 64 bits.

    >>> [resolve(text) for text in ("no", "1e-4", "010", "0x1f", "12:30", "~", "True")]
    ['no', 0.0001, 10, 31, '12:30', None, True]
    """
    if text[:1] not in _NUMERIC_START:
        return _WORDS.get(text, text)
    if _INTEGER.match(text):
        return _bounded(text, 10)
    if _RADIX.match(text):
        return _bounded(text[2:], 8 if text[1] == "o" else 16)
    if _FLOAT.match(text):
        return float(text)
    if _SPECIAL.match(text):
        return float(text.replace(".", "").lower())
    return text


def _bounded(digits: str, base: int) -> int:
    # Python refuses to read very long numbers and reads long ones in quadratic time.
    value = int(digits, base) if len(digits) <= 40 else MAX_INTEGER + 1
    if abs(value) > MAX_INTEGER:
        raise OverflowError
    return value
