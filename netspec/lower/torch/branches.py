"""Which branch of a sum is the body, and which the shortcut around it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from netspec.lower.torch.steps import Step

BODY = "out"
SHORTCUT = "shortcut"


@dataclass(frozen=True, slots=True)
class Branch:
    """The steps from a blob that several read to an operand of a sum, last first.

    An operand that others read too is no branch: it has no steps.
    """

    steps: tuple[Step, ...]
    forks: bool

    @property
    def is_optional(self) -> bool:
        """Whether it's a module that some instances lack, and else nothing."""
        return len(self.steps) == 1 and self.steps[0].optional is not None

    def called(self, name: str) -> dict[str, str]:
        """The blobs on it, with this name for each."""
        return {step.outputs[0]: name for step in self.steps} if self.forks else {}


def roles(steps: Sequence[Step]) -> dict[str, str]:
    """What to call the blobs on the branches of each sum of two.

    The shortcut is what some instances lack, or else the shorter branch: a projection. Neither of
    two as long is one. How many layers a module holds doesn't count: instances differ in that.
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
    while readers[blob] == 1 and blob in makers and len(_sources(makers[blob])) == 1:
        found.append(makers[blob])
        (blob,) = _sources(found[-1])
    return Branch(tuple(found), readers[blob] > 1)


def _sources(step: Step) -> tuple[str, ...]:
    """What a step goes on from: a module that may be missing, from what then stands for it."""
    return step.inputs if step.optional is None else step.inputs[-1:]


def _sides(one: Branch, other: Branch) -> tuple[Branch, Branch]:
    """The body and the shortcut, of which either may be nothing."""
    nothing = Branch((), forks=False)
    if not (one.steps and other.steps):
        return (one, nothing) if one.steps else (other, nothing)
    if one.is_optional != other.is_optional:
        return (other, one) if one.is_optional else (one, other)
    if len(one.steps) == len(other.steps):
        return nothing, nothing
    return (one, other) if len(one.steps) > len(other.steps) else (other, one)
