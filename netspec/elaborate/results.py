"""What the network gives, and the names that the user knows it by."""

from collections.abc import Iterator, Sequence

from netspec.elaborate.body import outputs_of
from netspec.elaborate.context import Context
from netspec.elaborate.lookup import resolve
from netspec.elaborate.poison import is_unknown
from netspec.elaborate.scope import Scope
from netspec.expressions import ExpressionError
from netspec.graph import Blob
from netspec.language.names import SCOPE_NAMES


def results_of(context: Context, scope: Scope, chosen: Sequence[str]) -> tuple[Blob, ...]:
    """What the network gives: its own outputs, or the blobs that the user asks for instead."""
    document = context.document
    own = outputs_of(context, scope, document.outputs, document.layers[-1])
    for number, message in _repeated([(each.blob, each.label) for each in own]):
        context.report(
            context.error("duplicate-name", message, own[number].placed, scope, help=_HELP), scope
        )
    found: list[tuple[Blob, str]] = []
    for name in map(str, chosen):
        try:
            found += [(blob, name) for blob in resolve(scope, name)]
        except ExpressionError as error:
            message = f"no output `{name}`: {error.message}"
            context.diagnostics.error("unknown-name", message, help=error.help)
    for _, message in _repeated(found):
        context.diagnostics.error("duplicate-name", message, help=_HELP)
    return tuple([blob for blob, _ in found]) or tuple([each.blob for each in own])


_HELP = "list it once: a result has one name"


def _repeated(results: Sequence[tuple[Blob, str]]) -> Iterator[tuple[int, str]]:
    """The numbers of results that are there a second time, and what to say of them.

    Results go by their blobs' names, so that one of two names for a blob would be lost.
    """
    labels: dict[str, str] = {}
    for number, (blob, label) in enumerate(results):
        if is_unknown(blob):
            continue
        if blob.name not in labels:
            labels[blob.name] = label
        elif labels[blob.name] == label:
            yield number, f"`{label}` is given twice"
        else:
            yield number, f"`{labels[blob.name]}` and `{label}` are the same blob"


def result_names(
    context: Context, scope: Scope, results: tuple[Blob, ...], chosen: Sequence[str]
) -> dict[str, str]:
    """What the user calls the results that are blobs of another name, by the blob's name.

    The name that `outputs` lists, or that of the last entry: a block's result goes by the block.
    """
    listed: Sequence[str] = chosen
    if not chosen and context.document.outputs is not None:
        value = context.evaluate(context.document.outputs, scope)
        listed = [str(name) for name in (value if isinstance(value, list) else [value])]
    elif not chosen:
        listed = ["previous"]
    found: dict[str, str] = {}
    for name in listed:
        blobs = resolve(scope, name)
        called = _name_of(scope, blobs) if name in SCOPE_NAMES else name
        if len(blobs) == 1 and called is not None and called != blobs[0].name:
            found[blobs[0].name] = called
    return found


def _name_of(scope: Scope, blobs: tuple[Blob, ...]) -> str | None:
    """The last name in a scope that stands for the blobs."""
    names = reversed(scope.frame.names.items())
    return next((name for name, each in names if each.blobs == blobs and not each.absent), None)
