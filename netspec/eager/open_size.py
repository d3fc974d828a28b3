"""What can't be told of symbols."""

from netspec.graph.sizes import Size, symbols


class OpenSize(ValueError):
    """Something hangs on symbols for which there are no numbers: `what` in words, and the names of
    the `symbols`.
    """

    def __init__(self, what: str, size: Size) -> None:
        self.what = what
        self.symbols = sorted(symbols(size))
        names = ", ".join(f"`{name}`" for name in self.symbols)
        super().__init__(f"it depends on {what}: give numbers for {names}")
