"""What a draft takes back: what nothing else could be drawn on."""

from typing import Any

from tests.layers.recipes.recipe import Input
from tests.random.draft import LARGEST, Draft


def draft(*shape: int) -> Draft:
    draw: Any = None  # nothing is drawn
    made = Draft(draw)
    made.inputs["data"] = (Input(shape), None)
    made.begin()
    return made


def test_a_blob_whose_size_values_decide() -> None:
    made = draft(2, 12)
    detection = {"name": "found", "type": "DetectionOutput", "num_classes": 4, "keep_top_k": 7}
    further = [("scores", Input((2, 12)), None), ("priors", Input((1, 2, 12)), None)]
    bottoms = {"bottom": ["data", "scores", "priors"], "nms_threshold": 0.9}
    assert not made.add(detection | bottoms, inputs=tuple(further))
    assert (made.entries, [*made.inputs], made.current) == ([], ["data"], "data")


def test_a_large_blob() -> None:
    made = draft(1, 100)
    entry = {"name": "fc", "type": "InnerProduct", "bottom": "data", "bias_term": False}
    assert not made.add(entry | {"num_output": LARGEST + 1})
    assert made.add(entry | {"num_output": LARGEST})
    assert made.current == "fc"
