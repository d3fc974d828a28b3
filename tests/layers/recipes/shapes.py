"""The shapes of what layers read."""

from hypothesis import strategies as st

from netspec.graph import Size
from netspec.graph.sizes import symbol
from tests.layers.recipes.recipe import Sizes

N, H, W = symbol("N"), symbol("H"), symbol("W")

CHANNELS = st.integers(1, 8)
HEIGHTS: st.SearchStrategy[Size] = st.one_of(st.integers(3, 10), st.just(H))
WIDTHS: st.SearchStrategy[Size] = st.one_of(st.integers(3, 10), st.just(W))

IMAGES: st.SearchStrategy[Sizes] = st.tuples(st.just(N), CHANNELS, HEIGHTS, WIDTHS)
KNOWN_IMAGES: st.SearchStrategy[Sizes] = st.tuples(
    st.just(N), CHANNELS, st.integers(3, 10), st.integers(3, 10)
)
VECTORS: st.SearchStrategy[Sizes] = st.tuples(st.just(N), st.integers(2, 12))
ROWS: st.SearchStrategy[Sizes] = st.tuples(st.just(N), CHANNELS, st.integers(2, 6))
SEQUENCES: st.SearchStrategy[Sizes] = st.tuples(st.just(N), HEIGHTS, st.integers(1, 6))
ITEMS: st.SearchStrategy[Sizes] = st.one_of(IMAGES, VECTORS, ROWS)
"""Batches of anything."""
KNOWN_ITEMS: st.SearchStrategy[Sizes] = st.one_of(KNOWN_IMAGES, VECTORS, ROWS)
CHANNELLED: st.SearchStrategy[Sizes] = st.one_of(IMAGES, VECTORS)

IMAGE: Sizes = (N, 4, 7, 6)
OPEN: Sizes = (N, 4, H, W)
VECTOR: Sizes = (N, 6)


def ranks(shapes: st.SearchStrategy[Sizes]) -> tuple[int, ...]:
    """How many axes these shapes have."""
    if shapes is IMAGES or shapes is KNOWN_IMAGES:
        return (4,)
    if shapes is VECTORS:
        return (2,)
    if shapes is SEQUENCES:
        return (3,)
    return (2, 4) if shapes is CHANNELLED else (2, 3, 4)
