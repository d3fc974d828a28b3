"""What people do with a module: copy, pickle, trace, export, compile, move it about."""

import copy
import io
import multiprocessing
import pickle
from collections.abc import Callable
from functools import cache

import pytest
import torch
from torch import Tensor, nn

import netspec
from netspec.lower.torch import to_torch
from tests.lower.torch.checks import assert_same
from tests.lower.torch.specs import INCEPTION, RESIDUAL

SPECS = {"residual": RESIDUAL, "inception": INCEPTION}

HELPERS = """
netspec: 1
name: Helpers
inputs: {data: [N, 3, 16, 16]}
layers:
  - {type: Convolution, num_output: 4, kernel_size: 3, weight_filler: {type: bilinear}}
  - {type: ReLU}
  - {name: ip, type: InnerProduct, num_output: 5, transpose: true}
"""

CONVOLUTIONAL = """
netspec: 1
name: Dense
inputs: {data: [N, 3, H, W]}
blocks:
  unit:
    args: {channels: required}
    layers:
      - {name: conv, type: Convolution, num_output: $channels, kernel_size: 3, pad: 1,
         bias_term: false}
      - {name: bn, type: BatchNorm}
      - {name: relu, type: ReLU}
layers:
  - {name: stem, type: unit, channels: 8}
  - {name: pool, type: Pooling, kernel_size: 3, stride: 2, pad: 1}
  - {name: unit, type: unit, channels: 8, repeat: 3}
  - {name: sum, type: Eltwise, bottom: [unit, pool]}
  - {name: scores, type: Convolution, num_output: 5, kernel_size: 1}
"""


@cache
def graph(name: str) -> netspec.Graph:
    return netspec.loads({**SPECS, "helpers": HELPERS, "dense": CONVOLUTIONAL}[name])


def network(name: str) -> nn.Module:
    return to_torch(graph(name))


def image(name: str, batch: int = 2) -> Tensor:
    size = 32 if name == "inception" else 16
    return torch.randn(batch, 3, size, size)


def pickled(model: nn.Module) -> nn.Module:
    copied = pickle.loads(pickle.dumps(model))
    assert isinstance(copied, nn.Module)
    return copied


def saved(model: nn.Module) -> nn.Module:
    file = io.BytesIO()
    torch.save(model, file)
    file.seek(0)
    copied = torch.load(file, weights_only=False)
    assert isinstance(copied, nn.Module)
    return copied


@pytest.mark.parametrize("name", [*SPECS, "helpers"])
@pytest.mark.parametrize("way", [copy.deepcopy, pickled, saved])
def test_copies(name: str, way: Callable[[nn.Module], nn.Module]) -> None:
    model = network(name)
    model.register_buffer("extra", torch.ones(2))
    copied = way(model)
    assert type(copied) is type(model)
    assert [*copied.state_dict()] == [*model.state_dict()]
    data = image(name)
    assert_same(copied.eval()(data), model.eval()(data))
    next(copied.parameters()).data.zero_()
    assert next(model.parameters()).any()


def test_a_part_can_be_copied() -> None:
    block = network("residual").get_submodule("layer2.0").eval()
    data = torch.randn(1, 4, 8, 8)
    torch.testing.assert_close(pickled(block)(data), block(data))


def outputs(model: nn.Module, data: Tensor) -> Tensor:
    """What another process computes; it has netspec, and nothing of this one."""
    with torch.inference_mode():
        result = model.eval()(data)
    assert isinstance(result, Tensor)
    return result.clone()


@pytest.mark.slow
def test_another_process_can_read_it() -> None:
    model, data = network("residual").eval(), image("residual")
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        # As bytes of its own: torch would rather share the memory of tensors.
        found = pool.apply(unpickled_outputs, (pickle.dumps(model), data.numpy()))
    torch.testing.assert_close(torch.tensor(found), outputs(model, data))


def unpickled_outputs(model: bytes, data: object) -> object:
    return outputs(pickle.loads(model), torch.tensor(data)).numpy()


