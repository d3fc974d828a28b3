"""What a network is trained with: a class in the script for each format.

It is made of a part of the data; it has a length, and gives for a batch of keys, each an epoch and
an index, the batch's tensors in the order of `tensors`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from keyword import iskeyword

from netspec.graph import Graph
from netspec.lower.training.images import image_constants, image_plan
from netspec.lower.training.labels import classes_of
from netspec.lower.training.losses import train_inputs
from netspec.lower.training.plan import CifarFiles, Constant, DataPlan, ImagePlan, Tensor
from netspec.recipes import Recipe


def tensors_of(graph: Graph, recipe: Recipe) -> tuple[Tensor, ...]:
    """The arrays that a batch is made of: the network's inputs, and the labels of losses."""
    outputs = {graph.result_name(blob): blob for blob in graph.results}
    classes = {loss.label: outputs[name].shape[1] for name, loss in recipe.loss.items()}
    found = [
        Tensor(
            blob.name,
            "",
            blob.type.dtype,
            tuple(map(_size, blob.shape[1:])),
            classes_of(graph, blob),
        )
        for blob in train_inputs(graph)
    ]
    for label, count in classes.items():
        found.append(Tensor(label, "", "int64", (), count if isinstance(count, int) else None))
    real = {"float64": "float64"}.get(recipe.precision, "float32")
    return tuple(
        Tensor(
            each.name,
            _variable(each.name, number),
            real if each.dtype == "float32" else each.dtype,
            each.shape,
            each.classes,
        )
        for number, each in enumerate(found)
    )


def data_plan(graph: Graph, recipe: Recipe) -> DataPlan:
    """How a recipe's data are written."""
    assert recipe.data is not None
    made = _MAKERS[recipe.data.format](recipe, tensors_of(graph, recipe))
    given = "list[Tensor] | str" if made.fails else "list[Tensor]"
    return replace(made, base=f"(Dataset[{given}])") if recipe.workers else made


def _digits(recipe: Recipe, tensors: Sequence[Tensor]) -> DataPlan:
    images = tensors[0].shape
    return DataPlan(
        "digits",
        "Digits",
        "scikit-learn's digits, of 8 x 8 pixels",
        tensors,
        "Digits(train=True)",
        "Digits(train=False)" if recipe.tests else None,
        ("from sklearn.datasets import load_digits",),
        size=images[1:],
    )


def _npz(recipe: Recipe, tensors: Sequence[Tensor]) -> DataPlan:
    return DataPlan(
        "npz",
        "Arrays",
        "arrays of NumPy",
        tensors,
        "Arrays(folder / TRAIN)",
        "Arrays(folder / TEST)" if recipe.tests else None,
        ("import numpy as np",),
        _places(recipe),
        standard=("zipfile",),
    )


def _published(recipe: Recipe, tensors: Sequence[Tensor]) -> DataPlan:
    assert recipe.data is not None
    template, name, doc = _SETS[recipe.data.format]
    made = image_plan(recipe, tensors)
    where = Constant("TRAIN", recipe.data.train or ".", "the folder of the files")
    files = _cifar(made.files) if made.files is not None else ()
    return DataPlan(
        template,
        name,
        doc,
        tensors,
        f"{name}(folder / TRAIN, train=True)",
        f"{name}(folder / TRAIN, train=False)" if recipe.tests else None,
        _pillow(made),
        [where, *files, *image_constants(recipe, made)],
        images=made,
        standard=("gzip", "zlib") if template == "mnist" else (),
    )


def _cifar(files: CifarFiles) -> tuple[Constant, ...]:
    return (
        Constant("TRAIN_FILES", files.train),
        Constant("TEST_FILES", files.test),
        Constant("ARCHIVE", files.archive),
        Constant("RECORD", files.record, "bytes"),
    )


def _folder(recipe: Recipe, tensors: Sequence[Tensor]) -> DataPlan:
    made = image_plan(recipe, tensors)
    return DataPlan(
        "folder",
        "Images",
        "a folder of images for each class",
        tensors,
        "Images(folder / TRAIN, train=True)",
        "Images(folder / TEST, train=False)" if recipe.tests else None,
        _pillow(made),
        [*_places(recipe), *image_constants(recipe, made)],
        images=made,
        fails=True,
    )


def _places(recipe: Recipe) -> list[Constant]:
    """Where the data to train and to test with are."""
    assert recipe.data is not None
    places = [Constant("TRAIN", recipe.data.train or "")]
    if recipe.tests:
        places.append(Constant("TEST", recipe.data.test or ""))
    return places


def _pillow(made: ImagePlan) -> tuple[str, ...]:
    if not made.made_train and not made.made_test:
        return ()
    names = ["Image", *["ImageEnhance"] * bool(made.colours or made.policy)]
    names += ["ImageOps"] * bool(made.policy)
    return (f"from PIL import {', '.join(names)}",)


_SETS = {
    "cifar10": ("cifar", "Cifar", "CIFAR-10"),
    "cifar100": ("cifar", "Cifar", "CIFAR-100"),
    "mnist": ("mnist", "Mnist", "MNIST's digits"),
}
"""The template of a published set, its class and its name."""
_MAKERS: Mapping[str, Callable[[Recipe, Sequence[Tensor]], DataPlan]] = {
    "digits": _digits,
    "npz": _npz,
    "folder": _folder,
    "cifar10": _published,
    "cifar100": _published,
    "mnist": _published,
}

_TAKEN = frozenset(
    (
        "F",
        "asked",
        "batch",
        "chosen",
        "count",
        "dist",
        "first",
        "given",
        "items",
        "keys",
        "model",
        "nn",
        "own",
        "parts",
        "sums",
        "torch",
    )
)
"""Names that mean something else where the script names a batch's tensors."""


def _variable(name: str, number: int) -> str:
    """A name that the script can have for an array."""
    if not name.isidentifier() or not name.isascii() or iskeyword(name):
        return f"array{number}"
    return f"{name}_" if name in _TAKEN else name


def _size(size: object) -> int:
    return size if isinstance(size, int) else -1
