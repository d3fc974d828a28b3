"""What several tests of stock networks need."""

from types import ModuleType

import pytest

from tests.specs.parity import torchvision_models


@pytest.fixture(scope="session")
def models() -> ModuleType:
    """`torchvision.models`; skips where torchvision isn't installed."""
    models = torchvision_models()
    if models is None:
        pytest.skip("torchvision isn't installed")
    return models
