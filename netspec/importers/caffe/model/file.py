"""A `.caffemodel` or a `.binaryproto`, read with care: files come from strangers."""

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from netspec.diagnostics import Diagnostic, SpecError
from netspec.importers.caffe.model.blobs import Blob, read_blob
from netspec.importers.caffe.model.messages import number_of, parsed
from netspec.importers.caffe.model.records import Damaged, Kind, Record, Records

MAX_NAME = 4096
MAX_BLOBS = 1000
"""How many blobs a layer may have; Caffe's have up to six."""

_FOREIGN = (
    (
        b"\x89HDF",
        "it is an HDF5 file, which netspec doesn't read",
        "load it with Caffe and save it",
    ),
    (b"version https://git-lfs", "it is a pointer of Git LFS", "fetch it with `git lfs pull`"),
    (b"\x1f\x8b", "it is compressed", "unpack it first"),
    (b"PK", "it is a zip archive", "unpack it first"),
    (b"<", "it is a web page or another text", "download it again"),
)
"""What else people have: how it begins, what it is, and what to do."""


class _Form:
    """Where one of Caffe's formats keeps a layer: its number in the network, and in a layer those
    of its name and blobs; `inner` is the field of the layer that it is wrapped in, if it is.
    """

    def __init__(self, field: str, message: str, inner: int | None = None) -> None:
        self.number = number_of("NetParameter", field)
        self.message = message
        self.name = number_of(message, "name")
        self.blobs = number_of(message, "blobs")
        self.inner = inner


_FORMS = (
    _Form("layer", "LayerParameter"),
    _Form("layers", "V1LayerParameter"),
    _Form("layers", "V0LayerParameter", number_of("V1LayerParameter", "layer")),
)
"""Today's `layer`; the `layers` before it; the `layer` within `layers` of the first Caffes."""
_NETWORKS_NAME = number_of("NetParameter", "name")


@dataclass(frozen=True)
class Model:
    """The weights of a network: the blobs of each layer that has any, by the layer's name."""

    name: str
    blobs: Mapping[str, tuple[Blob, ...]]


def read_model(path: Path) -> Model:
    """The layers of a `.caffemodel`; their values are read when they are asked for.

    Raises SpecError: `cannot-read`, `weights-format`.
    """
    with _opened(path) as records:
        return _model(path, records)


def read_mean(path: Path) -> Blob:
    """The image of a `.binaryproto`, 1×C×H×W as a rule; raises as `read_model` does."""
    with _opened(path) as records:
        return read_blob(path, records, 0, records.size)


def _model(path: Path, records: Records) -> Model:
    blobs: dict[str, tuple[Blob, ...]] = {}
    name = ""
    kinds: set[int] = set()
    for record in records.within(0, records.size):
        if record.number == _NETWORKS_NAME and record.kind is Kind.BYTES:
            name = _text(records, "NetParameter", record)
        elif record.kind is Kind.BYTES and record.number in (form.number for form in _FORMS):
            kinds.add(record.number)
            layer, found = _layer(path, records, record)
            if found:
                blobs[layer] = found  # of two that bear a name, Caffe takes the last
    if len(kinds) > 1:
        raise Damaged("it holds both `layer` and `layers`, of which Caffe refuses to read either")
    if not blobs:
        raise Damaged("it holds no layer with weights")
    return Model(name, blobs)


def _layer(path: Path, records: Records, whole: Record) -> tuple[str, tuple[Blob, ...]]:
    """A layer's name and blobs."""
    forms = [form for form in _FORMS if form.number == whole.number]
    name = ""
    blobs: list[Blob] = []
    for form, record in _fields(records, whole, forms):
        if record.number == form.name:
            name = _text(records, form.message, record)
        elif record.number == form.blobs:
            if len(blobs) == MAX_BLOBS:
                raise Damaged(f"`{name}` has more than {MAX_BLOBS:,} blobs")
            try:
                blobs.append(read_blob(path, records, record.content, record.end))
            except Damaged as error:
                raise Damaged(f"blob {len(blobs)} of `{name}`: {error}") from None
    return name, tuple(blobs)


def _fields(records: Records, whole: Record, forms: list[_Form]) -> Iterator[tuple[_Form, Record]]:
    """The fields of a layer that matter, whichever form it has."""
    for record in records.within(whole.content, whole.end):
        if record.kind is not Kind.BYTES:
            continue
        for form in forms:
            if form.inner is None:
                if record.number in (form.name, form.blobs):
                    yield form, record
            elif form.inner == record.number:
                for inner in records.within(record.content, record.end):
                    if inner.kind is Kind.BYTES and inner.number in (form.name, form.blobs):
                        yield form, inner


def _text(records: Records, message: str, record: Record) -> str:
    """The name that a record holds."""
    if record.length > MAX_NAME:
        raise Damaged(f"the name at byte {record.start:,} has {record.length:,} bytes")
    try:
        data = parsed(message, records.read(record.start, record.end - record.start))
    except ValueError as error:
        raise Damaged(f"it is damaged at byte {record.start:,}: {error}") from None
    name: bytes = data.name
    return name.decode("utf-8", "replace")


@contextmanager
def _opened(path: Path) -> Iterator[Records]:
    """A file's records; what is wrong with it, as SpecError."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise OSError("it is no regular file")
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            _check_head(path, file.read(64))
            yield Records(file, size)
    except Damaged as error:
        raise refused(path, str(error)) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SpecError([Diagnostic("cannot-read", f"can't read `{path}`: {reason}")]) from error


def _check_head(path: Path, head: bytes) -> None:
    if not head:
        raise refused(path, "it is empty")
    for start, reason, help in _FOREIGN:
        if head.startswith(start):
            raise refused(path, reason, help)
    if head.lstrip()[:5] in (b"name:", b"layer", b"input"):
        help = "weights are in a file of their own, most often a `.caffemodel`"
        raise refused(path, "it is a network's text, which holds no weights", help)


def refused(path: Path, reason: str, help: str | None = None) -> SpecError:
    """That weights can't be read from a file, and why."""
    message = f"can't read weights from `{path}`: {reason}"
    return SpecError([Diagnostic("weights-format", message, help=help)])
