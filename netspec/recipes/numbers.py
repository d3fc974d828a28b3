"""Numbers of 32 bits, which Caffe computes with."""

from struct import pack, unpack

FLOAT_MAX = float.fromhex("0x1.fffffep+127")


def float32(value: float) -> float:
    """The number of 32 bits that is nearest.

    >>> float32(0.1)
    0.10000000149011612
    """
    nearest: float = unpack("<f", pack("<f", value))[0]
    return nearest
