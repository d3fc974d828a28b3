"""The options of targets, in Python."""

from collections.abc import Callable
from dataclasses import MISSING, fields
from inspect import signature
from typing import Any

import pytest

import netspec
from netspec.lower.onnx.options import Options as OnnxOptions
from netspec.lower.options import SafetensorsOptions, TorchOptions

Network = netspec.Network


def defaults(kind: type[Any]) -> dict[str, Any]:
    return {each.name: each.default for each in fields(kind)}


@pytest.mark.parametrize(
    ("method", "kind", "further"),
    [
        (Network.to_source, TorchOptions, {"target"}),
        (
            Network.to_torch,
            TorchOptions,
            {"init", "weights", "weights_prefix", "fresh", "seed"},
        ),
        (Network.to_onnx, OnnxOptions, {"path"}),
    ],
)
def test_the_options_are_keywords_in_python(
    method: Callable[..., Any], kind: type[Any], further: set[str]
) -> None:
    """They stand in the signatures as well, where type checkers and editors find them."""
    parameters = dict(signature(method).parameters)
    for name in ("self", *further):
        del parameters[name]
    assert {name: each.default for name, each in parameters.items()} == defaults(kind)


def test_every_option_says_what_it_is_unless_said() -> None:
    for kind in (TorchOptions, OnnxOptions, SafetensorsOptions):
        assert MISSING not in defaults(kind).values()
        assert kind() == kind(**defaults(kind))
