"""Caffe's BatchNorm, which doesn't scale, and the Scale behind it: together netspec's BatchNorm."""

from netspec.importers.caffe.blobs import Entry
from netspec.importers.caffe.wiring import readers_of

_NEUTRAL = {
    "axis": (1,),
    "num_axes": (1,),
    "bias_term": (True,),
    "filler": ({"type": "constant", "value": 1},),
    "bias_filler": ({"type": "constant"}, {"type": "constant", "value": 0}),
}
"""What a Scale may say that is just what netspec's BatchNorm does."""


def joined(entries: list[Entry]) -> list[Entry]:
    """The entries with each such pair as one.

    The Scale reads the BatchNorm and nobody else does; it is one factor and one offset a channel,
    1 and 0 at first. Any other stays as it is.
    """
    readers = readers_of(entries)
    gone: set[Entry] = set()
    for entry in entries:
        if entry.type != "BatchNorm" or len(entry.tops) != 1 or not _is_plain(entry):
            continue
        followers = readers[entry.tops[0]]
        if len(followers) == 1 and _completes(followers[0], entry):
            _join(entry, followers[0])
            gone.add(followers[0])
    return [each for each in entries if each not in gone]


def _is_plain(entry: Entry) -> bool:
    return entry.value("affine", True) is False


def _completes(scale: Entry, norm: Entry) -> bool:
    return (
        scale.type == "Scale"
        and scale.phase == norm.phase
        and len(scale.bottoms) == 1
        and scale.value("bias_term") is True
        and all(told.value in _NEUTRAL[name] for name, told in scale.fields.items())
    )


def _join(norm: Entry, scale: Entry) -> None:
    norm.fields = {name: told for name, told in norm.fields.items() if name != "affine"}
    norm.tops = scale.tops
    for blob in norm.tops:
        blob.maker = norm
    norm.param = scale.param
    norm.source += scale.source
