"""Documents from files, with the blocks that `use` brings in."""

from collections.abc import Iterable
from collections.abc import Mapping as PlainMapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from netspec.diagnostics import Diagnostic, Diagnostics, SourceText, Span, SpecError
from netspec.language.document import Block, Document
from netspec.language.models import LibraryModel, SpecModel
from netspec.language.reading.document import read_document, read_top
from netspec.language.reading.entries import read_block
from netspec.language.reading.fields import Reader
from netspec.source import Mapping, Scalar, Sequence, Value, decode, read
from netspec.source.reader import MAX_BYTES, too_large

if TYPE_CHECKING:
    from pydantic import BaseModel

MAX_FILES = 64


def read_file(path: Path, name: str | None = None) -> SourceText:
    """The text of a spec file; SpecError where it can't be read or is too large."""
    name = name if name is not None else str(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise too_large(name)
        if not path.is_file() and not path.is_dir():
            raise SpecError([Diagnostic("cannot-read", f"{name} is not a regular file")])
        data = path.read_bytes()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise SpecError([Diagnostic("cannot-read", f"can't read {name}: {reason}")]) from None
    except ValueError:  # it holds what no file's name does
        raise SpecError([Diagnostic("cannot-read", f"can't read {name}: it is no path")]) from None
    return decode(data, name)


def parse_document(
    text: SourceText,
    diagnostics: Diagnostics,
    folder: Path | None = None,
    known: Iterable[SourceText] = (),
) -> Document:
    """The document of a spec's text. `folder` is that of its file, where `use` may look.

    `known` are texts that `use` brought in before, which aren't read again. Mistakes of form go to
    `diagnostics`; SpecError where nothing can be read at all.
    """
    return document_of(read(text, diagnostics), text, diagnostics, folder, known)


def document_of(
    value: Value,
    text: SourceText,
    diagnostics: Diagnostics,
    folder: Path | None = None,
    known: Iterable[SourceText] = (),
    model: "type[BaseModel]" = SpecModel,
) -> Document:
    """The document that a value is, whatever it was read from; else as `parse_document`.

    Of the model LibraryModel it is a file of blocks by itself.
    """
    reader = Reader(diagnostics)
    top, fields = read_top(reader, value, model)
    root = folder.resolve() if folder is not None else None
    library = _Library(reader, text, root, {each.name: each for each in known})
    library.use(top, folder, (text.name,))
    files = (text, *library.files)
    return read_document(top, fields, files, library.blocks, library.complete, reader)


@dataclass
class _Library:
    """Gathers the blocks of all files that a document uses, directly or through others."""

    reader: Reader
    user: SourceText
    root: Path | None
    known: PlainMapping[str, SourceText]

    def __post_init__(self) -> None:
        self.blocks: dict[str, Block] = {}
        self.files: list[SourceText] = []
        self.done: set[Path] = set()
        self.open: list[Path] = []
        self.complete = True

    def use(self, top: Mapping, folder: Path | None, names: tuple[str, ...]) -> None:
        value = top.get("use")
        for item in value if isinstance(value, Sequence) else [value]:
            if isinstance(item, Scalar) and isinstance(item.value, str):
                try:
                    self._use_file(item.value, item.span, folder, names)
                except SpecError as error:
                    self.complete = False
                    for diagnostic in error.diagnostics:
                        self.reader.report(diagnostic)

    def _use_file(self, name: str, span: Span, folder: Path | None, names: tuple[str, ...]) -> None:
        path = self._resolve(name, span, folder)
        shown = str(Path(names[-1]).parent / name)
        if path in self.open:
            raise _cycle((*names, shown), span)
        if path in self.done:
            return
        if len(self.files) >= MAX_FILES:
            raise SpecError([Diagnostic("too-large", f"`use` of over {MAX_FILES} files", span)])
        try:
            text = self.known.get(shown) or read_file(path, shown)
        except SpecError as error:
            raise SpecError(
                [replace(each, code="use-path", span=span) for each in error.diagnostics]
            ) from None
        if text.text == self.user.text:  # the path of the file that the user named isn't known
            raise _cycle((*names, shown), span)
        self.files.append(text)
        if sum(len(each.text) for each in self.files) > MAX_BYTES:
            raise too_large("all that `use` brings in")
        self.done.add(path)
        self.open.append(path)
        try:
            self._read(read(text, self.reader.diagnostics), path, (*names, shown))
        finally:
            self.open.pop()

    def _resolve(self, name: str, span: Span, folder: Path | None) -> Path:
        if self.root is None or folder is None:
            message = "`use` needs a folder to look in, which a spec without a file doesn't have"
            raise SpecError([Diagnostic("use-path", message, span)])
        try:
            path = (folder / name).resolve()
        except (OSError, ValueError, RuntimeError):
            raise SpecError([Diagnostic("use-path", "this is no path", span)]) from None
        if not path.is_relative_to(self.root):
            message = f"`use` stays under the folder of the spec; {name} leads out of it"
            raise SpecError([Diagnostic("use-path", message, span)])
        return path

    def _read(self, value: Value, path: Path, names: tuple[str, ...]) -> None:
        top, _ = read_top(self.reader, value, LibraryModel)
        self.use(top, path.parent, names)
        bodies = top.get("blocks")
        if not isinstance(bodies, Mapping):
            return
        for name, body in bodies.items.items():
            key = bodies.keys[name]
            if name in self.blocks:
                place = self.blocks[name].key.span
                message = f"block `{name}` is defined in {place} too"
                self.reader.error("duplicate-name", message, key.span)
            elif isinstance(body, Mapping):
                self.blocks[name] = read_block(self.reader, name, body, key, library=True)


def _cycle(names: tuple[str, ...], span: Span) -> SpecError:
    message = f"files that use each other: {' → '.join(names)}"
    return SpecError([Diagnostic("use-cycle", message, span)])
