"""A network of any form in today's."""

from netspec.diagnostics import Diagnostics
from netspec.importers.caffe.text import Field, Message
from netspec.importers.caffe.upgrade.trees import first, nested, text, with_fields
from netspec.importers.caffe.upgrade.v0 import from_v0
from netspec.importers.caffe.upgrade.v1 import from_v1

_STATISTICS = 3
"""How many blobs a BatchNorm has; once each had to have a `param`, which is no longer read."""


def upgrade(net: Message, diagnostics: Diagnostics) -> Message:
    """A NetParameter with all of its layers as `layer`; a solver's own networks aren't touched.

    The tree is one that `check` finds nothing wrong with; one in today's form is given back
    itself. What of it no later form has is told, and left out.
    """
    layers = [each for each in net.fields if each.name == "layers"]
    if not layers and not any(map(_has_old_params, net.fields)):
        return net
    today = first(net.fields, "layer")
    if layers and today is not None:
        later = max(layers[0], today, key=_start)
        message = "a network has `layer` or, in an older form, `layers`, not both"
        help = f"the first `{min(layers[0], today, key=_start).name}` is in line {_line(net)}"
        diagnostics.error("field-conflict", message, later.place.span, help=help)
    if any(first(nested(each), "layer") is not None for each in layers):
        layers = from_v0(layers, diagnostics)
    rest = [each for each in net.fields if each.name not in ("layer", "layers")]
    found = [each for each in net.fields if each.name == "layer"] or map(from_v1, layers)
    return Message((*rest, *map(_without_old_params, found)), net.place, net.empty)


def _start(field: Field) -> tuple[int, int]:
    return field.place.line, field.place.column


def _line(net: Message) -> int:
    return min(each.place.line for each in net.fields if each.name in ("layer", "layers"))


def _without_old_params(layer: Field) -> Field:
    """A layer; a BatchNorm without its three `param`, as Caffe loads it."""
    if not _has_old_params(layer):
        return layer
    return with_fields(layer, [each for each in nested(layer) if each.name != "param"])


def _has_old_params(layer: Field) -> bool:
    """Whether a field of a network is a BatchNorm with a `param` for each of its statistics."""
    fields = nested(layer)
    params = sum(each.name == "param" for each in fields)
    return params == _STATISTICS and text(first(fields, "type")) == "BatchNorm"
