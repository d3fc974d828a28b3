"""Places in a text that has changed since it was read: what stands before and behind the change."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Move:
    """What has become of an old text: `head` characters of it stand where they stood, all from
    `tail` on have moved by `shift`; what stood between has been changed.
    """

    head: int
    tail: int
    shift: int

    def forward(self, offset: int) -> int | None:
        """Where an offset of the old text is now; None within what has been changed."""
        if offset <= self.head:
            return offset
        return offset + self.shift if offset >= self.tail else None

    def back(self, offset: int) -> int:
        """Where an offset was in the old text; of what is new, where it has been put."""
        if offset <= self.head:
            return offset
        return max(self.head, offset - self.shift)


def moved(old: str, new: str) -> Move:
    """What makes one text of another, as one change."""
    if old == new:
        return Move(len(old), len(old), 0)
    most = min(len(old), len(new))
    head = _common(old, new, most)
    room = most - head
    back = _common(old[len(old) - room :][::-1], new[len(new) - room :][::-1], room)
    return Move(head, len(old) - back, len(new) - len(old))


def _common(a: str, b: str, most: int) -> int:
    """How many characters two texts have in common at their beginnings."""
    low = 0
    while low < most:  # by halves: comparing slices is quicker than characters
        middle = (low + most + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            most = middle - 1
    return low
