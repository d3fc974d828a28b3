"""The entries of a spec on their way to text: what is said of each, but for what is implied."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias, Union

from netspec.graph.fillers import Filler
from netspec.importers.caffe.blobs import Blob, Entry, Input
from netspec.importers.caffe.parts import Member
from netspec.layers import CATALOGUE

REQUIRED = "required"
"""The default of an arg that has none."""

Ref: TypeAlias = tuple[Union["Item", str], int]
"""A top of an item, or an input by name."""


@dataclass(eq=False)
class Item:
    """An entry: a layer, or an instance of a block, which has `args` and stands for `inner` items.

    `origin` is the path that its layer has in the flat spec, `member` its place in a cell. `given`
    are names for what an instance gives, in scopes of its own; there are `each` for one of a
    repeat. `reads` is what its `bottom` says, where that isn't the names of its bottoms.
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
    inner: list[tuple[str, "Item"]] = field(default_factory=list)
    args: dict[str, Any] = field(default_factory=dict)
    member: Member | None = None
    given: list[str] = field(default_factory=list)
    each: int = 0
    reads: list[str] = field(default_factory=list)

    @property
    def defaults(self) -> dict[str, Any]:
        """What its fields are where it doesn't say; REQUIRED for those that it must."""
        if self.inner:
            return self.args
        known = CATALOGUE[self.type].model_fields
        return {n: REQUIRED if f.is_required() else f.default for n, f in known.items()}

    @property
    def leaves(self) -> int:
        """How many layers it stands for."""
        return sum(inner.leaves for _, inner in self.inner) or 1

    @property
    def learns(self) -> bool:
        """Whether it is, or holds, a layer with filters."""
        if self.inner:
            return any(inner.learns for _, inner in self.inner)
        return self.reuse is None and "num_output" in CATALOGUE[self.type].model_fields

    @property
    def tops(self) -> int:
        """How many blobs it gives."""
        return len(self.given) or len(self.top_names) or 1

    def top(self, number: int) -> str:
        """What a blob that it gives is called."""
        names = self.given or self.top_names
        return names[number] if names else self.name


def name_in(ref: Ref) -> str:
    """What a list of entries calls a blob."""
    item, number = ref
    return item if isinstance(item, str) else item.top(number)


def items_of(entries: Iterable[Entry]) -> dict[Entry, Item]:
    """The item of each flat entry, without what is so anyway."""
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
            member=entry.member,
        )
    return made


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
