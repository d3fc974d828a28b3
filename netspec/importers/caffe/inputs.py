"""The inputs of a network: what is declared, and what data layers give."""

from collections.abc import Mapping, Sequence
from typing import Any

from netspec.importers.caffe.blobs import Blob, Input
from netspec.importers.caffe.fields import Fields
from netspec.importers.caffe.parts import CaffeLayer
from netspec.importers.caffe.told import Told
from netspec.listed import listed

Shapes = Mapping[str, Sequence[Any]]

COLOURS = 3


def declared(net: Fields) -> list[Input]:
    """The inputs that a network's own `input` fields name."""
    names = net.every("input")
    shapes = [_dims(each, "dim") for each in net.messages("input_shape")]
    dims = net.every("input_dim")
    rows = [dims[start : start + 4] for start in range(0, len(dims), 4)]
    listed = [row[0].but([each.value for each in row]) for row in rows if len(row) == 4]
    given = [each for each in shapes if each is not None] or listed
    if len(given) == 1:
        given = given * len(names)
    found = []
    for number, name in enumerate(names):
        shape = given[number] if number < len(given) else None
        found.append(_input(name, shape))
    return found


def _dims(message: Fields, name: str) -> Told | None:
    dims = message.every(name)
    if not dims:
        return Told([], message.place, message.place) if message.record is not None else None
    return dims[0].but([each.value for each in dims])


def _input(name: Told, shape: Told | None, why: str = "", *, label: bool = False) -> Input:
    blob = Blob(name.value)
    made = Input(name.value, name.place, blob, shape, label, why=why)
    blob.maker = made
    return made


def given(name: Told) -> Input:
    """An input whose shape the user says."""
    return _input(name, None)


def given_by(layer: CaffeLayer) -> list[Input]:
    """The inputs that stand for what a layer without bottoms gives."""
    kind = layer.type.value
    if kind == "Input":
        return _listed(layer, layer.message("input_param").messages("shape"))
    if kind == "DummyData":
        return _dummies(layer)
    return _data(layer)


def _listed(layer: CaffeLayer, messages: list[Fields]) -> list[Input]:
    """A shape for each top, or one for all."""
    shapes = [_dims(each, "dim") for each in messages]
    if len(shapes) == 1:
        shapes = shapes * len(layer.tops)
    shapes += [None] * (len(layer.tops) - len(shapes))
    return [_input(*each) for each in zip(layer.tops, shapes, strict=False)]


def _dummies(layer: CaffeLayer) -> list[Input]:
    message = layer.message("dummy_data_param")
    for name in message.ignore("data_filler"):
        layer.notes.drop(f"`{name}` of DummyData")
    shapes = message.messages("shape")
    if shapes:
        return _listed(layer, shapes)
    old = [message.every(name) for name in ("num", "channels", "height", "width")]
    rows = [
        [each[min(number, len(each) - 1)] for each in old if each]
        for number in range(len(layer.tops))
    ]
    told = [row[0].but([each.value for each in row]) if len(row) == 4 else None for row in rows]
    return [_input(*each) for each in zip(layer.tops, told, strict=False)]


def _data(layer: CaffeLayer) -> list[Input]:
    """Of a layer that reads data: an image, as far as its size is known, and a label."""
    settings = [name for name in layer.fields.names if name.endswith("_param")]
    messages = {name: layer.message(name) for name in dict.fromkeys([*settings, _TRANSFORM])}
    image = _image(layer, messages)
    layer.notes.say(_said_of_data(layer))
    layer.fields.pass_over()
    kind = layer.type.value
    why = "its code gives it" if kind == "Python" else f"{kind} reads it with the data"
    found = []
    for number, top in enumerate(layer.tops):
        label = number > 0
        shape = image if number == 0 else None
        if label and kind in _LABELS_ITEMS:
            shape = top.but(["N"])
        found.append(_input(top, shape, why, label=label))
    return found


_SHOWN = ("scale", "mean_value", "mean_file", "mirror", "crop_size", "source", "batch_size")
"""What a comment repeats of how data is prepared."""


def _said_of_data(layer: CaffeLayer) -> str:
    """A sentence on what a layer does that a spec doesn't."""
    record = layer.fields.record
    assert record is not None
    messages = [each for each in record.plain().values() if isinstance(each, dict)]
    told = {name: each[name] for name in _SHOWN for each in messages if name in each}
    words = [f"{name} {_words(value)}" for name, value in told.items()]
    phases = f" ({listed(sorted(layer.phases))})" if len(layer.phases) == 1 else ""
    with_what = f", with {', '.join(words)}" if words else ""
    tops = listed([f"`{top.value}`" for top in layer.tops])
    return f"{layer.type.value}{phases} gave {tops}{with_what}; a spec reads no data"


def _words(value: object) -> str:
    each = value if isinstance(value, list) else [value]
    return " ".join(str(one).lower() if isinstance(one, bool) else str(one) for one in each)


_TRANSFORM = "transform_param"
_LABELS_ITEMS = ("Data", "ImageData", "MemoryData", "WindowData", "VideoData", "VIDEO_DATA")
"""Layers that give a label for each item."""


def _image(layer: CaffeLayer, messages: Mapping[str, Fields]) -> Told | None:
    """The shape of the images that a layer gives, where the file says how large they are."""
    memory = messages.get("memory_data_param")
    if memory is not None:
        sizes = [memory.told(name) for name in ("channels", "height", "width")]
        if all(sizes):
            return layer.implied(["N", *(each.value for each in sizes if each is not None)])
    every = list(messages.values())
    for each in every:
        crop = each.told("crop_size")
        if crop is not None and crop.value:
            return _sized(layer, every, crop, (crop.value, crop.value))
    resize = messages[_TRANSFORM].message("resize_param")
    for found, names in ((resize, ("height", "width")), *((each, _NEW) for each in every)):
        height, width = (found.told(name) for name in names)
        if height is not None and width is not None and height.value and width.value:
            return _sized(layer, every, height, (height.value, width.value))
    return None


_NEW = ("new_height", "new_width")


def _sized(layer: CaffeLayer, messages: list[Fields], place: Told, sizes: tuple[int, int]) -> Told:
    """The shape of images of a height and width; of a video's pieces, where frames are told."""
    channels = 1 if _is_grey(messages) else COLOURS
    layer.notes.say(
        f"`{layer.tops[0].value}` is taken to have {channels} "
        f"channel{'s' if channels > 1 else ''}: how many there are shows in the data alone"
    )
    lengths = [each.told("new_length") for each in messages]
    frames = [each.value for each in lengths if each is not None and each.value > 1]
    return place.but(["N", channels, *frames[:1], *sizes])


def _is_grey(messages: list[Fields]) -> bool:
    grey = [each.told("force_gray") for each in messages]
    colour = [each.told("is_color") for each in messages]
    return any(each is not None and each.value for each in grey) or any(
        each is not None and not each.value for each in colour
    )
