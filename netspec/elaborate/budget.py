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
MANY_ENTRIES = 2_000
"""After so many entries it is time to count how many will come."""
PER_TERM = 64
"""Characters that a term of a formula comes to."""
PER_NUMBER = 8
"""Characters that a listed number comes to."""


TOO_MUCH_WORK = "the expressions take too long to evaluate"


class TooLarge(Exception):
    """A spec is over a limit, which has been reported; elaboration ends here."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What a part of a network has cost."""

    entries: int
    layers: int
    reads: int
    work: int
    text: int
    names: int

    def since(self, before: "Spent") -> "Spent":
        """What has been spent since then."""
        return Spent(
            self.entries - before.entries,
            self.layers - before.layers,
            self.reads - before.reads,
            self.work - before.work,
            self.text - before.text,
            self.names - before.names,
        )


@dataclass(slots=True)
class Budget:
    """What has been spent on a document so far; layers, text and the paths and names of blobs in it
    of the variant at hand alone.
    """

    entries: int = 0
    done: int = 0
    layers: int = 0
    reads: int = 0
    work: int = 0
    text: int = 0
    names: int = 0

    def start(self) -> bool:
        """Begin another variant; False where those before have taken all."""
        self.done, self.layers, self.text, self.names = self.entries, 0, 0, 0
        return self.done <= MAX_VARIANTS

    @property
    def entries_here(self) -> int:
        """Entries of the variant at hand."""
        return self.entries - self.done

    @property
    def spent(self) -> Spent:
        return Spent(self.entries, self.layers, self.reads, self.work, self.text, self.names)

    def covers(self, spent: Spent, characters: int) -> bool:
        """Count a part once more, whose names have so many characters more together than they had;
        False, with nothing counted, if that reaches a limit: it is to be told at its place.
        """
        entries, layers = self.entries + spent.entries, self.layers + spent.layers
        here, reads, work = entries - self.done, self.reads + spent.reads, self.work + spent.work
        text = self.text + spent.text + characters
        if here > MAX_ENTRIES or layers > MAX_LAYERS or text > MAX_TEXT or reads > MAX_READS:
            return False
        if work > MAX_WORK + WORK_PER_ENTRY * entries or self.entries_here < MANY_ENTRIES <= here:
            return False
        self.entries, self.layers, self.reads = entries, layers, reads
        self.work, self.text, self.names = work, text, self.names + spent.names
        return True

    def covers_layer(self) -> bool:
        """Count a layer; False if that's over the limit."""
        self.layers += 1
        return self.layers <= MAX_LAYERS

    def covers_reads(self, blobs: int) -> bool:
        """Count blobs that an entry reads; False if that's over the limit."""
        self.reads += blobs
        return self.reads <= MAX_READS

    def covers_work(self, steps: int) -> bool:
        """Count steps of work, each a fraction of a microsecond; False if that's over the limit."""
        self.work += steps
        return self.work <= MAX_WORK + WORK_PER_ENTRY * self.entries

    def covers_again(self, steps: int) -> bool:
        """Count steps that have been counted once; False, with nothing counted, if that's over the
        limit: it is to be told where they are taken.
        """
        if self.work + steps > MAX_WORK + WORK_PER_ENTRY * self.entries:
            return False
        self.work += steps
        return True

    def covers_text(self, characters: int, names: int) -> bool:
        """Count characters that every target writes, those of so many paths and names of blobs
        among them; False if that's over the limit.
        """
        self.names += names
        self.text += characters
        return self.text <= MAX_TEXT
