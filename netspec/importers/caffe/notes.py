"""What of a file a spec has no words for, for comments at its head."""

from dataclasses import dataclass, field


@dataclass
class Notes:
    """What was dropped, by why, and how often; and sentences of their own."""

    dropped: dict[str, int] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def drop(self, what: str) -> None:
        self.dropped[what] = self.dropped.get(what, 0) + 1

    def say(self, sentence: str) -> None:
        """Add a sentence, once."""
        if sentence not in self.said:
            self.said.append(sentence)
