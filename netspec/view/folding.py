"""Which blocks of a drawing are open."""

from dataclasses import dataclass

from netspec.graph import Scope
from netspec.graph.tree import beginnings


@dataclass(frozen=True, slots=True)
class Folding:
    """A level of folding, and exceptions from it.

    Without more said, the first of each kind of block is open, and equal neighbours are one box
    with ×N, as papers draw networks. With a `depth` whatever stands that deep in the scopes is
    folded and all above it open: at 1 each member of the network is a box, as `netspec summary`
    has it. With `everything` every block is open and drawn as often as it's there.

    `opened` are names of blocks and paths of scopes that are open in any case, with those around
    them; `closed` are paths of scopes that aren't.
    """

    depth: int | None = None
    everything: bool = False
    opened: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()

    def opens(self, scope: Scope, level: int, fresh: bool) -> bool:
        """Whether a scope is open, so many levels down; `fresh` is the first of its kind."""
        if scope.path in self.closed:
            return False
        if self.everything or scope.path in self._around or scope.block in self.opened:
            return True
        return fresh if self.depth is None else level < self.depth

    @property
    def splices(self) -> bool:
        """Whether groups within blocks have no frame of their own: papers give them none."""
        return self.depth is None and not self.everything

    @property
    def _around(self) -> frozenset[str]:
        return frozenset(each for path in self.opened for each in beginnings(path))
