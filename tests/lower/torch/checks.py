"""What every emitted PyTorch source must stand."""

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from netspec.graph import Blob, Graph, Phase, Size
from netspec.lower.torch import instrumented, to_source, to_torch

torch.set_num_threads(1)

OPEN_SIZE = 33
"""What stands for a symbolic height or width."""


def ruff(command: Sequence[str], source: str) -> str:
    """What ruff, with its default settings, says or makes of a source."""
    program = [sys.executable, "-m", "ruff", *command, "--isolated", "-"]
    done = subprocess.run(program, input=source, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def check_text(source: str) -> None:
    """As a formatter leaves it, and clean under a linter's defaults."""
    assert ruff(["format"], source) == source
    assert ruff(["check", "--quiet"], source) == ""


def examples(graph: Graph, batch: int = 2) -> list[Tensor]:
    """Random inputs, in the order of `forward`; those of the TRAIN phase left out."""
    known = {graph.inputs[0].shape[0]: batch} if graph.inputs[0].shape else {}
    return [_example(blob, known) for blob in graph.inputs if blob.phase is None]


def _example(blob: Blob, known: Mapping[Size, int]) -> Tensor:
    """Symbolic sizes are open, but for the first axis's of the first input."""
    sizes = (s if isinstance(s, int) else known.get(s, OPEN_SIZE) for s in blob.shape)
    made = torch.randn(tuple(sizes))
    if blob.type.dtype.startswith("int"):
        return (made > 0).to(getattr(torch, blob.type.dtype))
    return made > -1 if blob.type.dtype == "bool" else made


def checked_source(graph: Graph) -> str:
    """The graph's source, which keeps every promise that can be checked on any graph.

    It is formatted and clean; the state_dict has the names, shapes and order of the graph's
    parameters; every layer gives the predicted shape; both ways of building give the same module.
    """
    source = to_source(graph)
    check_text(source)
    model = to_torch(graph)
    expected = {parameter.name: parameter.shape for parameter in graph.parameters}
    found = {name: tuple(value.shape) for name, value in model.state_dict().items()}
    assert list(found.items()) == list(expected.items())
    check_trainable(graph, model)
    check_init(type(model))
    check_shapes(graph)
    bare = to_torch(graph, init=False).eval()
    bare.load_state_dict(model.state_dict())
    inputs = examples(graph)
    assert_same(bare(*inputs), model.eval()(*inputs))
    check_backward(model.train()(*inputs))
    return source


def check_backward(results: Any) -> None:
    """A pass back, which fails if a layer has written over what another's gradient needs."""
    if isinstance(results, dict):
        results = tuple(results.values())
    for tensor in results if isinstance(results, tuple) else [results]:
        if tensor.requires_grad:
            tensor.sum().backward(retain_graph=True)


def check_trainable(graph: Graph, model: nn.Module) -> None:
    """Frozen weights are frozen, shared ones are one tensor."""
    for parameter in graph.parameters:
        if not parameter.buffer:
            tensor = model.get_parameter(parameter.name)
            owner = next(p for p in graph.parameters if p.name == parameter.owner)
            assert tensor is model.get_parameter(parameter.owner)
            assert tensor.requires_grad == owner.trainable, parameter.name


def check_shapes(graph: Graph) -> None:
    """Each layer of the TEST phase gives what the graph says, in the expressions emitted."""
    watched = instrumented(graph)
    watched.model.eval()(*examples(graph))
    blobs = watched.blobs
    tops = [blob for node in graph.phase(Phase.TEST).nodes for blob in node.tops]
    assert list(blobs) == [blob.name for blob in tops]
    for blob in tops:
        for ours, real in zip(blob.shape, blobs[blob.name].shape, strict=True):
            assert ours == real or not isinstance(ours, int), blob.name


def assert_same(one: Any, other: Any) -> None:
    """Equal results, by name where there are several; a logarithm may give no number in both."""
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        for name in one:
            torch.testing.assert_close(one[name], other[name], equal_nan=True)
    else:
        torch.testing.assert_close(one, other, equal_nan=True)


def check_init(network: Callable[[], Any]) -> None:
    """A module made without memory, given some and filled, is one that its constructor filled."""
    fresh = network()
    if not hasattr(fresh, "init_weights"):
        assert not list(fresh.parameters())
        return
    # What a class holds itself and doesn't fill again is a constant of the spec.
    constants = [
        name
        for name, _ in fresh.named_buffers()
        if not hasattr(fresh.get_submodule(name.rpartition(".")[0]), "reset_parameters")
    ]
    with torch.device("meta"):
        model = network()
    model.to_empty(device="cpu")
    spoil(model)
    for name in constants:
        model.get_buffer(name).copy_(fresh.get_buffer(name))
    for each in (fresh, model):
        torch.manual_seed(0)
        each.init_weights()
    expected, found = tensors(fresh), tensors(model)
    assert found.keys() == expected.keys()
    for name, tensor in expected.items():
        assert torch.equal(found[name], tensor), name
        assert found[name].requires_grad == tensor.requires_grad, name
    assert _together(found) == _together(expected)


def _together(found: Mapping[str, Tensor]) -> list[list[str]]:
    """The names of each tensor."""
    names: dict[int, list[str]] = {}
    for name, tensor in found.items():
        names.setdefault(id(tensor), []).append(name)
    return list(names.values())


def tensors(model: nn.Module) -> dict[str, Tensor]:
    """All that a module holds, those that layers share under each of their names."""
    parameters = model.named_parameters(remove_duplicate=False)
    return {**dict(parameters), **dict(model.named_buffers(remove_duplicate=False))}


def spoil(model: nn.Module) -> None:
    """What memory may hold before anybody fills it."""
    with torch.no_grad():
        for tensor in tensors(model).values():
            tensor.fill_(float("nan") if tensor.is_floating_point() else -1)
