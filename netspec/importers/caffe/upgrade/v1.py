"""V1 to today's form: a layer's type as text, and what is said of each of its blobs together."""

from collections.abc import Iterator, Sequence

from netspec.importers.caffe.messages.table import enum_type
from netspec.importers.caffe.text import Field, Message
from netspec.importers.caffe.text.numbers import integer
from netspec.importers.caffe.upgrade.trees import (
    first,
    nested,
    renamed,
    text,
    with_fields,
    with_text,
    wrapped,
)

_TYPES = {
    "NONE": "",
    "ABSVAL": "AbsVal",
    "ACCURACY": "Accuracy",
    "ARGMAX": "ArgMax",
    "BNLL": "BNLL",
    "CONCAT": "Concat",
    "CONTRASTIVE_LOSS": "ContrastiveLoss",
    "CONVOLUTION": "Convolution",
    "DATA": "Data",
    "DECONVOLUTION": "Deconvolution",
    "DROPOUT": "Dropout",
    "DUMMY_DATA": "DummyData",
    "ELTWISE": "Eltwise",
    "EUCLIDEAN_LOSS": "EuclideanLoss",
    "EXP": "Exp",
    "FLATTEN": "Flatten",
    "HDF5_DATA": "HDF5Data",
    "HDF5_OUTPUT": "HDF5Output",
    "HINGE_LOSS": "HingeLoss",
    "IM2COL": "Im2col",
    "IMAGE_DATA": "ImageData",
    "INFOGAIN_LOSS": "InfogainLoss",
    "INNER_PRODUCT": "InnerProduct",
    "LRN": "LRN",
    "MEMORY_DATA": "MemoryData",
    "MULTINOMIAL_LOGISTIC_LOSS": "MultinomialLogisticLoss",
    "MVN": "MVN",
    "POOLING": "Pooling",
    "POWER": "Power",
    "RELU": "ReLU",
    "SIGMOID": "Sigmoid",
    "SIGMOID_CROSS_ENTROPY_LOSS": "SigmoidCrossEntropyLoss",
    "SILENCE": "Silence",
    "SLICE": "Slice",
    "SOFTMAX": "Softmax",
    "SOFTMAX_LOSS": "SoftmaxWithLoss",
    "SPLIT": "Split",
    "TANH": "TanH",
    "THRESHOLD": "Threshold",
    "WINDOW_DATA": "WindowData",
    # of forks; the others of theirs are called in today's form as they are here
    "CROP": "Crop",
    "RELU6": "ReLU6",
}
_BLOBS = {
    "param": "name",
    "blob_share_mode": "share_mode",
    "blobs_lr": "lr_mult",
    "weight_decay": "decay_mult",
}
"""What was said of each blob in a list of its own, and its name in today's `param`."""

_TRANSFORMS = ("scale", "mean_file", "crop_size", "mirror")
_SOURCES = {
    "DATA": "data_param",
    "IMAGE_DATA": "image_data_param",
    "WINDOW_DATA": "window_data_param",
}
"""Where layers that read data once had what is now in `transform_param`."""


def from_v1(layer: Field) -> Field:
    """One of a V1 network's `layers` as today's `layer`."""
    kind = first(nested(layer), "type")
    word = _word(text(kind))
    fields = _transforms(nested(layer), word)
    kept = [each for each in fields if each.name not in _BLOBS and each is not kind]
    if kind is not None:
        kept.insert(0, with_text(kind, "type", _TYPES.get(word, word)))
    return renamed(with_fields(layer, [*kept, *_params(fields)]), "layer")


def _word(written: str) -> str:
    """The word of a type, which may be written as its number."""
    number = integer(written)
    words = enum_type("LayerType").words.items()
    return next((word for word, each in words if each == number is not None), written)


def _params(fields: Sequence[Field]) -> Iterator[Field]:
    """A `param` for each blob of which something is said."""
    lists = {name: [each for each in fields if each.name == name] for name in _BLOBS}
    for number in range(max(map(len, lists.values()))):
        said = [
            each[number]._replace(name=_BLOBS[name], listed=False)
            for name, each in lists.items()
            if number < len(each)
        ]
        yield from wrapped("param", said)


def _transforms(fields: Sequence[Field], word: str) -> Sequence[Field]:
    """The fields with what is done to data where it is today, over what is there already."""
    source = first(fields, _SOURCES.get(word, ""))
    if source is None:
        return fields
    moved = [each for each in nested(source) if each.name in _TRANSFORMS]
    if not moved:
        return fields
    rest = [each for each in nested(source) if each.name not in _TRANSFORMS]
    there = first(fields, "transform_param")
    names = {each.name for each in moved}
    kept = [each for each in nested(there) if each.name not in names] if there is not None else []
    others = [each for each in fields if each is not source and each is not there]
    made = Message((*kept, *moved), moved[0].value.place)
    transform = Field("transform_param", moved[0].place, made)
    return [*others, with_fields(source, rest), transform]
