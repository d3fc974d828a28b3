"""What makes one network another, and how that is shown."""

from netspec.analysis.difference import markdown, text
from netspec.analysis.difference.facts import Facts


class Difference(Facts):
    """What makes the network `b` of the network `a`."""

    def text(self) -> str:
        """What differs as plain text, alike things told once; ends with a newline."""
        return text.render(self)

    def markdown(self) -> str:
        """The same for a pull request."""
        return markdown.render(self)

    def __str__(self) -> str:
        return self.text()
