"""Random networks of repeats with several blobs: their loops are the network that was written."""

from hypothesis import given
from hypothesis import strategies as st

from netspec import SpecError, loads
from tests.layers.recipes.recipe import Draw
from tests.random.repeats import spec
from tests.random.test_nested import check
from tests.random.test_random import SETTINGS


@st.composite
def specs(draw: Draw) -> str:
    return spec(draw)


@SETTINGS
@given(specs())
def test_loops_are_what_was_written(text: str) -> None:
    try:
        graph = loads(text)
    except SpecError:
        return
    try:
        check(graph)
    except SpecError as error:
        if {each.code for each in error.diagnostics} != {"not-lowerable"}:
            raise
    except Exception as error:
        error.add_note(text)
        raise
