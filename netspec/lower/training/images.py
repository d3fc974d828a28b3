"""What a training script makes of images: of all that it could hold, what a recipe asks for."""

from collections.abc import Iterator, Sequence

from netspec.lower.torch.python.layout import quoted
from netspec.lower.training.autoaugment import changes, pairs
from netspec.lower.training.plan import CifarFiles, Constant, ImagePlan, Tensor
from netspec.recipes import Recipe
from netspec.recipes.data import Augment, Crops, Data

SIDES = {"cifar10": 32, "cifar100": 32, "mnist": 28}
"""The sides of the images of each published set."""
CHANNELS = {"cifar10": 3, "cifar100": 3, "mnist": 1}
CLASSES = {"cifar10": 10, "cifar100": 100, "mnist": 10}
MODES = {1: "L", 3: "RGB"}
"""Pillow's names of the images that are known here, by the number of their channels."""


CIFAR = {
    "cifar10": CifarFiles(
        "CIFAR-10",
        1,
        tuple(f"data_batch_{number}.bin" for number in range(1, 6)),
        ("test_batch.bin",),
        "cifar-10-binary.tar.gz",
    ),
    "cifar100": CifarFiles(
        "CIFAR-100", 2, ("train.bin",), ("test.bin",), "cifar-100-binary.tar.gz"
    ),
}
"""Krizhevsky's page of the sets; their other form, Python's pickles, could run code."""


def parts_of(recipe: Recipe) -> tuple[Data, Augment, Crops]:
    """What a recipe says of images, with defaults for what it doesn't."""
    assert recipe.data is not None
    return recipe.data, recipe.augment or Augment(), recipe.test_crops or Crops()


def crops_at_random(augment: Augment) -> bool:
    """Whether training takes a part of an image from anywhere."""
    return augment.crop or bool(augment.pad) or augment.scale is not None


def is_cropped(recipe: Recipe) -> bool:
    """Whether what the network sees of an image may be a part of it."""
    data, augment, _ = parts_of(recipe)
    return crops_at_random(augment) or data.resize is not None or recipe.test_crops is not None


def several_crops(recipe: Recipe) -> bool:
    """Whether a test sees more than one part of an image."""
    crops = recipe.test_crops
    return crops is not None and (crops.type == "ten" or len(crops.scales) > 1)


def image_plan(recipe: Recipe, tensors: Sequence[Tensor]) -> ImagePlan:
    """How images are written; `refusals` saw to it that there are one of them and a label."""
    data, augment, crops = parts_of(recipe)
    tensor, label = _image_and_label(tensors)
    channels, height, width = tensor.shape
    tests = recipe.tests
    cropped = is_cropped(recipe)
    crop = cropped and (data.resize is not None or SIDES.get(data.format) != height)
    crop = crop or (cropped and height != width)
    random_crop = crops_at_random(augment)
    colours = tuple(_colours(augment))
    drawn = bool(random_crop or augment.flip or colours or augment.autoaugment)
    policy = augment.autoaugment or ""
    operations = [*changes(policy)] if policy else []
    folder = data.format == "folder"
    ten = tests and crops.type == "ten"
    scales = tests and bool(crops.scales)
    made_train = folder or drawn or crop
    made_test = tests and (folder or crop or ten or scales)
    return ImagePlan(
        files=CIFAR.get(data.format),
        tensor=tensor,
        label=label,
        first=tensors[0] is tensor,
        channels=channels,
        mode=MODES[channels],
        count=CLASSES.get(data.format, label.classes or 0),
        normal=_normal(data),
        mean_many=len(data.mean) > 1,
        std_many=len(data.std) > 1,
        scale=augment.scale is not None,
        resize=data.resize is not None and (not augment.scale or (tests and not scales)),
        resizes=bool(augment.scale or data.resize or scales),
        crop=crop,
        random_crop=random_crop,
        parts=random_crop or crop or ten or scales,
        pad=bool(augment.pad),
        flip=augment.flip,
        colours=colours,
        policy=policy,
        pairs=[list(map(_quoted, pair)) for pair in pairs(policy)] if policy else [],
        changes=operations,
        moves=any(code.startswith("moved") for _, code in operations),
        cutout=bool(augment.cutout),
        mixup=bool(augment.mixup),
        draws=drawn or bool(augment.cutout),
        made_train=made_train,
        made_test=made_test,
        apart=tests and bool(drawn or augment.cutout or ten or scales),
        ten=ten,
        scales=scales,
        skips=data.unreadable == "skip",
        exact=not cropped,
        at_least=data.resize is None and augment.scale is None,
    )


def _quoted(operation: tuple[str, float, int]) -> str:
    """The display of a tuple."""
    name, chance, level = operation
    return f"({quoted(name)}, {chance}, {level})"


def _image_and_label(tensors: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    one, other = tensors
    return (one, other) if len(one.shape) == 3 else (other, one)


def _normal(data: Data) -> str:
    """The expression of a pixel's value."""
    value = "images / 255" if data.scale is None else "images * SCALE"
    if data.mean:
        value += " - mean" if len(data.mean) > 1 else " - MEAN"
    if not data.std:
        return value
    divisor = "std" if len(data.std) > 1 else "STD"
    return f"({value}) / {divisor}" if data.mean else f"{value} / {divisor}"


def image_constants(recipe: Recipe, made: ImagePlan) -> Iterator[Constant]:
    """The numbers of images at the head of the script."""
    data, augment, crops = parts_of(recipe)
    height, width = made.tensor.shape[1:]
    if made.made_train or made.made_test or made.cutout:
        yield Constant("HEIGHT", height, "of what the network sees")
        yield Constant("WIDTH", width)
    if made.mixup or (data.format == "folder" and made.count):
        yield Constant("CLASSES", made.count)
    if data.scale is not None:
        yield Constant("SCALE", data.scale)
    for name, values in (("MEAN", data.mean), ("STD", data.std)):
        if values:
            yield Constant(name, tuple(values) if len(values) > 1 else values[0])
    if made.resize:
        yield Constant("RESIZE", data.resize or 0, "the shorter side of an image")
    yield from _drawn(augment)
    if made.scales:
        yield Constant("TEST_SCALES", tuple(crops.scales))


def _drawn(augment: Augment) -> Iterator[Constant]:
    if augment.scale is not None:
        yield Constant("SCALES", tuple(augment.scale), "of the shorter side in training")
    if augment.pad:
        yield Constant("PAD", augment.pad)
    if augment.cutout:
        yield Constant("CUTOUT", augment.cutout)
    if augment.mixup:
        yield Constant("MIXUP", augment.mixup)


def _colours(augment: Augment) -> Iterator[str]:
    """The changes of colours and how far they go, as the items of a list."""
    for name, most in (
        ("Brightness", augment.brightness),
        ("Contrast", augment.contrast),
        ("Color", augment.saturation),
    ):
        if most:
            yield f"(ImageEnhance.{name}, {most!r})"
