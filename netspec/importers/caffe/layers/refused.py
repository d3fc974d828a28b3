"""Layers of Caffe's that no spec has, with the reason and what to write instead."""

from netspec.importers.caffe.layers.registry import translates
from netspec.importers.caffe.parts import Alias, CaffeLayer, Translated

_REASONS: dict[str, tuple[str, str]] = {
    "Filter": (
        "how many items a Filter gives shows only as it runs, and a spec has shapes before",
        "leave it out, and choose items from what the network gives",
    ),
    "InfogainLoss": (
        "an InfogainLoss weighs pairs of classes by a matrix, and no loss here does",
        "with ones on the diagonal alone it is `SoftmaxWithLoss`; `--phase TEST` imports the "
        "network without losses",
    ),
    "MultinomialLogisticLoss": (
        "a MultinomialLogisticLoss reads probabilities, and no loss here does",
        "`SoftmaxWithLoss` on what its Softmax reads is the same loss; `--phase TEST` imports the "
        "network without losses",
    ),
    "LSTMUnit": (
        "an LSTMUnit is what Caffe makes of an LSTM, a step of it without its products",
        "write the `LSTM` that it was made of",
    ),
}
LOSSES = ("InfogainLoss", "MultinomialLogisticLoss")
"""Losses that a spec of the TRAIN phase would need."""


@translates(*_REASONS)
def refused(layer: CaffeLayer) -> Translated:
    message, help = _REASONS[layer.type.value]
    layer.refuse(message, help=help)


@translates("HDF5Output")
def output(layer: CaffeLayer) -> Translated:
    """It writes what it reads to a file, which a spec's user does as well."""
    layer.message("hdf5_output_param").pass_over()
    layer.notes.drop("HDF5Output")
    return Alias()
