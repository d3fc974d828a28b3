"""What several tests of stock networks need."""

from contextlib import suppress
from importlib.util import find_spec
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def models() -> ModuleType:
    """`torchvision.models`; skips where torchvision isn't installed.

    It imports without its compiled operators, which not every build of PyTorch can load, once the
    two that it asks about are declared.
    """
    torch = pytest.importorskip("torch")
    if find_spec("torchvision") is None:
        pytest.skip("torchvision isn't installed")
    library = torch.library.Library("torchvision", "FRAGMENT")
    for operator in ("nms", "qnms"):
        with suppress(RuntimeError):  # the compiled ones are there
            library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    from torchvision import models

    assert isinstance(models, ModuleType)
    return models
