"""Values that many layers have in common: windows, fillers, fields taken as they are."""

from collections.abc import Iterable

from netspec.graph.fillers import Filler
from netspec.importers.caffe.fields import Fields
from netspec.importers.caffe.parts import CaffeLayer, Values
from netspec.importers.caffe.told import Told

ZEROS = {"type": "constant"}
"""Caffe's filler where none is given."""


def take(message: Fields, *names: str) -> Values:
    """What a spec has under the same names."""
    found = {name: message.told(name) for name in names}
    return {name: each for name, each in found.items() if each is not None}


def engine(layer: CaffeLayer, message: Fields, *others: str) -> None:
    """Pass over what says how a layer is computed."""
    for name in message.ignore("engine", *others):
        layer.notes.drop(f"`{name}`")


def filler(message: Fields, name: str) -> Told | None:
    """A filler as a spec has it, where one is given."""
    item = message.item(name)
    if item is None:
        return None
    fields = message.message(name)
    fields.ignore("sparse")
    kind = fields.told("type")
    made = {"type": kind.value.lower() if kind is not None else "constant"}
    values = take(fields, "value", "mean", "std", "min", "max")
    made |= {
        name: each.value
        for name, each in values.items()
        if _counts(name, made["type"]) and each.value != Filler.model_fields[name].default
    }
    norm = fields.told("variance_norm")
    if norm is not None and norm.value != "FAN_IN" and made["type"] in ("xavier", "msra"):
        made["variance_norm"] = norm.value
    return Told(made, item.key, item.place)


_USED = {
    "value": ("constant",),
    "mean": ("gaussian",),
    "std": ("gaussian",),
    "min": ("uniform",),
    "max": ("uniform",),
}


def _counts(name: str, kind: str) -> bool:
    """Whether a kind of filler looks at a value; files often give others, too."""
    return kind in _USED[name]


def weight_fillers(
    layer: CaffeLayer, message: Fields, weight: str = "weight_filler", bias: str = "bias_filler"
) -> Values:
    """The fillers of weights and biases; Caffe's own where the file says how others are drawn."""
    made: Values = {}
    given = filler(message, weight)
    if given is not None:
        made["weight_filler"] = given
    elif layer.fresh:
        made["weight_filler"] = layer.implied(ZEROS)
    given = filler(message, bias)
    if given is not None:
        made["bias_filler"] = given
    return made


def window(message: Fields, plain: str, prefix: str) -> Told | None:
    """A size along each axis: one number for all, one for each, or a pair `_h` and `_w`."""
    height, width = message.told(f"{prefix}_h"), message.told(f"{prefix}_w")
    values = message.every(plain)
    if height is None and width is None:
        return per_axis(values)
    either = height or width
    assert either is not None
    whole = values[0].value if values else 0
    pair = [each.value if each is not None else whole for each in (height, width)]
    return either.but(pair[0] if pair[0] == pair[1] else pair)


def volume(message: Fields) -> Values:
    """The kernel, the stride and the margin of a layer on volumes: along the depth each has a field
    of its own, 1, 1 and 0 unless given.
    """
    made: Values = {}
    for name, depth, default in _VOLUME:
        image, along = window(message, name, name.removesuffix("_size")), message.told(depth)
        told = image or along
        if told is not None:
            plane = image.value if image is not None else default
            height, width = plane if isinstance(plane, list) else (plane, plane)
            sizes = [along.value if along is not None else default, height, width]
            made[name] = told.but(sizes[0] if len(set(sizes)) == 1 else sizes)
    return made


_VOLUME = (
    ("kernel_size", "kernel_depth", 1),
    ("stride", "temporal_stride", 1),
    ("pad", "temporal_pad", 0),
)


def per_axis(values: Iterable[Told]) -> Told | None:
    """One number where all are the same, else a list."""
    told = list(values)
    if not told:
        return None
    numbers = [each.value for each in told]
    return told[0].but(numbers[0] if len(set(numbers)) == 1 else numbers)


def given(**values: Told | None) -> Values:
    """The fields that have a value."""
    return {name: each for name, each in values.items() if each is not None}
