"""Caffe's `param`: how a layer's blobs are shared and trained."""

from collections.abc import Iterable, Sequence
from typing import Any

from netspec.diagnostics import Diagnostics
from netspec.importers.caffe.blobs import Entry
from netspec.importers.caffe.fields import Fields
from netspec.importers.caffe.told import Told

_MULTIPLIERS = ("lr_mult", "decay_mult")


def params_of(layer: Fields, numbers: Sequence[int], place: Told) -> Told | None:
    """Those of a layer's `param` as a spec has them; None where they say nothing. `place` is
    theirs where the file has none.
    """
    settings = layer.messages("param")
    made: list[dict[str, Any]] = []
    for each in settings:
        each.ignore("share_mode")
        name = _name_of(each)
        found: dict[str, Any] = {"name": name} if name else {}
        for key in _MULTIPLIERS:
            value = each.told(key)
            if value is not None and (found or value.value != 1):
                found[key] = value.value  # one that is shared may say 1, which others mustn't deny
        made.append(found)
    made = [made[number] if number < len(made) else {} for number in numbers]
    while made and not made[-1]:
        made.pop()
    if not made:
        return None
    at = settings[0].place if settings else place.place
    return Told(made, at, at)


def gather_multipliers(entries: Iterable[Entry], diagnostics: Diagnostics) -> None:
    """Put the multipliers of shared parameters where these stand first, as a spec has them: Caffe
    takes them from any use, and refuses two that differ.
    """
    firsts: dict[str, dict[str, Any]] = {}
    shared = [
        (entry, each)
        for entry in entries
        if entry.param is not None
        for each in entry.param.value
        if "name" in each
    ]
    for entry, each in shared:
        first = firsts.setdefault(each["name"], each)
        for key in _MULTIPLIERS:
            if key in each and key not in first:
                first[key] = each.pop(key)
            elif key in each and first[key] != each[key]:
                _disagree(entry, each["name"], key, first[key], each[key], diagnostics)
    for _, each in shared:
        for key in _MULTIPLIERS:
            if each.get(key) == 1:
                del each[key]


def drop_ignored_fillers(entries: Iterable[Entry]) -> None:
    """Take the fillers of shared parameters from all uses but the first, where they say the same:
    that one alone is drawn by, in Caffe as in a spec.
    """
    firsts: dict[str, Entry] = {}
    for entry in entries:
        blobs = [blob for _, of_layer in entry.source for blob in of_layer]
        for setting, blob in zip(entry.param.value if entry.param else (), blobs, strict=False):
            key = f"{blob}_filler"
            first = firsts.setdefault(setting["name"], entry) if "name" in setting else entry
            if first is not entry and first.value(key) == entry.value(key):
                entry.fields.pop(key, None)


def _disagree(
    entry: Entry, name: str, key: str, first: float, value: float, diagnostics: Diagnostics
) -> None:
    settings = entry.layer.fields.messages("param")
    told = (each.told(key) for each in settings if _name_of(each) == name)
    place = next((each.place for each in told if each is not None), entry.layer.place)
    message = (
        f"`{key}` of `{name.replace('$$', '$')}` is {value:g} here and {first:g} where it is said "
        "first, which Caffe refuses"
    )
    diagnostics.error("not-importable", message, place.span)


def _name_of(setting: Fields) -> str | None:
    """The name by which a blob is shared, as a spec writes it: there `$` begins an expression."""
    name = setting.told("name")
    return None if name is None else name.value.replace("$", "$$")
