"""The entries of a spec on their way to text: what is said of each, but for what is implied."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias, Union

from netspec.graph.fillers import Filler
from netspec.importers.caffe.blobs import Blob, Entry, Input
from netspec.layers import CATALOGUE

Ref: TypeAlias = tuple[Union["Item", str], int]
"""A top of an item, or an input by name."""


@dataclass(eq=False)
class Item:
    """An entry: a layer, or an instance of a block (whose leaves are `inner`).

    `origin` is the path that its layer has in the flat spec.
    """

    type: str
    name: str
    fields: dict[str, Any]
    bottoms: list[Ref]
    origin: str = ""
    top_names: list[str] = field(default_factory=list)
    phase: str | None = None
    param: list[dict[str, Any]] | None = None
    reuse: "Item | None" = None
    allow: list[str] = field(default_factory=list)
    repeat: int | None = None
    inner: list[tuple[str, "Item"]] = field(default_factory=list)

    @property
    def tops(self) -> int:
        """How many blobs it gives."""
        return len(self.top_names) or 1

    def top(self, number: int) -> str:
        """What a blob that it gives is called."""
        return self.top_names[number] if self.top_names else self.name


def items_of(entries: Iterable[Entry]) -> list[Item]:
    """The items of flat entries, without what is so anyway."""
    made: dict[Entry, Item] = {}
    for entry in entries:
        made[entry] = Item(
            type=entry.type,
            name=entry.name,
            fields=_said(entry),
            bottoms=[_ref(blob, made) for blob in entry.bottoms],
            origin=entry.name,
            top_names=list(entry.top_names),
            phase=entry.phase,
            param=entry.param.value if entry.param is not None else None,
            reuse=made[entry.reuse] if entry.reuse is not None else None,
            allow=list(entry.allow),
        )
    return list(made.values())


def _ref(blob: Blob, made: dict[Entry, Item]) -> Ref:
    maker = blob.maker
    if isinstance(maker, Entry):
        return made[maker], blob.number
    assert isinstance(maker, Input)
    return maker.name, 0


def _said(entry: Entry) -> dict[str, Any]:
    """The fields that aren't the layer's defaults."""
    if entry.reuse is not None:
        return {}
    kept = {}
    known = CATALOGUE[entry.type].model_fields
    for name, told in entry.fields.items():
        value = told.value
        default = known[name].default if name in known else None
        if isinstance(default, Filler):
            if Filler(**value) != default:
                kept[name] = value
        elif name not in known or known[name].is_required() or value != default:
            kept[name] = value
    return kept
