"""What data a network can't be trained with, as far as their kind says."""

from collections.abc import Iterator, Sequence

from netspec.counted import counted
from netspec.graph import Blob, Graph
from netspec.lower.training.images import (
    CHANNELS,
    CLASSES,
    MODES,
    SIDES,
    is_cropped,
    parts_of,
    several_crops,
)
from netspec.lower.training.losses import train_inputs
from netspec.lower.training.refusal import Refusal
from netspec.recipes import Recipe
from netspec.recipes.data import IMAGES

CLASSES_OF_DIGITS = 10


def refused_data(graph: Graph, recipe: Recipe) -> Iterator[Refusal]:
    """Arrays, sizes, channels and classes that data of a kind don't have."""
    if recipe.data is None:
        return
    if recipe.data.format == "digits":
        yield from _digits(graph, recipe)
    elif recipe.data.format in IMAGES:
        yield from _images(graph, recipe)


def _digits(graph: Graph, recipe: Recipe) -> Iterator[Refusal]:
    images, *others = train_inputs(graph)
    if not _is_image(images) or images.shape[1] != 1:
        message = f"digits are N×1×H×W, but the input `{images.name}` is {images.shape}"
        yield Refusal(message, "data")
    count = 1 + len(others) + len(_labels(recipe))
    if count != 2:
        message = f"digits are images and labels, but the network needs {counted(count, 'array')}"
        yield Refusal(message, "data")
    yield from _classes(graph, recipe, "digits", CLASSES_OF_DIGITS)


def _images(graph: Graph, recipe: Recipe) -> Iterator[Refusal]:
    assert recipe.data is not None
    name = recipe.data.format
    inputs = train_inputs(graph)
    images = [blob for blob in inputs if _is_image(blob)]
    labels = [blob for blob in inputs if blob.shape.rank == 1]
    if len(images) != 1 or len(images) + len(labels) != len(inputs):
        shown = ", ".join(f"`{blob.name}` is {blob.shape}" for blob in inputs)
        message = f"images are N×1×H×W or N×3×H×W with N labels, but of the inputs {shown}"
        yield Refusal(message, "data")
        return
    count = 1 + len(labels) + len(_labels(recipe))
    if count != 2:
        message = f"images have a label each, but the network needs {counted(count, 'array')}"
        yield Refusal(message, "data")
    yield from _channels(recipe, images[0])
    yield from _sizes(recipe, images[0])
    yield from _of_losses(graph, recipe)
    if name in CLASSES:
        yield from _classes(graph, recipe, f"`format: {name}`", CLASSES[name])


def _channels(recipe: Recipe, images: Blob) -> Iterator[Refusal]:
    data, _, _ = parts_of(recipe)
    channels = images.shape[1]
    known = CHANNELS.get(data.format)
    if channels not in MODES or channels != (known or channels):
        shown = f"N×{known}×H×W" if known else "N×1×H×W or N×3×H×W"
        message = f"`format: {data.format}` is {shown}, but the input `{images.name}` is "
        yield Refusal(f"{message}{images.shape}", "data")
        return
    for key, values in (("mean", data.mean), ("std", data.std)):
        if len(values) not in (0, 1, channels):
            message = f"`{key}` is of {counted(len(values), 'number')}, but the input "
            yield Refusal(f"{message}`{images.name}` is {images.shape}", "data")


def _sizes(recipe: Recipe, images: Blob) -> Iterator[Refusal]:
    """Parts that are larger than what they are taken of."""
    data, augment, crops = parts_of(recipe)
    needed = max(_sides(images))
    side = SIDES.get(data.format)
    sees = f"the input `{images.name}` is {images.shape}"
    for key, found in (
        ("data", [data.resize] if data.resize is not None else []),
        ("augment", augment.scale or []),
        ("test_crops", crops.scales),
    ):
        if found and min(found) < needed:
            message = f"a shorter side of {min(found)} is too short: {sees}"
            yield Refusal(message, key, code="bad-value")
    scaled = data.resize is not None or augment.scale is not None
    if side is not None and not scaled:
        cropped = is_cropped(recipe) and needed <= side
        if not cropped and _sides(images) != [side, side]:
            message = f"`format: {data.format}` is of {side} x {side} pixels, but {sees}"
            yield Refusal(message, "data", f"scale them: `resize: {needed}`")
    sized = data.resize is not None or crops.scales or not recipe.test_interval
    if augment.scale is not None and not sized:
        message = "tests need a size, too, where `augment` has a `scale`"
        help = f"say the shorter side in tests: `resize: {sum(augment.scale) // 2}` in `data`"
        yield Refusal(message, "data", help, "missing-field")


def _of_losses(graph: Graph, recipe: Recipe) -> Iterator[Refusal]:
    """What needs losses in the recipe."""
    if recipe.loss or not graph.losses:
        return
    _, augment, _ = parts_of(recipe)
    if augment.mixup:
        message = "`mixup` mixes labels, which the network's own losses can't compare by"
        yield Refusal(message, "augment")
    if several_crops(recipe):
        message = "several crops are averaged before they are compared, and the network compares"
        yield Refusal(message, "test_crops", "leave them out, or the network's losses")


def _classes(graph: Graph, recipe: Recipe, what: str, count: int) -> Iterator[Refusal]:
    outputs = {graph.result_name(blob): blob.shape for blob in graph.results}
    for name in recipe.loss:
        shape = outputs.get(name)
        if shape is not None and shape.rank == 2 and shape[1] != count:
            verb = "are" if what == "digits" else "is"
            message = f"{what} {verb} of {count} classes, but `{name}` is {shape}"
            yield Refusal(message, "loss")


def _labels(recipe: Recipe) -> set[str]:
    return {loss.label for loss in recipe.loss.values()}


def _is_image(blob: Blob) -> bool:
    sizes = blob.shape
    return sizes.rank == 4 and all(isinstance(size, int) for size in sizes[1:])


def _sides(images: Blob) -> Sequence[int]:
    return [size for size in images.shape[2:] if isinstance(size, int)]
