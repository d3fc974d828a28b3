"""What is alive when, and when that is the most."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from netspec.graph import Size
from netspec.graph.bounds import value
from netspec.graph.sizes import Symbol, SymbolicSize
from netspec.quick import frozen

Count = tuple[int, int] | SymbolicSize
"""A size as so many and so many more for each item of the batch, if it's no more than that."""


@frozen
class Piece:
    """Memory that is alive from the beginning of one moment to the end of another.

    `called` says what it is, `size` its bytes; `layer` is the path of the layer that made it, None
    for what is there anyway.
    """

    called: str
    size: Size
    first: int
    last: int
    layer: str | None = None


class Timeline:
    """Pieces of memory whose sizes hang on one symbol at the most, the batch.

    Pieces that last no longer than a moment stand beside others of that moment.
    """

    def __init__(self, pieces: Iterable[Piece], batch: str | None) -> None:
        self.pieces = tuple(pieces)
        self._batch = batch
        self._counts = [_count(piece.size, batch) for piece in self.pieces]

    @cached_property
    def _moments(self) -> int:
        return max((piece.last for piece in self.pieces), default=0) + 1

    def most(self, batch: int) -> tuple[int, int]:
        """The most bytes that are alive at once, for a batch of that size, and when."""
        changes = [0] * (self._moments + 1)
        for piece, size in zip(self.pieces, self._sizes(batch), strict=True):
            changes[piece.first] += size
            changes[piece.last + 1] -= size
        alive = most = moment = 0
        for number, change in enumerate(changes):
            alive += change
            if alive > most:
                most, moment = alive, number
        return most, moment

    def parts(self, batch: int, moment: int) -> list[tuple[str, int]]:
        """What is alive at a moment: bytes by what they are called, the most first."""
        found: Counter[str] = Counter()
        for piece, size in zip(self.pieces, self._sizes(batch), strict=True):
            if piece.first <= moment <= piece.last:
                found[piece.called] += size
        return [each for each in found.most_common() if each[1]]

    def _sizes(self, batch: int) -> Sequence[int]:
        values = {self._batch: batch} if self._batch is not None else {}
        return [
            count[0] + count[1] * batch if isinstance(count, tuple) else value(count, values)
            for count in self._counts
        ]


def _count(size: Size, batch: str | None) -> Count:
    if isinstance(size, int):
        return size, 0
    terms: Mapping[object, int] = dict(size.terms)
    mere = (Symbol(batch),) if batch is not None else None
    if terms.keys() <= {mere, ()}:
        return terms.get((), 0), terms.get(mere, 0)
    return size
