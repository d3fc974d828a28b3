"""The shapes of what layers read."""

from hypothesis import strategies as st

from netspec.graph import Size
from netspec.graph.sizes import symbol
from tests.layers.recipes.recipe import Sizes

N, D, H, W = symbol("N"), symbol("D"), symbol("H"), symbol("W")

CHANNELS = st.integers(1, 8)
DEPTHS: st.SearchStrategy[Size] = st.one_of(st.integers(2, 4), st.just(D))
HEIGHTS: st.SearchStrategy[Size] = st.one_of(st.integers(3, 10), st.just(H))
WIDTHS: st.SearchStrategy[Size] = st.one_of(st.integers(3, 10), st.just(W))

IMAGES: st.SearchStrategy[Sizes] = st.tuples(st.just(N), CHANNELS, HEIGHTS, WIDTHS)
KNOWN_IMAGES: st.SearchStrategy[Sizes] = st.tuples(
    st.just(N), CHANNELS, st.integers(3, 10), st.integers(3, 10)
)
SIGNALS: st.SearchStrategy[Sizes] = st.tuples(st.just(N), CHANNELS, WIDTHS)
VOLUMES: st.SearchStrategy[Sizes] = st.tuples(
    st.just(N), st.integers(1, 4), DEPTHS, HEIGHTS, WIDTHS
)
SPATIAL: st.SearchStrategy[Sizes] = st.one_of(IMAGES, SIGNALS, VOLUMES)
"""Batches of one, two or three spatial axes."""
VECTORS: st.SearchStrategy[Sizes] = st.tuples(st.just(N), st.integers(2, 12))
ROWS: st.SearchStrategy[Sizes] = st.tuples(st.just(N), CHANNELS, st.integers(2, 6))
SEQUENCES: st.SearchStrategy[Sizes] = st.tuples(
    st.just(N), st.one_of(st.integers(1, 6), st.just(H)), st.sampled_from([2, 4, 6, 8])
)
"""Items of some steps, each a vector."""
NORMALIZED: st.SearchStrategy[Sizes] = st.one_of(SPATIAL, VECTORS)
"""What a mean is taken of for each channel."""
ITEMS: st.SearchStrategy[Sizes] = st.one_of(SPATIAL, VECTORS, ROWS)
"""Batches of anything."""
KNOWN_VOLUMES: st.SearchStrategy[Sizes] = st.tuples(
    st.just(N), st.integers(1, 4), st.integers(2, 4), st.integers(2, 5), st.integers(2, 5)
)
KNOWN_SIGNALS: st.SearchStrategy[Sizes] = st.tuples(st.just(N), CHANNELS, st.integers(3, 10))
KNOWN_SPATIAL: st.SearchStrategy[Sizes] = st.one_of(KNOWN_IMAGES, KNOWN_SIGNALS, KNOWN_VOLUMES)
KNOWN_ITEMS: st.SearchStrategy[Sizes] = st.one_of(KNOWN_IMAGES, VECTORS, ROWS, KNOWN_VOLUMES)
CHANNELLED: st.SearchStrategy[Sizes] = st.one_of(IMAGES, VECTORS)

IMAGE: Sizes = (N, 4, 7, 6)
OPEN: Sizes = (N, 4, H, W)
VECTOR: Sizes = (N, 6)

RANKS: list[tuple[st.SearchStrategy[Sizes], tuple[int, ...]]] = [
    (IMAGES, (4,)),
    (KNOWN_IMAGES, (4,)),
    (VECTORS, (2,)),
    (ROWS, (3,)),
    (CHANNELLED, (2, 4)),
    (SPATIAL, (3, 4, 5)),
    (KNOWN_SPATIAL, (3, 4, 5)),
    (SEQUENCES, (3,)),
]


def ranks(shapes: st.SearchStrategy[Sizes]) -> tuple[int, ...]:
    """How many axes these shapes have."""
    return next((found for known, found in RANKS if known is shapes), (2, 3, 4, 5))
