"""Caffe's `param`: how a layer's blobs are shared and trained."""

from collections.abc import Sequence
from typing import Any

from netspec.importers.caffe.fields import Fields
from netspec.importers.caffe.told import Told

FROZEN = {"lr_mult": 0, "decay_mult": 0}
"""What is said of a parameter that isn't trained."""


def params_of(layer: Fields, numbers: Sequence[int | None], place: Told) -> Told | None:
    """Those of a layer's `param` as a spec has them, and FROZEN for None; None where they say
    nothing. `place` is theirs where the file has none.
    """
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
    made = [
        FROZEN if number is None else made[number] if number < len(made) else {}
        for number in numbers
    ]
    while made and not made[-1]:
        made.pop()
    if not made:
        return None
    at = settings[0].place if settings else place.place
    return Told(made, at, at)
