"""A spec that is read once, and its networks under other vars, shapes and outputs."""

from collections.abc import Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any

from netspec import arguments
from netspec.api import as_network, files_of, open_program, overrides_of, uncollected
from netspec.diagnostics import Diagnostics, SourceText
from netspec.network import Network

if TYPE_CHECKING:
    from pathlib import Path

    from netspec.elaborate import Overrides
    from netspec.stock import Location


class Family:
    """The networks of one spec: each call gives a member, as `load` would.

    The text is read and checked for form when the family is made; a file that changes afterwards
    changes nothing. What a member has wrong is told with it and leaves no trace in the next. Calls
    may come from several threads, which take turns; a copy by pickle reads the text anew.
    """

    def __init__(self, text: SourceText, location: "Location") -> None:
        self._text, self._location = text, location
        with uncollected():
            self._program = open_program(text, location.folder, Diagnostics())
        self._turn = Lock()

    @property
    def name(self) -> str:
        """What its text calls it."""
        return self._program.document.name

    @property
    def is_mistaken(self) -> bool:
        """Whether the text has a mistake that every member has."""
        return self._program.is_mistaken

    @property
    def files(self) -> "tuple[Path, ...]":
        """The files that it was read from; none for text without a file."""
        return files_of(self._program, self._location)

    @property
    def variants(self) -> tuple[str, ...]:
        """The names of the spec's variants."""
        return tuple(self._program.document.variants)

    def __call__(
        self,
        *,
        variant: str | None = None,
        inputs: Mapping[str, Sequence[int | str]] | None = None,
        outputs: Sequence[str] | None = None,
        **variables: Any,
    ) -> Network:
        """A member: the `variant` that the family was made of unless another is named, under these
        overrides, which are those of `load`. SpecError, TypeError and ValueError as there.
        """
        variant = None if variant is None else arguments.text(variant, "variant")
        return self.member(overrides_of(variables, inputs, outputs), variant)

    def member(self, overrides: "Overrides", variant: str | None = None) -> Network:
        """A member under overrides that are known to be plain."""
        variant = self._location.variant if variant is None else variant
        with self._turn, uncollected():
            program = self._program.anew()
            graph = program.graph(variant, overrides)
            program.check_usage([variant])
        program.diagnostics.raise_errors()
        assert graph is not None  # of what gives none, something was said
        return as_network(graph, self.files)

    def __repr__(self) -> str:
        variant = self._location.variant
        return f"<Family {self._location.name}{'' if variant is None else f':{variant}'}>"

    def __reduce__(self) -> Any:
        return Family, (self._text, self._location)


def family(spec: "str | Path") -> Family:
    """The family that `spec` names: a stock one, or a file, with `:variant` behind it if wanted.

    SpecError where there is no such text, or nothing in it can be read, TypeError for what is no
    name; any other mistake is told when a member is asked for.
    """
    from netspec.stock import locate, read_location

    location = locate(arguments.path(spec, "spec"))
    return Family(read_location(location), location)
