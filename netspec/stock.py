"""Where specs are found: files, their variants, and the stock networks."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from netspec.diagnostics import Diagnostic, Diagnostics, SourceText, SpecError
from netspec.diagnostics.suggest import did_you_mean
from netspec.language.library import read_file
from netspec.resources import stock_files
from netspec.source import Mapping, Value, read
from netspec.source.reader import decode


@dataclass(frozen=True)
class Location:
    """A spec's file, None for text without one; the name to report it by; its variant."""

    path: Path | None
    name: str
    variant: str | None = None

    @property
    def folder(self) -> Path | None:
        """Where `use` may look."""
        return self.path.parent if self.path is not None else None


def locate(spec: str) -> Location:
    """The file and the variant that a SPEC argument means.

    A path holds `/` or ends in `.yaml` or `.yml`, with `:variant` behind it if wanted; anything
    else is a stock name. Where there is a file of the whole name, colons and all, that is meant;
    else the last colon splits off the variant, if what stands behind it isn't a path's end itself.
    """
    base, colon, variant = spec.rpartition(":")
    whole = _is_path(spec) and os.path.isfile(spec)
    if colon and _is_path(base) and not _is_path(variant) and not whole:
        return Location(Path(base), base, variant)
    if _is_path(spec):
        return Location(Path(spec), spec)
    return locate_stock(spec)


def _is_path(text: str) -> bool:
    return "/" in text or text.endswith((".yaml", ".yml"))


def locate_stock(name: str) -> Location:
    """The file and the variant of a stock network."""
    # Only a file whose text has the name as a key can define it; others needn't be taken apart.
    names = stock_names(naming=name)
    if name not in names:
        unknown = f"there is no stock network `{name}`"
        raise SpecError([Diagnostic("unknown-spec", unknown, help=_instead(name))])
    return names[name]


def _instead(name: str) -> str:
    """What may have been meant by the name of no stock network."""
    if os.path.exists(name):
        return f"to read the file, write `./{name}`"
    names = stock_names()
    if name and any(name in each for each in (*names, *(path.stem for path in stock_files()))):
        return f"`netspec list {name}` shows which there are"
    return did_you_mean(name, names) or "`netspec list` shows the stock networks"


def stock_names(naming: str = "") -> dict[str, Location]:
    """The stock networks by name: the variants of the stock files, or a file's own name.

    With `naming` only those of files that bear this name or have it as a key.
    """
    names: dict[str, Location] = {}
    key = re.compile(re.escape(naming.encode(errors="replace")) + rb"[\"']?\s*:")
    for path in stock_files():
        data = path.read_bytes()
        if naming == path.stem or key.search(data):
            names |= _names_in(path, data)
    return names


def names_in(path: Path) -> dict[str, Location]:
    """The stock networks of a file, by name."""
    return _names_in(path, path.read_bytes())


def _names_in(path: Path, data: bytes) -> dict[str, Location]:
    shown = f"specs/{path.name}"
    variants = _variants(data, shown)
    if not variants:
        return {path.stem: Location(path, shown)}
    return {variant: Location(path, shown, variant) for variant in variants}


_VARIANTS = re.compile(rb"^variants:.*?(?=^[^\s#])", re.DOTALL | re.MULTILINE)


def _variants(data: bytes, shown: str) -> list[str]:
    # What stands above the key behind them is YAML by itself, and little of most files.
    found = _VARIANTS.search(data)
    head = data if found is None else data[: found.end()]
    top: Value = read(decode(head, shown), Diagnostics())
    variants = top.get("variants") if isinstance(top, Mapping) else None
    return list(variants.items) if isinstance(variants, Mapping) else []


def read_location(location: Location) -> SourceText:
    """The text of a located spec."""
    assert location.path is not None
    return read_file(location.path, location.name)
