"""What can be said of a document as a whole, before anything is elaborated."""

from collections.abc import Iterator
from keyword import iskeyword

from netspec.diagnostics import Diagnostics, Span
from netspec.diagnostics.codes import CODES, ERRORS, WARNINGS
from netspec.diagnostics.suggest import did_you_mean
from netspec.elaborate.fields import KnownTypes
from netspec.language.document import Block, Document, Entry
from netspec.language.keys import RESERVED_KEYS, VARIANT_KEYS
from netspec.language.names import (
    CLASS_NAMES,
    FORWARD_NAMES,
    helper_names,
    identifier_like,
    is_identifier,
    problem,
    value_problem,
)
from netspec.language.values import Field
from netspec.source import Mapping, Sequence


def check_document(document: Document, types: KnownTypes, diagnostics: Diagnostics) -> None:
    """Names of inputs, vars, variants and blocks; args; codes in `allow`; blocks without end."""
    for name, each in document.inputs.items():
        _check_name(name, "an input's name is an identifier", each.key.span, diagnostics)
        if name in document.vars:
            message = f"`{name}` is the name of a var as well"
            diagnostics.error("name-conflict", message, each.key.span)
    for name, field in document.vars.items():
        _check_value_name(name, "the name of a var is an identifier", field, diagnostics)
        if name in VARIANT_KEYS:
            message = f"in a variant `{name}` says what the network is; a var needs another name"
            diagnostics.error("name-conflict", message, field.key_span)
    for name, variant in document.variants.items():
        if not is_identifier(name):
            diagnostics.error("bad-name", "a variant's name is an identifier", variant.key.span)
    for block in document.blocks.values():
        _check_block(block, types, diagnostics)
    if "reserved-name" not in document.allow:
        _check_source_names(document, diagnostics)
    _check_cycles(document, diagnostics)
    _check_allow(document, diagnostics)


def _check_source_names(document: Document, diagnostics: Diagnostics) -> None:
    """Warn of names that the user counts on and that PyTorch source needs for something else."""
    node, name = document.top.get("name"), document.name
    certain = CLASS_NAMES | {each for each in helper_names() if each.islower()}
    if node is not None and name in certain | helper_names():
        needs = "means something else in its" if name in certain else "may be a class of its"
        message = f"the network is called `{name}`, which {needs} PyTorch source"
        help = "give the spec another `name`, if it is to be compiled to that"
        diagnostics.warning("reserved-name", message, node.span, help=help)
    for name, each in document.inputs.items():
        if name in FORWARD_NAMES | helper_names():
            needs = "means" if name in FORWARD_NAMES else "may mean"
            message = f"an input is called `{name}`, which {needs} something else in PyTorch source"
            help = f"call it `{name}_`, if the network is to be compiled to that"
            diagnostics.warning("reserved-name", message, each.key.span, help=help)


def _check_name(name: str, rule: str, span: Span, diagnostics: Diagnostics) -> None:
    wrong = problem(name)
    if wrong is not None or not is_identifier(name):
        reason, help = wrong or (rule, identifier_like(name))
        diagnostics.error("bad-name", reason, span, help=help)


def _check_value_name(name: str, rule: str, field: Field, diagnostics: Diagnostics) -> None:
    """A name that expressions use, but no module has."""
    wrong = value_problem(name, rule)
    if wrong is not None:
        diagnostics.error("bad-name", wrong[0], field.key_span, help=wrong[1])


def _check_block(block: Block, types: KnownTypes, diagnostics: Diagnostics) -> None:
    key = block.key
    if block.name in types.catalogue:
        message = f"`{block.name}` is a built-in layer type; a block needs another name"
        diagnostics.error("name-conflict", message, key.span)
    elif not is_identifier(block.name):
        diagnostics.error("bad-name", "a block's name is an identifier", key.span)
    elif iskeyword(block.name):
        message = f"`{block.name}` is a keyword of Python"
        diagnostics.error("bad-name", message, key.span, help=f"say `{block.name}_`")
    if not block.layers and not block.bad:
        diagnostics.error("bad-value", f"block `{block.name}` has no layers", key.span)
    for name, default in block.args.items():
        if name in RESERVED_KEYS:
            message = f"`{name}` is a key of every entry; an arg needs another name"
            diagnostics.error("name-conflict", message, default.key_span)
        else:
            _check_value_name(name, "an arg's name is an identifier", default, diagnostics)
    for number, name in enumerate(block.inputs or ()):
        listed = block.node.get("inputs")
        place = listed.items[number] if isinstance(listed, Sequence) else key
        if name in block.args or name in (block.inputs or ())[:number]:
            message = f"`{name}` is the name of another arg or input of the block"
            diagnostics.error("duplicate-name", message, place.span)
        else:
            _check_name(name, "an input's name is an identifier", place.span, diagnostics)


def _check_cycles(document: Document, diagnostics: Diagnostics) -> None:
    """Blocks that contain themselves whatever their args are."""
    done: set[str] = set()
    for start in document.blocks:
        path = {start: None}
        stack = [_certain(document.blocks[start].layers)] if start not in done else []
        while stack:
            kind = next(stack[-1], None)
            if kind is None:
                stack.pop()
                done.add(path.popitem()[0])
                continue
            inner = kind.compiled
            if inner in path:
                names = list(path)
                cycle = [*names[names.index(inner) :], inner]
                message = f"block `{inner}` contains itself: {' → '.join(cycle)}"
                help = "give the inner one a `when` that becomes false"
                diagnostics.error("block-cycle", message, kind.span, help=help)
            elif inner in document.blocks and inner not in done:
                path[inner] = None
                stack.append(_certain(document.blocks[inner].layers))


def _certain(entries: tuple[Entry, ...]) -> Iterator[Field]:
    """The types of entries that are there in any case."""
    for entry in entries:
        repeat = entry.repeat.compiled if entry.repeat is not None else 1
        if "when" in entry.fields or entry.instances is not None or not isinstance(repeat, int):
            continue
        if entry.varied & {"when", "type"}:
            continue
        if repeat > 0 and entry.body is not None:
            yield from _certain(entry.body)
        elif repeat > 0 and isinstance(_type(entry), str):
            yield entry.fields["type"]


def _type(entry: Entry) -> object:
    return entry.fields["type"].compiled if "type" in entry.fields else None


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
