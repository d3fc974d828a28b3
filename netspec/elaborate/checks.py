"""What can be said of a document as a whole, before anything is elaborated."""

from collections.abc import Iterator

from netspec.diagnostics import Diagnostics
from netspec.diagnostics.codes import CODES, ERRORS, WARNINGS
from netspec.diagnostics.suggest import did_you_mean
from netspec.elaborate.fields import Types
from netspec.language.document import REQUIRED, Block, Document, Entry
from netspec.language.names import ENTRY_KEYS, is_identifier, problem
from netspec.language.values import Field
from netspec.source import Mapping, Sequence

RESERVED_ARGS = frozenset((*ENTRY_KEYS, "layers", "reuse", "scope", "outputs", "inputs"))


def check_document(document: Document, types: Types, diagnostics: Diagnostics) -> None:
    """Names of inputs, variants and blocks; args; codes in `allow`; blocks without end."""
    for name, each in document.inputs.items():
        wrong = problem(name)
        if wrong is not None or not is_identifier(name):
            reason, help = wrong or ("an input's name is an identifier", None)
            diagnostics.error("bad-name", reason, each.key.span, help=help)
        if name in document.vars:
            message = f"`{name}` is the name of a var as well"
            diagnostics.error("name-conflict", message, each.key.span)
    for name, key in document.variant_keys.items():
        if not is_identifier(name):
            diagnostics.error("bad-name", "a variant's name is an identifier", key.span)
    for block in document.blocks.values():
        _check_block(block, types, diagnostics)
    _check_cycles(document, diagnostics)
    _check_allow(document, diagnostics)


def _check_block(block: Block, types: Types, diagnostics: Diagnostics) -> None:
    if block.name in types.catalogue:
        message = f"`{block.name}` is a built-in layer type; a block needs another name"
        diagnostics.error("name-conflict", message, block.key.span)
    elif not is_identifier(block.name):
        diagnostics.error("bad-name", "a block's name is an identifier", block.key.span)
    if not block.layers:
        diagnostics.error("bad-value", f"block `{block.name}` has no layers", block.key.span)
    for name, default in block.args.items():
        span = default.key.span if default.key is not None else default.span
        if name in RESERVED_ARGS:
            message = f"`{name}` is a key of every entry; an arg needs another name"
            diagnostics.error("name-conflict", message, span)
        elif not is_identifier(name) or name in ("input", "previous"):
            diagnostics.error("bad-name", "an arg's name is an identifier", span)
        elif default.compiled is None:
            message = f"arg `{name}` has no value; one without default is `{REQUIRED}`"
            diagnostics.error("wrong-type", message, span)
    for name in block.inputs or ():
        wrong = problem(name)
        if wrong is not None or name in block.args:
            reason = wrong[0] if wrong else f"`{name}` is an arg as well"
            diagnostics.error("bad-name", reason, block.key.span)


def _check_cycles(document: Document, diagnostics: Diagnostics) -> None:
    """Blocks that contain themselves whatever their args are."""
    state: dict[str, bool] = {}

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            return
        if state.get(name):
            return
        for kind in _certain(document.blocks[name].layers):
            inner = kind.compiled
            if inner in path or inner == name:
                cycle = (*path, name)[(*path, name).index(inner) :]
                message = f"block `{inner}` contains itself: {' → '.join((*cycle, inner))}"
                help = "give the inner one a `when` that becomes false"
                diagnostics.error("block-cycle", message, kind.span, help=help)
            elif inner in document.blocks:
                visit(inner, (*path, name))
        state[name] = True

    for name in document.blocks:
        visit(name, ())


def _certain(entries: tuple[Entry, ...]) -> Iterator[Field]:
    """The types of entries that are there in any case."""
    for entry in entries:
        repeat = entry.repeat.compiled if entry.repeat is not None else 1
        if "when" in entry.fields or entry.instances is not None or not isinstance(repeat, int):
            continue
        if repeat > 0 and entry.body is not None:
            yield from _certain(entry.body)
        elif repeat > 0 and "type" in entry.fields and not entry.fields["type"].dynamic:
            yield entry.fields["type"]


def _check_allow(document: Document, diagnostics: Diagnostics) -> None:
    known = [*WARNINGS, "unused-layer"]
    for mapping in _allowing(document):
        value = mapping.get("allow")
        for item in value if isinstance(value, Sequence) else ():
            code = getattr(item, "value", None)
            if isinstance(code, str) and code not in known:
                reason = f"`{code}` can't be silenced" if code in ERRORS else f"no code `{code}`"
                help = did_you_mean(code, [each for each in CODES if each in known])
                diagnostics.error("bad-value", reason, item.span, help=help)


def _allowing(document: Document) -> Iterator[Mapping]:
    yield document.top
    for block in document.blocks.values():
        yield block.node
        yield from _entries(block.layers)
    yield from _entries(document.layers)


def _entries(entries: tuple[Entry, ...]) -> Iterator[Mapping]:
    for entry in entries:
        if "allow" in entry.node:
            yield entry.node
        yield from _entries(entry.body or ())
