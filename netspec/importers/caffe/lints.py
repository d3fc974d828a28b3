"""What is said of a network, which a published file has as it is: once for each kind."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from netspec.counted import counted
from netspec.diagnostics import Diagnostic, Severity


def folded(found: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """The diagnostics, the warnings of a code as one: the first, with how many more there are."""
    warnings: dict[str, list[Diagnostic]] = {}
    for each in found:
        if each.severity is Severity.WARNING:
            warnings.setdefault(each.code, []).append(each)
        else:
            yield each
    for first, *others in warnings.values():
        yield _with(first, len(others)) if others else first


def _with(first: Diagnostic, more: int) -> Diagnostic:
    message = f"{first.message}, and so in {counted(more, 'other place')}"
    return replace(first, message=message, help="`netspec check` of the new spec names each")
