"""What a spec may cost, whatever it is made of: entries, what they read, expressions, text.

The work on a document is counted over all of its variants, since each is elaborated by itself;
text over one network, since that is what a target writes.
"""

from dataclasses import dataclass

MAX_LAYERS = 100_000
"""Layers of a network."""
MAX_ENTRIES = 2 * MAX_LAYERS
"""Instances of a network's entries, those that `when` leaves out included."""
MAX_VARIANTS = 100_000
"""Entries of all variants together, after which no further one is begun."""
MAX_READS = 3 * MAX_LAYERS
"""Blobs that all entries may read together, in all variants: a name can stand for thousands."""
MAX_WORK, WORK_PER_ENTRY = 1_000_000, 200
"""Steps of work that all expressions may take, and more for each entry."""
MAX_TEXT = 2**25
"""Characters of a network: of its names, its docs and the formulas of its symbolic sizes.

Every target writes them, some more than once.
"""
PER_TERM = 64
"""Characters that a term of a formula comes to."""
PER_NUMBER = 8
"""Characters that a listed number comes to."""


TOO_MUCH_WORK = "the expressions take too long to evaluate"


class TooLarge(Exception):
    """A spec is over a limit, which has been reported; elaboration ends here."""


@dataclass(slots=True)
class Budget:
    """What has been spent on a document so far."""

    entries: int = 0
    done: int = 0
    reads: int = 0
    work: int = 0
    text: int = 0

    def start(self) -> bool:
        """Begin another variant; False where those before have taken all."""
        self.done, self.text = self.entries, 0
        return self.done <= MAX_VARIANTS

    @property
    def entries_here(self) -> int:
        """Entries of the variant at hand."""
        return self.entries - self.done

    def covers_reads(self, blobs: int) -> bool:
        """Count blobs that an entry reads; False if that's over the limit."""
        self.reads += blobs
        return self.reads <= MAX_READS

    def covers_work(self, steps: int) -> bool:
        """Count steps of work, each a fraction of a microsecond; False if that's over the limit."""
        self.work += steps
        return self.work <= MAX_WORK + WORK_PER_ENTRY * self.entries

    def covers_text(self, characters: int) -> bool:
        """Count characters that every target writes; False if that's over the limit."""
        self.text += characters
        return self.text <= MAX_TEXT
