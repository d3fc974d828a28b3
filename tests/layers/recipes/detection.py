"""PriorBox, DetectionOutput, Proposal and MultiBoxLoss."""

from hypothesis import strategies as st

from tests.layers.recipes.losses import NORMALIZATIONS
from tests.layers.recipes.pooling import REGIONS
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


def proposal(draw: Draw, shape: Sizes) -> Use:
    anchors = at(shape[1]) // 2
    fields: Fields = {
        "ratios": draw(st.lists(numbers(0.3, 3), min_size=anchors, max_size=anchors)),
        "scales": [draw(numbers(1, 4))],
    }
    fields |= some(
        draw,
        feat_stride=st.integers(1, 16),
        base_size=st.integers(4, 16),
        pre_nms_topn=st.one_of(st.none(), st.integers(1, 40)),
        post_nms_topn=st.one_of(st.none(), st.integers(1, 8)),
        nms_thresh=numbers(0, 1),
        min_size=numbers(0, 16),
    )
    return Use(fields, _about_an_image(shape))


def _about_an_image(shape: Sizes) -> tuple[Input, ...]:
    return (Input((1, 2 * at(shape[1]), *shape[2:])), Input((1, 3), "image", limit=16))


def multi_box_loss(draw: Draw, shape: Sizes) -> Use:
    classes = draw(st.integers(2, 4))
    fields: Fields = {"num_classes": classes}
    fields |= some(
        draw,
        overlap_threshold=numbers(0.1, 1),
        neg_overlap=numbers(0, 1),
        neg_pos_ratio=numbers(0, 4),
        loc_weight=numbers(0, 2),
        code_type=st.sampled_from(["CORNER", "CENTER_SIZE"]),
        variance_encoded_in_target=st.booleans(),
        normalization=st.sampled_from(NORMALIZATIONS),
    )
    return Use(fields, (*_beside(at(shape[1]) // 4, classes), _objects(classes)))


def _objects(classes: int) -> Input:
    return Input((REGIONS, 6), "objects", classes)


def _beside(count: int, classes: int) -> tuple[Input, ...]:
    return (Input((N, count * classes)), Input((1, 2, 4 * count), "priors"))


SCORES: Sizes = (1, 6, H, W)

RECIPES = {
    "Proposal": Recipe(
        proposal,
        st.sampled_from([SCORES, (1, 2, 3, W), (1, 4, 5, 4)]),
        {
            "feat_stride": [16, 4],
            "base_size": [16, 8],
            "pre_nms_topn": [6000, None, 20],
            "post_nms_topn": [300, None, 5],
            "nms_thresh": [0.7, 0.3],
            "min_size": [16, 0],
        },
        SCORES,
        {"ratios": [0.5, 1, 2], "scales": 2},
        _about_an_image(SCORES),
        jumps=JUMPS,
        no_gradient="scores only choose",
    ),
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
    "MultiBoxLoss": Recipe(
        multi_box_loss,
        st.sampled_from([OFFSETS, (N, 8), (N, 48)]),
        {
            "neg_pos_ratio": [3, 0],
            "code_type": ["CORNER", "CENTER_SIZE"],
            "variance_encoded_in_target": [False, True],
            "normalization": NORMALIZATIONS,
        },
        OFFSETS,
        {"num_classes": 3},
        (*_beside(6, 3), _objects(3)),
        jumps=JUMPS,
    ),
}
