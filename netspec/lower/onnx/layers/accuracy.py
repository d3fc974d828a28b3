"""Accuracy."""

from netspec.graph import Shape, TensorType
from netspec.layers.accuracy import Accuracy
from netspec.layers.losses import without
from netspec.lower.onnx.emitter import ELEMENT_TYPES, Emitter
from netspec.lower.onnx.layers.registry import lowers
from netspec.lower.onnx.steps.single import in_float32
from netspec.lower.onnx.steps.sizes import places as places_along
from netspec.lower.onnx.steps.whole import require_whole

INTEGER = ELEMENT_TYPES["int64"]


@lowers(Accuracy)
def accuracy(layer: Accuracy, to: Emitter) -> None:
    """How many scores are as high as the label's own, compared with `top_k`; the mean of that."""
    scores, labelled = (blob.type for blob in to.node.bottoms)
    axis = layer.axis % scores.shape.rank
    require_whole("Accuracy's labels", labelled.dtype, scores.shape[axis])
    to = in_float32(to)
    scores = to.node.bottoms[0].type
    places = Shape(scores.shape.replace(axis, 1).sizes)
    labels = _labels(to, axis, places)
    counted = None
    if layer.ignore_label is not None:
        ignored = to.constant("ignored", [layer.ignore_label])
        matches = to.step("matches", "Equal", [labels, ignored], TensorType(places, "bool"))
        counted = to.step("counted", "Not", [matches], TensorType(places, "bool"))
        # An ignored label needn't be a class; any class will do.
        choice = [counted, labels, to.constant("any_class", [0])]
        labels = to.step("classes", "Where", choice, TensorType(places, "int64"))
    own = to.step(
        "own",
        "GatherElements",
        [to.bottoms[0], labels],
        TensorType(places, scores.dtype),
        axis=axis,
    )
    flags = TensorType(scores.shape, "bool")
    high = to.step("high", "GreaterOrEqual", [to.bottoms[0], own], flags)
    ones = to.step("ones", "Cast", [high], TensorType(scores.shape, "int64"), to=INTEGER)
    along = to.constant("classes_axis", [axis])
    rank = to.step("rank", "ReduceSum", [ones, along], TensorType(places, "int64"))
    limit = to.constant("top_k", [layer.top_k])
    hits = to.step("hits", "LessOrEqual", [rank, limit], TensorType(places, "bool"))
    if counted is not None:
        hits = to.step("counted_hits", "And", [hits, counted], TensorType(places, "bool"))
    _share(to, hits, counted, places)
    if len(to.node.tops) > 1:
        _of_each_class(to, hits, labels, counted, axis)


def _labels(to: Emitter, axis: int, places: Shape) -> str:
    """The labels as integers, with an axis of size 1 in the place of the classes."""
    kind, labels = to.node.bottoms[1].type, to.bottoms[1]
    if kind.dtype != "int64":
        labels = to.step("integers", "Cast", [labels], TensorType(kind.shape, "int64"), to=INTEGER)
    if kind.shape == places:
        return labels
    type = TensorType(places, "int64")
    if kind.shape == without(places, axis):
        return to.step("labels", "Unsqueeze", [labels, to.constant("axis", [axis])], type)
    shape = TensorType(Shape((places.rank,)), "int64")
    whole = to.step("scores_shape", "Shape", [to.bottoms[0]], shape)
    scale = [1] * places.rank
    scale[axis] = 0
    kept = to.step("kept", "Mul", [whole, to.constant("but_classes", scale)], shape)
    one = to.constant("one_class", [1 - each for each in scale])
    target = to.step("places", "Add", [kept, one], shape)
    return to.step("labels", "Reshape", [labels, target], type)


def _share(to: Emitter, hits: str, counted: str | None, places: Shape) -> None:
    """The mean of the hits over all that is counted; 0 of nothing."""
    type = to.node.tops[0].type
    sum_of_hits = _sum(to, "hit_count", hits, places, type)
    if counted is None:
        size = to.step("size", "Size", [hits], TensorType(Shape(()), "int64"))
        count = to.step("count", "Cast", [size], type, to=ELEMENT_TYPES[type.dtype])
    else:
        found = _sum(to, "counted_count", counted, places, type)
        count = to.step("count", "Max", [found, to.float_constant("one", 1)], type)
    to.top("Div", [sum_of_hits, count])


def _sum(to: Emitter, label: str, flags: str, places: Shape, type: TensorType) -> str:
    """How many flags are set."""
    numbers = TensorType(places, type.dtype)
    ones = to.step(f"{label}_ones", "Cast", [flags], numbers, to=ELEMENT_TYPES[type.dtype])
    return to.step(label, "ReduceSum", [ones], type, keepdims=0)


def _of_each_class(to: Emitter, hits: str, labels: str, counted: str | None, axis: int) -> None:
    """The same share among the labels of each class."""
    shape = to.node.bottoms[0].shape
    flags = TensorType(shape, "bool")
    numbers = places_along(to, "class_numbers", 0, axis)
    behind = [*range(1, shape.rank - axis)]
    if behind:
        type = TensorType(Shape((shape[axis], *(1 for _ in behind))), "int64")
        spread = to.constant("behind", behind)
        numbers = to.step("class_column", "Unsqueeze", [numbers, spread], type)
    own = to.step("of_class", "Equal", [labels, numbers], flags)
    if counted is not None:
        own = to.step("counted_of_class", "And", [own, counted], flags)
    right = to.step("hits_of_class", "And", [own, hits], flags)
    share, total = (_per_class(to, *each, axis) for each in (("right", right), ("total", own)))
    some = to.step("some", "Max", [total, to.float_constant("one_label", 1)], to.node.tops[1].type)
    to.further_top(1, "Div", [share, some])


def _per_class(to: Emitter, label: str, flags: str, axis: int) -> str:
    """How many flags of each class are set."""
    type, shape = to.node.tops[1].type, to.node.bottoms[0].shape
    ones = to.step(f"{label}_ones", "Cast", [flags], TensorType(shape, "int64"), to=INTEGER)
    others = to.constant(f"{label}_axes", [each for each in range(shape.rank) if each != axis])
    kind = TensorType(type.shape, "int64")
    count = to.step(f"{label}_count", "ReduceSum", [ones, others], kind, keepdims=0)
    return to.step(f"{label}_number", "Cast", [count], type, to=ELEMENT_TYPES[type.dtype])
