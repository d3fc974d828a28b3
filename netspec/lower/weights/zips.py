"""Zip archives, in which NumPy and PyTorch keep arrays: opened with care."""

from collections import Counter
from pathlib import Path
from zipfile import ZipFile

from netspec.lower.weights.refusal import no_weights, refusing


def opened(path: Path) -> ZipFile:
    """An archive, closed when it is dropped; SpecError (`weights-format`) for a broken one, and for
    one with two members of a name.
    """
    with refusing(path):
        archive = ZipFile(path)
    (name, count), *_ = Counter(archive.namelist()).most_common(1) or [("", 0)]
    if count > 1:
        raise no_weights(path, f"it holds `{name}` {count} times")
    return archive
