"""What the axes of a blob are called; they go by place, for a shape doesn't say what it holds.

Of a sequence N×T×C, whose channels stand last, none of these names is right: it has `shape`.
"""

SPATIAL = {3: ("length",), 4: ("height", "width"), 5: ("depth", "height", "width")}
"""The axes behind the channels, by how many axes there are."""

NAMES = ("channels", "length", "depth", "height", "width")
"""All of them."""


def axis_names(rank: int) -> tuple[str, ...]:
    """The names of the axes from 1 on; those behind the last have none.

    >>> axis_names(4)
    ('channels', 'height', 'width')
    """
    return ("channels", *SPATIAL.get(rank, ())) if rank > 1 else ()
