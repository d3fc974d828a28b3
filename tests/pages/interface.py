"""Every public name of the Python interface, with its signature and what its docstring says.

`docs/python.md` is made of it:

    python -m tests.pages.interface
"""

import ast
import inspect
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from textwrap import dedent
from typing import Any

from netspec import public
from netspec.analysis.depth import depth
from netspec.analysis.difference.facts import Change, Move
from netspec.analysis.difference.result import Difference
from netspec.analysis.memory.budget import largest_batch
from netspec.analysis.memory.passes import Peak
from netspec.analysis.memory.report import Memory
from netspec.analysis.receptive import ReceptiveField, receptive_fields
from netspec.analysis.roofline import Bound, Device, bound, together
from netspec.analysis.saved import Saved, saved
from netspec.analysis.traffic import Traffic, traffic
from netspec.devices import device
from netspec.graph.types import TensorType
from netspec.graph.work import Work
from netspec.plots.plot import Plot
from netspec.recipes import learning_rate, read_recipe
from netspec.view.picture import Picture

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "python.md"
WIDTH = 100

SECTIONS: dict[str, list[Any]] = {
    "Functions": [
        public.load,
        public.loads,
        public.family,
        public.sweep,
        public.diff,
        public.plot_sweep,
        public.plot_runs,
        public.train,
    ],
    "Networks": [
        public.Network,
        public.Family,
        public.Node,
        public.Blob,
        public.Parameter,
        public.Shape,
        public.SymbolicSize,
        public.Phase,
    ],
    "What they answer": [
        TensorType,
        Work,
        Memory,
        Peak,
        ReceptiveField,
        Device,
        Bound,
        Traffic,
        Saved,
        Difference,
        Change,
        Move,
        Picture,
        Plot,
    ],
    "Mistakes": [
        public.SpecError,
        public.SpecWarning,
        public.Diagnostic,
        public.Severity,
        public.Span,
    ],
    "In modules of their own": [
        receptive_fields,
        depth,
        largest_batch,
        saved,
        device,
        traffic,
        bound,
        together,
        read_recipe,
        learning_rate,
    ],
}
"""What the page tells of, in its order."""

INSIDE = {
    "Network": {
        "pieces",
        "unmade",
        "with_nodes",
        "formulas",
        "input_formulas",
        "left_out",
        "alike",
        "root",
    },
    "Family": {"member"},
    "Node": {"times", "written"},
    "Parameter": {"counts_batches"},
    "TensorType": {"plane", "windows"},
    "Work": {"weighed"},
    "Device": {"rate"},
    "Span": {"span", "key", "part"},
    "Picture": {"scene", "drawing", "content"},
    "Plot": {"content"},
    "SymbolicSize": {"terms"},
}
"""What is public to netspec's own modules alone, and may change."""

TYPES = {
    "Size": "an `int`, or a [`SymbolicSize`](#symbolicsize) where it depends on an open one",
    "Graph": "another name of [`Network`](#network)",
    "Operator": "a layer as the spec has it: its type, and its fields by their names",
    "Filler": "how a parameter begins: its type, and its values by the spec's names",
    "SourceText": "a text, and the name that the user knows it by: `netspec.diagnostics.SourceText"
    "(name, text)`",
    "Recipe": "a recipe: its [keys](recipes.md#keys) by their names",
    "By": 'what bounds a time: `"compute"` or `"memory"`',
    "Number": "an `int`, or a `Fraction`",
    "Both": "a pair: what it is in the one network, and in the other",
    "Value": "a figure: a number, a `Size` or a text",
}
"""The types that signatures name and that have no section."""

_INTRODUCTION = """\
# The Python interface

```python
import netspec

net = netspec.load("resnet50")
```

`import netspec` gives the names of the sections [Functions](#functions), [Networks](#networks) and
[Mistakes](#mistakes); what is [in modules of their own](#in-modules-of-their-own) is imported from
there. `netspec.__version__` is the version, as text. All data are frozen, and shapes are
batch first. What is wrong with a spec, or with a file beside it, is a [`SpecError`](#specerror);
what is wrong with a call, a `TypeError` or a `ValueError` in the caller's words. PyTorch and ONNX
are imported by the calls that need them.

<!-- Made from the docstrings by `make pages`. -->
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A function, a method or a property."""

    name: str
    tree: ast.FunctionDef

    @property
    def doc(self) -> str | None:
        return ast.get_docstring(self.tree)

    @property
    def is_property(self) -> bool:
        marks = {ast.unparse(mark) for mark in self.tree.decorator_list}
        return bool(marks & {"property", "cached_property"})

    @property
    def parameters(self) -> list[ast.arg]:
        given = self.tree.args
        every = [*given.args, *given.kwonlyargs, *filter(None, [given.vararg, given.kwarg])]
        return [each for each in every if each.arg not in ("self", "cls")]

    @property
    def returns(self) -> str:
        return _type(self.tree.returns)

    def signature(self, called: str) -> str:
        """How it is called, on a line or on as many as it has parameters."""
        arguments = list(_arguments(self.tree.args))
        line = f"{called}({', '.join(arguments)}) -> {self.returns}"
        if len(line) <= WIDTH:
            return line
        listed = "".join(f"    {each},\n" for each in arguments)
        return f"{called}(\n{listed}) -> {self.returns}"


