"""Classes and functions that PyTorch lacks: the emitted file defines them before it needs them."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from netspec.resources import codegen_dir

FOLDER = "helpers"

IMPORTED = {
    "torch": "import torch",
    "F": "import torch.nn.functional as F",
    "nn": "from torch import nn",
    "Tensor": "from torch import Tensor",
    "Any": "from typing import Any",
    "Sequence": "from collections.abc import Sequence",
    "pairwise": "from itertools import pairwise",
    "fuse_conv_bn_eval": "from torch.nn.utils.fusion import fuse_conv_bn_eval",
    "fuse_conv_bn_weights": "from torch.nn.utils.fusion import fuse_conv_bn_weights",
}
"""What the emitted file imports, by name; a helper may import it again."""


NEEDED = {
    "detection_output": "suppress_overlaps",
    "multi_box_loss": "match_priors",
    "proposals": "suppress_overlaps",
}
"""Helpers that call another, by their names."""


@dataclass(frozen=True, order=True, slots=True)
class Helper:
    """What layers call by `name`; `text` is its source, empty for a template of netspec's own."""

    name: str
    text: str = ""

    @property
    def template(self) -> str:
        """The path of the template."""
        return f"{FOLDER}/{self.name}.py.j2"

    @property
    def definitions(self) -> Mapping[str, str]:
        """What each name means that the file has by it; equal texts mean the same."""
        return definitions(self.text or (codegen_dir() / "torch" / self.template).read_text())


@cache
def definitions(text: str) -> Mapping[str, str]:
    """The names that a source gives a meaning, and these; SyntaxError if it is no Python."""
    return dict(_defined(ast.parse(text).body))


def names(helpers: Iterable[Helper]) -> frozenset[str]:
    """All names that these helpers take in the emitted file."""
    return frozenset(name for helper in helpers for name in helper.definitions)


def _defined(statements: Iterable[ast.stmt]) -> Iterator[tuple[str, str]]:
    for each in statements:
        match each:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name, ast.unparse(each)
            case ast.ClassDef(name=name):
                yield name, ast.unparse(each)
            case ast.Import(names=aliases):
                for alias in aliases:
                    name = alias.asname or alias.name.partition(".")[0]
                    yield name, ast.unparse(ast.Import([alias]))
            case ast.ImportFrom(names=aliases):
                for alias in aliases:
                    whole = ast.ImportFrom(each.module, [alias], each.level)
                    yield alias.asname or alias.name, ast.unparse(whole)
            case _:
                for node in ast.walk(each):
                    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                        yield node.id, ast.unparse(each)
