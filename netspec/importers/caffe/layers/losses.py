"""Losses and accuracy."""

from netspec.importers.caffe.layers.registry import translates
from netspec.importers.caffe.layers.values import (
    engine,
    given,
    take,
)
from netspec.importers.caffe.parts import CaffeLayer, Part, Translated, Values


@translates("SoftmaxWithLoss", "SigmoidCrossEntropyLoss")
def cross_entropy(layer: CaffeLayer) -> Translated:
    message = layer.message("loss_param")
    fields = _weight(layer) | take(message, "ignore_label")
    normalization = message.told("normalization")
    valid = message.told("normalize")
    if normalization is None and valid is not None:
        normalization = valid.but("VALID" if valid.value else "BATCH_SIZE")
    if layer.type.value == "SoftmaxWithLoss":
        settings = layer.message("softmax_param")
        engine(layer, settings)
        fields |= take(settings, "axis") | _class_weight(layer)
    return Part(layer.type.value, fields | given(normalization=normalization))


@translates("EuclideanLoss")
def euclidean(layer: CaffeLayer) -> Translated:
    return Part("EuclideanLoss", _weight(layer))


@translates("HingeLoss")
def hinge(layer: CaffeLayer) -> Translated:
    norm = layer.message("hinge_loss_param").told("norm")
    return Part("HingeLoss", _weight(layer) | given(norm=norm))


@translates("ContrastiveLoss")
def contrastive(layer: CaffeLayer) -> Translated:
    message = layer.message("contrastive_loss_param")
    fields = take(message, "margin") | take(message, "legacy_version")
    return Part("ContrastiveLoss", _weight(layer) | fields)


@translates("SmoothL1Loss")
def smooth_l1(layer: CaffeLayer) -> Translated:
    message = layer.message("smooth_l1_loss_param")
    return Part("SmoothL1Loss", _weight(layer) | take(message, "sigma"))


@translates("Accuracy")
def accuracy(layer: CaffeLayer) -> Translated:
    message = layer.message("accuracy_param")
    return Part("Accuracy", take(message, "top_k", "axis", "ignore_label"))


def _class_weight(layer: CaffeLayer) -> Values:
    """SegNet's weights of classes: each label's term has its class's, whatever divides the sum.

    Its first Caffe weighed by how often the batch has each label, without a list.
    """
    message = layer.message("loss_param")
    asked, weights = message.told("weight_by_label_freqs"), message.every("class_weighting")
    if asked is None or not asked.value:
        if weights:
            layer.notes.say(
                "`class_weighting` means nothing without `weight_by_label_freqs: true`, in Caffe "
                "either"
            )
        return {}
    if not weights:
        layer.refuse(
            "without `class_weighting` each label is weighed by how often its batch has it, and no "
            "loss here does that",
            asked.place,
            help="give a `class_weighting` for each class, as SegNet's later Caffe has it",
        )
    return {"class_weight": weights[0].but([each.value for each in weights])}


def _weight(layer: CaffeLayer) -> Values:
    weights = layer.fields.every("loss_weight")
    return {"loss_weight": weights[0]} if weights else {}
