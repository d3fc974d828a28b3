"""What the keys of data and of images mean to each other."""

from collections.abc import Iterator

from netspec.listed import listed
from netspec.recipes.data import IMAGES, NAMED, PUBLISHED, Data
from netspec.recipes.found import Found
from netspec.recipes.model import Recipe

_OF_IMAGES = ("scale", "mean", "std", "resize")


def data_problems(recipe: Recipe, given: set[str]) -> Iterator[Found]:
    """What is wrong with `data`, `augment` and `test_crops`."""
    data = recipe.data
    if data is None:
        for key in ("augment", "test_crops"):
            if key in given:
                yield Found(f"`{key}` is of images, and there is no `data`", key)
        return
    yield from _files(data)
    if data.format in IMAGES:
        yield from _values(data)
        yield from _sides(recipe)
    else:
        yield from _no_images(recipe, data, given)
    if data.unreadable == "skip" and data.format != "folder":
        message = f"`format: {data.format}` has no files of images that could be skipped"
        yield Found(message, "data", "leave `unreadable` out", "field-conflict")


def _files(data: Data) -> Iterator[Found]:
    for key in ("train", "test"):
        path = getattr(data, key)
        if data.format == "digits" and path is not None:
            message = f"`format: digits` reads no file, but `{key}` names one"
            yield Found(message, "data", "is `format: npz` meant?", "field-conflict")
    if data.format in PUBLISHED and data.test is not None:
        message = f"`format: {data.format}` has its tests beside what it trains with"
        yield Found(message, "data", "leave `test` out", "field-conflict")
    if data.format in NAMED and data.train is None:
        message = f"`train` is missing, which `format: {data.format}` needs"
        yield Found(message, "data", code="missing-field")


def _values(data: Data) -> Iterator[Found]:
    """Pixels from 0 to 1, from which a mean of those from 0 to 255 would be subtracted."""
    if data.scale is None and any(abs(each) > 1 for each in data.mean):
        message = "`mean` is of pixels from 0 to 255, but without `scale` they are from 0 to 1"
        yield Found(message, "data", "is `scale: 1` meant?", trap=True)


def _sides(recipe: Recipe) -> Iterator[Found]:
    augment, crops = recipe.augment, recipe.test_crops
    if augment is not None and augment.scale is not None and augment.scale != sorted(augment.scale):
        first, last = augment.scale
        yield Found(f"`scale` should rise, not go from {first} to {last}", "augment")
    if crops is not None and not recipe.tests:
        yield Found("there is no `test_interval`: nothing is tested", "test_crops", trap=True)


def _no_images(recipe: Recipe, data: Data, given: set[str]) -> Iterator[Found]:
    said = [f"`{key}`" for key in _OF_IMAGES if key in data.model_fields_set]
    if said:
        message = f"{listed(said)} of `data`: `format: {data.format}` has no pixels from 0 to 255"
        yield Found(message, "data", f"images are {listed([*IMAGES], 'or')}", "field-conflict")
    for key in ("augment", "test_crops"):
        if key in given:
            message = f"`{key}` is of images, but `data` is of `format: {data.format}`"
            yield Found(message, key, f"images are {listed([*IMAGES], 'or')}", "field-conflict")
