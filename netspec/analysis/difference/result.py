"""What makes one network another, and how that is shown."""

from netspec.analysis.difference import markdown, text
from netspec.analysis.difference.facts import Facts


class Difference(Facts):
    """What makes the network `b` of the network `a`; it is false where they are the same. `name_a`
    and `name_b` are what they are called.

    `added` and `removed` are layers of the one alone, `changed` those of both that aren't the same,
    `moved` those that bear another name. `inputs` and `outputs` have the shapes in both of those
    that differ, None for one that isn't there; `totals` the figures of both, in the TEST phase.
    """

    def text(self) -> str:
        """What differs as plain text, alike things told once; ends with a newline."""
        return text.render(self)

    def markdown(self) -> str:
        """The same as Markdown, for a pull request."""
        return markdown.render(self)

    def __str__(self) -> str:
        return self.text()