def test_without_drawing_structure_and_constants_are_the_same() -> None:
    for name in (*SPECS, "helpers"):
        full, bare = network(name), to_torch(graph(name), init=False)
        for one, other in zip(full.modules(), bare.modules(), strict=True):
            assert type(one) is type(other)
            assert one.extra_repr() == other.extra_repr()
            assert vars(one).keys() == vars(other).keys()
        for key, value in full.state_dict().items():
            found = bare.state_dict()[key]
            assert (found.shape, found.dtype) == (value.shape, value.dtype)
            if key.rpartition(".")[2] not in ("weight", "bias") or "bn" in key:
                assert torch.equal(found, value), key
        bare.register_forward_hook(lambda *_: None)
        assert not to_torch(graph(name), init=False)._forward_hooks


def test_without_drawing_type_and_device_are_those_of_now() -> None:
    to_torch(graph("residual"), init=False)
    with torch.device("meta"):
        assert {p.device.type for p in to_torch(graph("residual"), init=False).parameters()} == {
            "meta"
        }
    torch.set_default_dtype(torch.float64)
    try:
        model = to_torch(graph("residual"), init=False)
    finally:
        torch.set_default_dtype(torch.float32)
    assert {p.dtype for p in model.parameters()} == {torch.float64}


@pytest.mark.parametrize("name", SPECS)
def test_on_the_meta_device(name: str) -> None:
    with torch.device("meta"):
        model = network(name)
    with torch.device("meta"):
        assert model.eval()(image(name)).shape == (2, 10)
    model.to_empty(device="cpu")
    model.load_state_dict(network(name).state_dict())
    assert model(image(name)).shape == (2, 10)


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning")
def test_traced(name: str) -> None:
    model, data = network(name).eval(), image(name)
    traced = torch.jit.trace(model, data)
    larger = image(name, 5)
    torch.testing.assert_close(traced(larger), model(larger))


@pytest.mark.slow
@pytest.mark.parametrize("name", SPECS)
def test_exported_with_any_batch(name: str) -> None:
    model = network(name).eval()
    batch = torch.export.Dim("batch", min=1, max=64)
    exported = torch.export.export(model, (image(name),), dynamic_shapes=({0: batch},))
    larger = image(name, 5)
    torch.testing.assert_close(exported.module()(larger), model(larger))


@pytest.mark.slow
def test_exported_with_any_height_and_width() -> None:
    model = network("dense").eval()
    height = torch.export.Dim("height", min=8, max=256)
    width = torch.export.Dim("width", min=8, max=256)
    shapes = ({2: height, 3: width},)
    exported = torch.export.export(model, (torch.randn(2, 3, 16, 24),), dynamic_shapes=shapes)
    data = torch.randn(2, 3, 33, 17)
    torch.testing.assert_close(exported.module()(data), model(data))


def test_any_height_and_width() -> None:
    model = network("dense").eval()
    assert model(torch.randn(1, 3, 33, 17)).shape == (1, 5, 17, 9)
    assert model(torch.randn(3, 3, 64, 8)).shape == (3, 5, 32, 4)


@pytest.mark.slow
@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("name", SPECS)
def test_compiled_as_one_graph(name: str, training: bool) -> None:
    torch._dynamo.reset()
    model, data = network(name).train(training), image(name)
    found = torch.compile(copy.deepcopy(model), fullgraph=True, backend="eager")(data)
    assert_same(found, model(data))


@pytest.mark.parametrize("name", SPECS)
def test_channels_last(name: str) -> None:
    model, data = network(name).eval(), image(name)
    expected = model(data)
    last = nn.utils.convert_conv2d_weight_memory_format(model, torch.channels_last)
    torch.testing.assert_close(last(data.to(memory_format=torch.channels_last)), expected)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("name", SPECS)
def test_autocast(name: str, training: bool) -> None:
    model, data = network(name).train(training), image(name)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        result = model(data)
    scores = result["fc"] if isinstance(result, dict) else result
    assert scores.dtype == torch.bfloat16
    scores.float().sum().backward()
    gradient = next(model.parameters()).grad
    assert gradient is not None
    assert gradient.isfinite().all()
