"""Which branch of a sum is the body, and which the shortcut around it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

from netspec.lower.torch.structure.steps import Step

BODY = "out"
SHORTCUT = "shortcut"


@dataclass(frozen=True, slots=True)
class Branch:
    """The steps that lead to an operand of a sum, last first, from a blob that several read.

    An operand that others read too has no steps. Where a blob that several others make comes
    first, the branch `joins`, and is longer than is to be seen here; it then doesn't fork.
    """

    steps: tuple[Step, ...] = ()
    forks: bool = False
    joins: bool = False

    @property
    def bypasses(self) -> bool:
        """Whether nothing is done on it."""
        return not self.steps and not self.joins

    @property
    def is_optional(self) -> bool:
        """Whether it's a module that some instances lack, and else nothing."""
        return len(self.steps) == 1 and self.steps[0].optional is not None

    @property
    def length(self) -> float:
        """How many steps it has, as far as the class says: a module may hold any number."""
        return inf if self.joins else len(self.steps)

    def called(self, name: str) -> dict[str, str]:
        """The blobs on it, with this name for each."""
        return {step.outputs[0]: name for step in self.steps} if self.forks else {}


NOTHING = Branch()


def roles(steps: Sequence[Step]) -> dict[str, str]:
    """What to call the blobs on the branches of each sum of two.

    The shortcut is what some instances lack, or else the shorter branch: a projection. Neither of
    two as long is one.
    """
    makers = {blob: step for step in steps for blob in step.outputs}
    readers = Counter(blob for step in steps for blob in step.inputs)
    found: dict[str, str] = {}
    for step in steps:
        if step.adds and len(step.inputs) == 2:
            one, other = (_branch(blob, makers, readers) for blob in step.inputs)
            body, shortcut = _sides(one, other)
            found |= body.called(BODY) | shortcut.called(SHORTCUT)
    return found


def _branch(blob: str, makers: Mapping[str, Step], readers: Mapping[str, int]) -> Branch:
    found: list[Step] = []
    while readers[blob] == 1 and blob in makers:
        step = makers[blob]
        sources = step.inputs if step.optional is None else step.inputs[-1:]
        if len(sources) != 1:
            return Branch(tuple(found), joins=True)
        found.append(step)
        (blob,) = sources
    return Branch(tuple(found), forks=readers[blob] > 1)


def _sides(one: Branch, other: Branch) -> tuple[Branch, Branch]:
    """The body and the shortcut, of which either may be nothing to name."""
    if one.bypasses or other.bypasses:
        return (other, NOTHING) if one.bypasses else (one, NOTHING)
    if one.is_optional != other.is_optional:
        return (other, one) if one.is_optional else (one, other)
    if one.length == other.length:
        return NOTHING, NOTHING
    return (one, other) if one.length > other.length else (other, one)
