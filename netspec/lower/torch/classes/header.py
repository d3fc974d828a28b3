"""The docstring of the file and its main guard."""

import textwrap
from collections.abc import Iterator

from netspec._version import __version__
from netspec.graph import Blob, Graph, Phase, Size
from netspec.graph.meanings import meaningful, sources
from netspec.graph.sizes import multiple
from netspec.lower.options import TorchOptions as Options
from netspec.lower.torch.code import (
    Assign,
    Attribute,
    Block,
    Brackets,
    Call,
    Do,
    Expr,
    Name,
    Statement,
    call,
    method,
)
from netspec.lower.torch.python.layout import WIDTH
from netspec.lower.torch.structure.wiring import results
from netspec.printable import printable, printable_lines

MAIN_SIZE = 224
"""What stands for a height or width that the spec leaves open, in the main guard."""
MAIN_VOLUME_SIZE = 64
"""The same where there is a depth besides."""


def docstring(graph: Graph) -> tuple[str, ...]:
    """The lines of the docstring."""
    found = []
    doc = printable_lines(graph.doc.strip()) if graph.doc else f"{graph.name}."
    # The first line stands behind the quotes.
    opening, *paragraphs = doc.split("\n")
    found += textwrap.wrap(opening, WIDTH, initial_indent='"""') or ['"""']
    for paragraph in paragraphs:
        found += textwrap.wrap(paragraph, WIDTH) or [""]
    found[0] = found[0].removeprefix('"""')
    found.append("")
    if graph.source:
        found += textwrap.wrap(f"Source: {printable_lines(graph.source)}", WIDTH)
    facts = " ".join(_facts(graph))
    for line in [facts] if len(facts) <= WIDTH else _facts(graph):
        found += textwrap.wrap(line, WIDTH)
    # One line however long it is: scripts look for it.
    found.append(_origin(graph))
    first, *rest = map(_escaped, found)
    return (_apart(first), *rest)


def class_docstring(doc: str | None) -> tuple[str, ...]:
    """The lines of a class's docstring after what the spec says of a block; none for none."""
    text = printable(" ".join((doc or "").split()))
    lines = textwrap.wrap(text, WIDTH - len('    """ """ '))
    if len(lines) == 1:
        # A formatter keeps a quotation mark from running into those that close.
        return (_apart(_escaped(text)) + " " * text.endswith('"'),)
    return (_apart(_escaped(lines[0])), *map(_escaped, lines[1:]), "") if lines else ()


def _apart(line: str) -> str:
    """The first line of a docstring: a quotation mark must not run into those that open it."""
    return f" {line}" if line.startswith('"') else line


def _escaped(line: str) -> str:
    return line.replace("\\", "\\\\").replace('"""', r"\"\"\"")


def _facts(graph: Graph) -> Iterator[str]:
    for title, blobs in (("Input", graph.inputs), ("Output", results(graph))):
        shown = "; ".join(f"{graph.result_name(blob)}, {_shape(blob)}" for blob in blobs)
        yield f"{title}{'s' * (len(blobs) > 1)}: {shown}."
    yield f"{graph.params:,} parameter{'s' * (graph.params != 1)}, {macs_text(graph.macs)}."


def _shape(blob: Blob) -> str:
    sizes = str(blob.shape).replace("×", " x ")
    return f"{sizes} ({blob.phase} only)" if blob.phase else sizes


def macs_text(macs: Size) -> str:
    """A count in the unit that papers use.

    >>> macs_text(11513626624), macs_text(714188480), macs_text(2293000)
    ('11.51 GMACs', '714.2 MMACs', '2.293 MMACs')
    """
    if not isinstance(macs, int):
        return f"{macs} MACs"
    if macs < 10**6:
        return f"{macs:,} MACs"
    unit, name = (10**9, "GMACs") if macs >= 10**9 else (10**6, "MMACs")
    return f"{macs / unit:.4g} {name}"


def _origin(graph: Graph) -> str:
    variant = f", variant {graph.name}" if graph.name != graph.class_name else ""
    digest = f" (sha256 {graph.digest[:12]})" if graph.digest else ""
    where = f" from {graph.spec}{variant}" if graph.spec else ""
    where += f" with {graph.overrides}" if graph.overrides else ""
    return f"Written by netspec {__version__}{where}{digest}."


def main_guard(graph: Graph, options: Options) -> tuple[Statement, ...]:
    """One forward pass, and the shapes that it gives."""
    blobs = [blob for blob in graph.inputs if blob.phase is None]
    numbers = sources(graph, meaningful(graph))
    examples = [_example(blob, blob.name in numbers) for blob in blobs]
    result = Call(Name("model"), call("_", *examples).arguments)
    used = [blob for blob in graph.results if blob.phase is not Phase.TRAIN]
    if len(used) == 1:
        show: tuple[Statement, ...] = (Do(call("print", Attribute(result, "shape"))),)
    else:
        show = (Assign(("results",), result), _each_shape(options))
    context = Block("with", call("torch.inference_mode"), show)
    made = call(graph.class_name)
    model = call("for_inference", made) if options.inference else method(made, "eval")
    return Assign(("model",), model), context


def _each_shape(options: Options) -> Block:
    shape = Name("result.shape")
    if options.tuple_outputs:
        return Block("for", Name("result in results"), (Do(call("print", shape)),))
    line = Do(call("print", Name("name"), shape))
    return Block("for", Name("name, result in results.items()"), (line,))


def _example(blob: Blob, is_number: bool) -> Expr:
    """An input; zeros where it holds numbers of items or of classes, which not any value is."""
    extent = MAIN_VOLUME_SIZE if blob.shape.rank == 5 else MAIN_SIZE
    sizes = [
        _example_size(size, 1 if axis == 0 else extent) for axis, size in enumerate(blob.shape)
    ]
    shown = tuple(Name(str(size)) for size in sizes)
    if blob.type.dtype == "float32":
        return call("torch.zeros" if is_number else "torch.randn", *shown)
    shape = Brackets("()", shown)
    return call("torch.zeros", shape, dtype=Name(f"torch.{blob.type.dtype}"))


def _example_size(size: Size, extent: int) -> int:
    """A number for a size; a symbolic one is near `extent`, or 1 for the batch."""
    if isinstance(size, int):
        return size
    factor, _ = multiple(size) or (1, "")
    return -(-extent // factor) * factor
