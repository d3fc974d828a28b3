"""Caffe's `param`: how a layer's blobs are shared and trained."""

from typing import Any

from netspec.importers.caffe.fields import Fields
from netspec.importers.caffe.told import Told


def params_of(layer: Fields, count: int) -> Told | None:
    """A layer's `param` for its `count` blobs as a spec has it; None where it says nothing."""
    settings = layer.messages("param")
    made: list[dict[str, Any]] = []
    for each in settings:
        each.ignore("share_mode")
        name = each.told("name")
        found: dict[str, Any] = {} if name is None or not name.value else {"name": name.value}
        for key in ("lr_mult", "decay_mult"):
            value = each.told(key)
            if value is not None and value.value != 1:
                found[key] = value.value
        made.append(found)
    made = made[:count] if count else []
    while made and not made[-1]:
        made.pop()
    if not made:
        return None
    return Told(made, settings[0].place, settings[0].place)
