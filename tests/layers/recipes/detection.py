"""PriorBox and DetectionOutput."""

from hypothesis import strategies as st

from tests.layers.recipes.recipe import Draw, Fields, Input, Recipe, Sizes, Use, at, numbers, some
from tests.layers.recipes.shapes import IMAGE, IMAGES, H, N, W

JUMPS = "whether one of two nearly equal scores or overlaps is the greater"
PICTURE = Input((N, 3, 21, 20))
OFFSETS: Sizes = (N, 24)
"""Those of six priors, or of two with three classes each."""


def prior_box(draw: Draw, shape: Sizes) -> Use:
    sizes = draw(st.lists(st.integers(1, 9), min_size=1, max_size=3))
    fields: Fields = {"min_size": sizes}
    if draw(st.booleans()):
        fields["max_size"] = [size + draw(st.integers(1, 9)) for size in sizes]
    fields |= some(
        draw,
        aspect_ratio=st.lists(numbers(0.25, 4), max_size=3),
        flip=st.booleans(),
        clip=st.booleans(),
        variance=st.sampled_from([0.1, [0.1, 0.1, 0.2, 0.2]]),
        step=numbers(0, 9),
        offset=numbers(0, 1),
    )
    return Use(fields, (Input((shape[0], 3, H, W)),))


def detection_output(draw: Draw, shape: Sizes) -> Use:
    classes, shared = draw(st.integers(2, 4)), draw(st.booleans())
    if at(shape[1]) % (4 * classes):
        shared = True
    count = at(shape[1]) // (4 if shared else 4 * classes)
    fields: Fields = {"num_classes": classes, "share_location": shared}
    fields |= some(
        draw,
        background_label_id=st.integers(-1, classes - 1),
        nms_threshold=numbers(0, 1),
        top_k=st.integers(1, 8),
        keep_top_k=st.integers(1, 8),
        confidence_threshold=numbers(-1, 1),
        code_type=st.sampled_from(["CORNER", "CENTER_SIZE"]),
        variance_encoded_in_target=st.booleans(),
    )
    return Use(fields, _beside(count, classes))


def _beside(count: int, classes: int) -> tuple[Input, ...]:
    return (Input((N, count * classes)), Input((1, 2, 4 * count), "priors"))


RECIPES = {
    "PriorBox": Recipe(
        prior_box,
        IMAGES,
        {
            "max_size": [[], [7, 9]],
            "aspect_ratio": [[], 2, [2, 3]],
            "flip": [True, False],
            "clip": [False, True],
            "variance": [0.1, [0.1, 0.1, 0.2, 0.2]],
            "step": [0, 4],
            "offset": [0.5, 0],
        },
        IMAGE,
        {"min_size": [4, 6]},
        (PICTURE,),
        no_gradient="it reads sizes alone",
    ),
    "DetectionOutput": Recipe(
        detection_output,
        st.sampled_from([OFFSETS, (N, 8), (N, 48)]),
        {
            "share_location": [True],
            "background_label_id": [0, 2, -1],
            "nms_threshold": [0.3, 0.6],
            "top_k": [None, 3],
            "keep_top_k": [None, 4],
            "confidence_threshold": [None, 0.1, 100],
            "code_type": ["CORNER", "CENTER_SIZE"],
            "variance_encoded_in_target": [False, True],
        },
        OFFSETS,
        {"num_classes": 3},
        _beside(6, 3),
        jumps=JUMPS,
    ),
}
