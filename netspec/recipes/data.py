"""The part of a recipe that says what is trained with: the data, and what is made of images."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from netspec.recipes.parts import Number, Part, Share, Side

Positive: TypeAlias = Annotated[Number, Field(gt=0)]
Format: TypeAlias = Literal["digits", "npz", "folder", "cifar10", "cifar100", "mnist"]

IMAGES: tuple[Format, ...] = ("folder", "cifar10", "cifar100", "mnist")
"""The formats of images, of which `augment` and `test_crops` make others."""
NAMED: tuple[Format, ...] = ("npz", "folder")
"""The formats of which a recipe names what is trained and what is tested with."""
PUBLISHED: tuple[Format, ...] = ("cifar10", "cifar100", "mnist")
"""Those whose files have names of their own, for training and testing alike."""


class Data(Part):
    """What a network is trained and tested with."""

    format: Format = Field(
        description="digits: scikit-learn's, every sixth to test with; npz: files of NumPy, "
        "arrays by the names of the network's inputs and of the labels; folder: a folder for each "
        "class, of images; cifar10, cifar100, mnist: the published files, CIFAR's binary ones",
    )
    train: str | None = Field(
        None,
        description="npz: the file to train with; folder: the folder of folders; cifar10, "
        "cifar100, mnist: the folder of the files, for tests too",
    )
    test: str | None = Field(None, description="npz, folder: what to test with")
    shuffle: bool = Field(
        True, description="whether each epoch has an order of its own, chosen by the seed"
    )
    scale: Positive | None = Field(
        None, description="what pixels from 0 to 255 are multiplied by; 1/255 if none"
    )
    mean: list[Number] = Field(
        [], description="what is then subtracted: one for each channel, or one for all"
    )
    std: list[Positive] = Field([], description="what that is divided by, likewise")
    resize: Side | None = Field(
        None, description="pixels that the shorter side of each image is made, before a crop"
    )
    unreadable: Literal["stop", "skip"] = Field(
        "stop", description="folder: whether an image that can't be read ends a run or is left out"
    )


class Augment(Part):
    """What training makes of an image, anew in each epoch, in this order."""

    scale: Annotated[list[Side], Field(min_length=2, max_length=2)] | None = Field(
        None,
        description="pixels that the shorter side is made: a number from the first to the last",
    )
    pad: Annotated[int, Field(ge=0, le=65535)] = Field(
        0, description="pixels of black on each side, before the crop"
    )
    crop: bool = Field(
        False,
        description="a part of the network's size from anywhere; scale and pad do so by themselves",
    )
    flip: bool = Field(False, description="left and right changed in one of two")
    brightness: Share = Field(0.0, description="by which share it goes up or down at most")
    contrast: Share = Field(0.0, description="likewise; the order of these three is drawn, too")
    saturation: Share = Field(0.0, description="likewise")
    autoaugment: Literal["cifar10", "imagenet"] | None = Field(
        None, description="the policy that AutoAugment found for a set: two operations of 25 pairs"
    )
    cutout: Annotated[int, Field(ge=0, le=65535)] = Field(
        0, description="the side of a square that is set to 0, its middle anywhere"
    )
    mixup: Annotated[float, Field(ge=0, le=1000)] = Field(
        0.0, description="alpha: how much of another item is in each, by Beta(alpha, alpha)"
    )


class Crops(Part):
    """The parts of an image that a test sees; the probabilities of several are averaged."""

    type: Literal["centre", "ten"] = Field(
        "centre", description="centre: the middle; ten: it and the corners, each flipped, too"
    )
    scales: list[Side] = Field(
        [],
        description="pixels that the shorter side is made, one after the other; else data.resize",
    )
