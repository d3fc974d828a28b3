"""Random networks of repeats with several blobs: their loops are the network that was written."""

from hypothesis import given
from hypothesis import strategies as st

from tests.layers.recipes.recipe import Draw
from tests.random.repeats import spec
from tests.random.test_nested import check_spec
from tests.random.test_random import SETTINGS


@st.composite
def specs(draw: Draw) -> str:
    return spec(draw)


@SETTINGS
@given(specs())
def test_loops_are_what_was_written(text: str) -> None:
    check_spec(text)
