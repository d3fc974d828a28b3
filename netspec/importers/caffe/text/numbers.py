"""The numbers and booleans of the text format, as `google.protobuf.text_format` reads them."""

import math
import re

_OCTAL = re.compile(r"(-?)0([0-9]+)")
_FLOAT_OCTAL = re.compile(r"-?0[0-9]")
_SPECIAL = re.compile(r"(-?)inf(?:inity)?f?|(nan)f?", re.IGNORECASE)
MAX_DIGITS = 400
"""No float has more before its point, and Python reads long integers in quadratic time."""

BOOLEANS = dict.fromkeys(("true", "t", "1", "True"), True)
BOOLEANS |= dict.fromkeys(("false", "f", "0", "False"), False)


def integer(text: str) -> int | None:
    """The integer that a text is: decimal, octal with a leading 0, hexadecimal; else None.

    >>> [integer(text) for text in ("12", "-0x1F", "017", "1.0", "09")]
    [12, -31, 15, None, None]
    """
    if len(text) > MAX_DIGITS:
        return None
    octal = _OCTAL.fullmatch(text)
    try:
        return int(f"{octal[1]}0o{octal[2]}" if octal else text, 0)
    except ValueError:
        return None


def real(text: str) -> float | None:
    """The float that a text is; else None.

    >>> [real(text) for text in ("1", ".5f", "1e-3", "-inf", "017", "0x10", "x")]
    [1.0, 0.5, 0.001, -inf, None, None, None]
    """
    if _FLOAT_OCTAL.match(text):
        return None
    try:
        return float(text)
    except ValueError:
        pass
    if special := _SPECIAL.fullmatch(text):
        return math.nan if special[2] else -math.inf if special[1] else math.inf
    try:
        return float(text.rstrip("fF"))
    except ValueError:
        return None


def is_number(text: str) -> bool:
    """Whether a text is a number of any kind."""
    return real(text) is not None or integer(text) is not None
