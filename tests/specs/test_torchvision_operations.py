"""Stock networks that torchvision has compute just as its models do, and so cost the same.

PyTorch is asked for each operation that it runs, forth and back, on which sizes and in what order
in memory. That's exact where a clock isn't, and needs no numbers: it runs on the meta device.
"""

from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from tests.specs.measuring import stock
from tests.specs.parity import heads, theirs_on_meta
from tests.specs.test_torchvision import NAMES

Operation = tuple[str, tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]]
"""An operator of ATen's, and the shape and strides of each tensor that it gives."""

SIZE = 64
QUICK = {"alexnet_owt", "googlenet_bn", "mobilenet_v3_small", "resnet18", "vgg11_bn"}
"""Those that are run whenever tests are; the others with the slow ones."""


class Recorder(TorchDispatchMode):
    """Within this context every operation is recorded."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.operations: list[Operation] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        given = func(*args, **(kwargs or {}))
        tensors = (each for each in tree_leaves(given) if isinstance(each, Tensor))
        layout = tuple((tuple(each.shape), each.stride()) for each in tensors)
        self.operations.append((str(func), layout))
        return given


def evaluated(model: nn.Module) -> list[Operation]:
    recorder = Recorder()
    with recorder, torch.no_grad():
        model.eval()(torch.empty(2, 3, SIZE, SIZE, device="meta"))
    return recorder.operations


def trained(model: nn.Module) -> list[Operation]:
    """Forth and back, all heads included."""
    recorder = Recorder()
    with recorder:
        results = model.train()(torch.empty(2, 3, SIZE, SIZE, device="meta"))
        torch.stack([scores.sum() for scores in heads(results)]).sum().backward()
    return recorder.operations


def emitted(name: str, **options: Any) -> nn.Module:
    with torch.device("meta"):
        return stock(name).to_torch(**options)


def last(model: nn.Module) -> nn.Module:
    """Channels-last by hand."""
    return nn.utils.convert_conv2d_weight_memory_format(model, torch.channels_last)


def fused(model: nn.Module) -> nn.Module:
    """For inference by hand: every BatchNorm folded, channels-last."""
    for inner in [*model.eval().modules()]:
        for (name, conv), (other, norm) in pairwise([*inner.named_children()]):
            if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                setattr(inner, name, fuse_conv_bn_eval(conv, norm))
                setattr(inner, other, nn.Identity())
    return last(model)


FORMS: dict[str, tuple[dict[str, bool], Callable[[nn.Module], nn.Module]]] = {
    "plain": ({}, lambda model: model),
    "channels-last": ({"channels_last": True}, last),
}


SOME = [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in NAMES]


def alike(name: str, operations: list[Operation]) -> list[Operation]:
    """The operations, in place or not where the two write over other results: torchvision's
    rectifier of a squeeze-and-excitation keeps what it reads, its sum behind stochastic depth
    doesn't.
    """
    if not name.startswith(("mobilenet", "efficientnet", "regnet")):
        return operations
    return [(operator.replace("_.", "."), layout) for operator, layout in operations]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", SOME)
def test_forward_and_training_run_the_same_operations(
    models: ModuleType, name: str, form: str
) -> None:
    options, by_hand = FORMS[form]
    ours, theirs = emitted(name, **options), by_hand(theirs_on_meta(models, name))
    assert alike(name, evaluated(ours)) == alike(name, evaluated(theirs))
    if name.startswith("efficientnet"):
        return  # torchvision draws for each sample in another shape, and wouldn't for a ratio of 0
    found, expected = alike(name, trained(ours)), alike(name, trained(theirs))
    if "googlenet" in name:  # whose heads run elsewhere among its layers
        assert Counter(found) == Counter(expected)
    else:
        assert found == expected


@pytest.mark.parametrize("name", SOME)
def test_the_form_for_inference_runs_the_same_operations(models: ModuleType, name: str) -> None:
    found, expected = (
        evaluated(emitted(name, inference=True)),
        evaluated(fused(theirs_on_meta(models, name))),
    )
    assert alike(name, found) == alike(name, expected)
