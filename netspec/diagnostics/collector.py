"""Diagnostics gathered, and the error that carries them to whoever asked."""

from collections.abc import Iterable

from netspec.diagnostics.diagnostic import Diagnostic, Severity
from netspec.diagnostics.render import render_text
from netspec.diagnostics.span import Span

MAX_ERRORS = 1_000


class SpecError(Exception):
    """A spec, or a file beside it, is at fault; `diagnostics`, a tuple of `Diagnostic`, says how.

    Its text shows each with its place, as the command line does.
    """

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__(self.diagnostics)

    def __str__(self) -> str:
        return "\n".join(render_text(diagnostic) for diagnostic in self.diagnostics)


class Diagnostics:
    """Collects diagnostics; the same code at the same place counts once.

    A block's body is visited once for each instance and a file once for each variant; the
    mistake in it is still one mistake.
    """

    def __init__(self) -> None:
        self._found: dict[object, Diagnostic] = {}
        self._errors = 0

    def __len__(self) -> int:
        return len(self._found)

    @property
    def has_errors(self) -> bool:
        return self._errors > 0

    def add(self, diagnostic: Diagnostic) -> None:
        """Keep a diagnostic; SpecError with all that was found where there is no end of errors."""
        place = diagnostic.span.key if diagnostic.span else diagnostic.message
        if (diagnostic.code, place) in self._found:
            return
        self._found[diagnostic.code, place] = diagnostic
        if diagnostic.severity is Severity.ERROR:
            self._errors += 1
            if self._errors == MAX_ERRORS:
                self.error("too-large", f"more than {MAX_ERRORS:,} mistakes; the rest is left out")
                raise SpecError(self.sorted())

    def error(
        self,
        code: str,
        message: str,
        span: Span | None = None,
        *,
        path: str | None = None,
        help: str | None = None,
        notes: tuple[str, ...] = (),
    ) -> None:
        self.add(Diagnostic(code, message, span, path, help, notes))

    def warning(
        self,
        code: str,
        message: str,
        span: Span | None = None,
        *,
        path: str | None = None,
        help: str | None = None,
        notes: tuple[str, ...] = (),
    ) -> None:
        self.add(Diagnostic(code, message, span, path, help, notes, Severity.WARNING))

    def extend(self, diagnostics: Iterable[Diagnostic]) -> None:
        for diagnostic in diagnostics:
            self.add(diagnostic)

    def sorted(self) -> list[Diagnostic]:
        """All that was found, in the order of the text; what has no place comes first."""
        return sorted(
            self._found.values(), key=lambda found: found.span.key if found.span else ("", 0)
        )

    def raise_errors(self) -> None:
        """Raise SpecError with everything found if any of it is an error."""
        if self.has_errors:
            raise SpecError(self.sorted())
