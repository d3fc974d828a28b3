"""What can't be answered as it is asked."""


class Wrong(ValueError):
    """A question at fault. `option` is what the command line and Python call the part of it."""

    def __init__(self, option: str, message: str) -> None:
        super().__init__(message)
        self.option = option
