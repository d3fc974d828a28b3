"""PyTorch's tools that look into modules, each as a function that gives what it makes of one.

What comes back is called as the module is; None where the tool gives something else to use, which
has then been run once.
"""

import copy
import pickle
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from netspec import Graph
from netspec.graph import Phase, Size
from netspec.graph.sizes import multiple

PAGE = Path(__file__).parents[3] / "docs" / "pytorch.md"
Model = Callable[..., Any]

LEAST = 8
"""Of heights and widths in export: with less, some pooling's top would have one element."""


@dataclass(frozen=True)
class Case:
    """A module in a phase, the inputs of that phase in the order of `forward`, and its graph."""

    model: nn.Module
    inputs: tuple[Tensor, ...]
    graph: Graph


def symbolic_trace(case: Case) -> Model:
    return torch.fx.symbolic_trace(case.model)


def feature_extraction(case: Case) -> None:
    declare_torchvision()
    from torchvision.models import feature_extraction as tool

    train, evaluated = tool.get_graph_node_names(case.model)
    names = {"train_return_nodes": train[-1:], "eval_return_nodes": evaluated[-1:]}
    tool.create_feature_extractor(case.model, **names).train(case.model.training)(*case.inputs)


def declare_torchvision() -> None:
    """Let torchvision be imported without its compiled operators; skips where there is none."""
    if find_spec("torchvision") is None:
        pytest.skip("torchvision isn't installed")
    for operator in ("nms", "qnms"):
        with suppress(RuntimeError):  # it is there
            _LIBRARY.define(
                f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
            )


_LIBRARY = torch.library.Library("torchvision", "FRAGMENT")


def prepare_fx(case: Case) -> None:
    from torch.ao import quantization as q
    from torch.ao.quantization import quantize_fx

    if case.model.training:
        mapping = q.get_default_qat_qconfig_mapping()
        mapping.set_object_type(nn.Embedding, q.default_embedding_qat_qconfig)
        prepared = quantize_fx.prepare_qat_fx(case.model, mapping, case.inputs)
    else:
        mapping = q.get_default_qconfig_mapping()
        prepared = quantize_fx.prepare_fx(case.model, mapping, case.inputs)
    prepared(*case.inputs)


def jit_trace(case: Case) -> Model:
    traced: Model = torch.jit.trace(case.model, case.inputs, strict=False, check_trace=False)
    return traced


def jit_script(case: Case) -> Model:
    scripted: Model = torch.jit.script(case.model)
    return scripted


def export(case: Case) -> Model:
    exported = torch.export.export(case.model, case.inputs, dynamic_shapes=_dynamic(case))
    return exported.module()


def _dynamic(case: Case) -> tuple[dict[int, Any], ...]:
    """The symbolic sizes of the spec, by axis, for each input."""
    known: dict[Size, Any] = {}
    shapes = []
    for blob, _ in zip(ordered(case.graph), case.inputs, strict=False):
        axes = {n: size for n, size in enumerate(blob.shape) if not isinstance(size, int)}
        for size in axes.values():
            factor, name = multiple(size) or (1, str(size))
            least = LEAST if name in "HW" and factor == 1 else 2
            symbol = torch.export.Dim(name, min=least, max=64)
            known.setdefault(size, factor * symbol if factor > 1 else symbol)
        shapes.append({axis: known[size] for axis, size in axes.items()})
    return tuple(shapes)


def ordered(graph: Graph) -> list[Any]:
    """The inputs in the order of `forward`."""
    return sorted(graph.inputs, key=lambda blob: blob.phase is Phase.TRAIN)


def compiled(case: Case) -> Model:
    torch._dynamo.reset()
    made: Model = torch.compile(case.model, backend="aot_eager", fullgraph=True)
    return made


def functional_call(case: Case) -> Model:
    state = {**dict(case.model.named_parameters()), **dict(case.model.named_buffers())}
    return lambda *inputs: torch.func.functional_call(case.model, state, inputs)


def checkpoint(case: Case) -> Model:
    from torch.utils.checkpoint import checkpoint as tool

    return lambda *inputs: tool(case.model, *inputs, use_reentrant=False)


def deepcopy(case: Case) -> Model:
    return copy.deepcopy(case.model)


def pickled(case: Case) -> Model:
    again: Model = pickle.loads(pickle.dumps(case.model))
    return again


TOOLS: Mapping[str, Callable[[Case], Model | None]] = {
    "symbolic_trace": symbolic_trace,
    "feature_extraction": feature_extraction,
    "prepare_fx": prepare_fx,
    "jit.trace": jit_trace,
    "jit.script": jit_script,
    "export": export,
    "compile": compiled,
    "functional_call": functional_call,
    "checkpoint": checkpoint,
    "deepcopy": deepcopy,
    "pickle": pickled,
}

ROW = re.compile(r"\| `([\w.]+)` \| `(\w+)` \| (TEST|TRAIN) \| (.+) \|")


def limits() -> dict[tuple[str, str, Phase], str]:
    """What the page says that a tool can't do: by the tool, the layer and the phase."""
    rows = ROW.findall(PAGE.read_text(encoding="utf-8"))
    return {(tool, layer, Phase(phase)): words for tool, layer, phase, words in rows}


@contextmanager
def quiet() -> Iterator[None]:
    """Without the warnings of tools about themselves and about the sizes that tracing fixes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
