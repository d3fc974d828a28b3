"""The losses, and Accuracy."""

from hypothesis import strategies as st

from tests.layers.recipes.recipe import Draw, Fields, Input, Recipe, Sizes, Use, at, numbers, some
from tests.layers.recipes.shapes import CHANNELLED, IMAGE, KNOWN_ITEMS, VECTOR, VECTORS

NORMALIZATIONS = ["FULL", "VALID", "BATCH_SIZE", "NONE"]
WEIGHTS = [0.5, 2.0, 1.0, 0.0]


def _labels(shape: Sizes) -> Input:
    return Input((shape[0], *shape[2:]), "labels", at(shape[1]))


def _ignoring(draw: Draw) -> Fields:
    return some(draw, ignore_label=st.integers(0, 1), normalization=st.sampled_from(NORMALIZATIONS))


def softmax_loss(draw: Draw, shape: Sizes) -> Use:
    fields = _ignoring(draw)
    if draw(st.booleans()):
        count = at(shape[1])
        weights = st.lists(numbers(0.1, 3), min_size=count, max_size=count)
        fields["class_weight"] = draw(weights)
        fields |= some(draw, normalization=st.just("WEIGHTS"))
    return Use(fields, (_labels(shape),))


def sigmoid_loss(draw: Draw, shape: Sizes) -> Use:
    return Use(_ignoring(draw), (Input(shape, "targets"),))


def hinge(draw: Draw, shape: Sizes) -> Use:
    labels = Input(shape[:1], "labels", at(shape[1]))
    return Use(some(draw, norm=st.sampled_from(["L1", "L2"])), (labels,))


def euclidean(draw: Draw, shape: Sizes) -> Use:
    return Use(some(draw, loss_weight=numbers(0.1, 2)), (Input(shape),))


def smooth(draw: Draw, shape: Sizes) -> Use:
    further = (Input(shape),) * draw(st.sampled_from([1, 3]))
    return Use(some(draw, sigma=numbers(0.5, 3)), further)


def contrastive(draw: Draw, shape: Sizes) -> Use:
    fields = some(draw, margin=numbers(0.5, 5), legacy_version=st.booleans())
    return Use(fields, (Input(shape), Input(shape[:1], "targets")))


def triplet(draw: Draw, shape: Sizes) -> Use:
    return Use(some(draw, margin=numbers(0, 5), squared=st.booleans()), (Input(shape),) * 2)


def accuracy(draw: Draw, shape: Sizes) -> Use:
    fields = some(draw, top_k=st.integers(1, at(shape[1])), ignore_label=st.integers(0, 1))
    return Use(fields, (_labels(shape),), tops=draw(st.sampled_from([0, 2])))


RECIPES = {
    "SoftmaxWithLoss": Recipe(
        softmax_loss,
        CHANNELLED,
        {
            "normalization": NORMALIZATIONS,
            "ignore_label": [None, 1],
            "class_weight": [[], WEIGHTS],
        },
        IMAGE,
        further=(_labels(IMAGE),),
    ),
    "SigmoidCrossEntropyLoss": Recipe(
        sigmoid_loss,
        KNOWN_ITEMS,
        {"normalization": NORMALIZATIONS, "ignore_label": [None, 1]},
        IMAGE,
        further=(Input(IMAGE, "targets"),),
    ),
    "HingeLoss": Recipe(
        hinge,
        VECTORS,
        {"norm": ["L1", "L2"]},
        VECTOR,
        further=(Input(VECTOR[:1], "labels", 6),),
    ),
    "EuclideanLoss": Recipe(
        euclidean, KNOWN_ITEMS, {"loss_weight": [1, 0.5]}, IMAGE, further=(Input(IMAGE),)
    ),
    "SmoothL1Loss": Recipe(
        smooth, KNOWN_ITEMS, {"sigma": [1, 3]}, IMAGE, further=(Input(IMAGE),) * 3
    ),
    "ContrastiveLoss": Recipe(
        contrastive,
        VECTORS,
        {"margin": [1, 4], "legacy_version": [False, True]},
        VECTOR,
        further=(Input(VECTOR), Input(VECTOR[:1], "targets")),
    ),
    "TripletLoss": Recipe(
        triplet,
        VECTORS,
        {"margin": [0.2, 4], "squared": [True, False]},
        VECTOR,
        further=(Input(VECTOR), Input(VECTOR)),
    ),
    "Accuracy": Recipe(
        accuracy,
        CHANNELLED,
        {"top_k": [1, 2], "ignore_label": [None, 1]},
        IMAGE,
        further=(_labels(IMAGE),),
        jumps="which of two nearly equal scores is the greater",
        no_gradient="it counts",
    ),
}
