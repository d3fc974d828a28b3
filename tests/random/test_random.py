"""Random networks: the front end, PyTorch and ONNX Runtime agree on every one.

`make random RUNS=2000` tries as many as it is told, other ones each time.
"""

import os
from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import Phase as Explore
from hypothesis import strategies as st

from netspec import loads
from netspec.graph.sizes import symbol
from netspec.layers import CATALOGUE
from tests.agreement import check_agreement
from tests.layers.recipes.every import RECIPES
from tests.layers.recipes.recipe import VALUES, Draw, Input
from tests.layers.recipes.shapes import KNOWN_IMAGES, SEQUENCES, SIGNALS, VECTORS, VOLUMES
from tests.layers.recipes.text import values
from tests.random import constructs
from tests.random.draft import Draft, layer, loss

RUNS = int(os.environ.get("NETSPEC_RANDOM_RUNS", "0"))
"""How many networks a long run tries; 0 for the small one, which is the same every time."""

SETTINGS = settings(
    max_examples=RUNS or 40,
    deadline=None,
    derandomize=not RUNS,
    database=None,
    phases=(Explore.generate, Explore.shrink),
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)

MOVES: list[Callable[[Draft], None]] = [
    *[layer] * 10,
    constructs.group,
    constructs.branches,
    constructs.residual,
    constructs.block,
    constructs.row,
    constructs.reuse,
    constructs.sharing,
    constructs.phased,
    constructs.table,
    constructs.stand_in,
    constructs.formula,
    constructs.ordered,
]
"""Layers by themselves come as often as everything else together: there are many to try."""
if "Parameter" in CATALOGUE:
    MOVES.append(constructs.parameter)

OPEN_IMAGES = st.tuples(
    st.just(symbol("N")), st.integers(1, 8), st.just(symbol("H")), st.just(symbol("W"))
)


@st.composite
def drafts(draw: Draw) -> Draft:
    """A network of a few constructs and perhaps a loss."""
    images = st.one_of(KNOWN_IMAGES, KNOWN_IMAGES, OPEN_IMAGES)
    shape = draw(st.one_of(images, images, VECTORS, SIGNALS, VOLUMES, SEQUENCES))
    draft = Draft(draw)
    draft.inputs["data"] = (Input(shape, draw(st.sampled_from(["real", "positive"]))), None)
    draft.begin()
    for move in draw(st.lists(st.sampled_from(MOVES), min_size=1, max_size=8)):
        move(draft)
    if draw(st.booleans()):
        loss(draft)
    if not draft.outputs():
        draft.add({"name": "same", "type": "AbsVal", "bottom": "data"})
    return draft


@SETTINGS
@given(drafts(), st.booleans())
def test_every_target_agrees(draft: Draft, every: bool) -> None:
    """Compare every layer's values, or the results of the network as ONNX Runtime optimizes it."""
    text = draft.text(draft.outputs())
    try:
        network = loads(text)
        inputs = {name: values(name, each) for name, (each, _) in draft.inputs.items()}
        types = {node.type for node in network.nodes}
        counted = not any(RECIPES[name].counted for name in types)
        check_agreement(network, inputs, VALUES, counted=counted, every=every)
    except Exception as error:
        error.add_note(text)
        raise