def entry(function: Any) -> Entry:
    """A function of a module."""
    (tree,) = ast.parse(dedent(inspect.getsource(function))).body
    assert isinstance(tree, ast.FunctionDef)
    return Entry(tree.name, tree)


def members(kind: type) -> dict[str, Entry | str]:
    """What a class has for its users: methods and properties, and the types of its fields."""
    found: dict[str, Entry | str] = {}
    for each in reversed([each for each in kind.__mro__ if each.__module__.startswith("netspec")]):
        (tree,) = ast.parse(dedent(inspect.getsource(each))).body
        assert isinstance(tree, ast.ClassDef)
        for node in tree.body:
            if isinstance(node, ast.AnnAssign):
                found[ast.unparse(node.target)] = _type(node.annotation)
            elif isinstance(node, ast.Assign) and issubclass(kind, Enum):
                found[ast.unparse(node.targets[0])] = _value(node.value)
            elif isinstance(node, ast.FunctionDef):
                found[node.name] = Entry(node.name, node)
    hidden = INSIDE.get(kind.__name__, set())
    return {
        name: each
        for name, each in found.items()
        if name == "__call__" or not (name.startswith("_") or name in hidden)
    }


def _arguments(given: ast.arguments) -> Iterator[str]:
    """The parameters as they are written."""
    plain = [each for each in given.args if each.arg not in ("self", "cls")]
    without = len(plain) - len(given.defaults)
    for number, each in enumerate(plain):
        yield _argument(each, given.defaults[number - without] if number >= without else None)
    if given.vararg:
        yield f"*{_argument(given.vararg, None)}"
    elif given.kwonlyargs:
        yield "*"
    for each, default in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        yield _argument(each, default)
    if given.kwarg:
        yield f"**{_argument(given.kwarg, None)}"


def _argument(each: ast.arg, default: ast.expr | None) -> str:
    text = f"{each.arg}: {_type(each.annotation)}"
    return text if default is None else f"{text} = {_value(default)}"


def _value(default: ast.expr) -> str:
    return ast.unparse(default).replace("'", '"')


def _type(annotation: ast.expr | None) -> str:
    """An annotation without the quotes of those that are read later."""
    if annotation is None:
        return "Any"
    text = ast.unparse(annotation)
    return text.replace('"', "").replace("'", '"' if text.startswith("Literal") else "")


def page() -> str:
    """The page."""
    types = [f"| `{name}` | {each} |" for name, each in TYPES.items()]
    parts = [_INTRODUCTION, "\n".join(["| type | is |", "|---|---|", *types, ""])]
    for title, things in SECTIONS.items():
        parts.append(f"## {title}\n")
        parts += [_class(each) if isinstance(each, type) else _function(each) for each in things]
    return "\n".join(parts)


def place(function: Any) -> str:
    """Where a function is imported from, and its name: the outermost package that gives it."""
    name, parts = function.__name__, function.__module__.split(".")
    modules = [".".join(parts[: number + 1]) for number in range(len(parts))]
    given = next(each for each in modules if getattr(sys.modules[each], name, None) is function)
    return name if given == "netspec" else f"{given}.{name}"


def _function(function: Any) -> str:
    told = entry(function)
    return (
        f"### {place(function)}\n\n{_code(told.signature(told.name))}\n\n{prose(told.doc or '')}\n"
    )


def _class(kind: type) -> str:
    every = members(kind)
    is_what = " = " if issubclass(kind, Enum) else ": "
    fields = [f"    {name}{is_what}{each}" for name, each in every.items() if isinstance(each, str)]
    parts = [f"### {kind.__name__}"]
    if fields:
        parts.append(_code("\n".join([f"class {kind.__name__}:", *fields])))
    parts.append(prose(inspect.cleandoc(kind.__doc__ or "")))
    told = [each for each in every.values() if isinstance(each, Entry)]
    if properties := [each for each in told if each.is_property]:
        rows = [f"| `{e.name}` | {_cell(e)} | {_line(e.doc)} |" for e in properties]
        parts.append("\n".join(["| property | type | is |", "|---|---|---|", *rows]))
    for each in told:
        if not each.is_property:
            called = "family" if each.name == "__call__" else f".{each.name}"
            parts.append(f"#### {kind.__name__}{called.removeprefix('family') or ' as a function'}")
            parts += [_code(each.signature(called)), prose(each.doc or "")]
    return "\n\n".join(parts) + "\n"


def _cell(told: Entry) -> str:
    return f"`{told.returns}`".replace("|", "\\|")


def _line(doc: str | None) -> str:
    return " ".join((doc or "").split()).replace("|", "\\|")


def _code(text: str) -> str:
    return f"```python\n{text}\n```"


def prose(doc: str) -> str:
    """A docstring as Markdown: examples are blocks."""
    parts = [
        f"```pycon\n{part}\n```" if part.startswith(">>> ") else part for part in doc.split("\n\n")
    ]
    return "\n\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
