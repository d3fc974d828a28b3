"""How many there are of something, in words that fit the number."""

_PLURALS = {
    "axis": "axes",
    "class": "classes",
    "entry": "entries",
    "parameter or buffer": "parameters and buffers",
    "spatial axis": "spatial axes",
}


def counted(count: object, one: str) -> str:
    """A count, a symbolic one too, and what it counts.

    >>> counted(1, "blob"), counted(0, "blob"), counted(2, "axis")
    ('1 blob', '0 blobs', '2 axes')
    """
    return f"{count} {one if count == 1 else _PLURALS.get(one, f'{one}s')}"
