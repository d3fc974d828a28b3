"""What can't be answered as it is asked."""

from collections.abc import Collection


class Wrong(ValueError):
    """A question at fault. `option` is what the command line and Python call the part of it."""

    def __init__(self, option: str, message: str) -> None:
        super().__init__(message)
        self.option = option


def unknown(option: str, one: str, many: str, name: str, known: Collection[str]) -> Wrong:
    """That there is nothing of that name, what is near, and all that there is."""
    from netspec.diagnostics.suggest import did_you_mean

    help = did_you_mean(name, known)
    near = f"; {help} The" if help else "; the"
    return Wrong(option, f"no {one} is called {name!r}{near} {many} are {', '.join(known)}")
