"""The entries that the parts of a layer are."""

from collections.abc import Sequence

from netspec.importers.caffe.blobs import Blob, Entry
from netspec.importers.caffe.params import params_of
from netspec.importers.caffe.parts import CaffeLayer, Deferred, Part


def placed(
    layer: CaffeLayer,
    parts: Sequence[Part],
    bottoms: Sequence[Blob],
    tops: Sequence[Blob],
    phase: str | None,
) -> list[Entry]:
    """The entries, in order; those of the layer's tops that some of them give are made theirs."""
    entries: dict[str, Entry] = {}
    local: dict[str, Blob] = {}
    for part in parts:
        numbers = range(len(bottoms)) if part.bottoms is None else part.bottoms
        own = _tops(layer, part, tops)
        entry = Entry(
            type=part.type,
            layer=layer,
            called=layer.name.value + part.suffix,
            bottoms=[bottoms[each] if isinstance(each, int) else local[each] for each in numbers],
            tops=list(own.values()),
            fields=dict(part.fields),
            phase=phase,
            param=params_of(layer.fields, part.params, layer.type),
            reuse=entries[part.reuse] if part.reuse is not None else None,
            source=[(layer.name.value, part.blobs)] if part.blobs else [],
            member=part.member,
        )
        local |= {name: blob for name, blob in own.items() if isinstance(name, str)}
        local[part.suffix] = entry.tops[0]
        _give(entry)
        entries[part.suffix] = entry
    return list(entries.values())


def deferred(
    layer: CaffeLayer,
    made: Deferred,
    bottoms: Sequence[Blob],
    tops: Sequence[Blob],
    phase: str | None,
) -> Entry:
    """What stands for a layer until its parts are known."""
    entry = Entry(
        type=made.type,
        layer=layer,
        called=layer.name.value,
        bottoms=list(bottoms),
        tops=list(tops) or [Blob(layer.name.value)],
        fields={},
        phase=phase,
        later=made.made,
        alike=made.alike,
    )
    _give(entry)
    for each in layer.fields.messages("param"):
        each.pass_over()  # it is read with the parts
    return entry


def _tops(layer: CaffeLayer, part: Part, tops: Sequence[Blob]) -> dict[int | str, Blob]:
    """What a part gives, by the number of the layer's top or by suffix."""
    found: dict[int | str, Blob] = {}
    for each in range(len(tops)) if part.tops is None else part.tops:
        if isinstance(each, str):
            found[each] = Blob(layer.name.value + each)
        elif each < len(tops):
            found[each] = tops[each]
    return found or {part.suffix: Blob(layer.name.value + part.suffix)}


def _give(entry: Entry) -> None:
    for number, blob in enumerate(entry.tops):
        blob.maker, blob.number = entry, number
