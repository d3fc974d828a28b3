"""Parameters that are filled anew where the weights don't have them or don't fit."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import netspec
from netspec.diagnostics import SpecError, SpecWarning
from netspec.graph import Graph
from netspec.graph.fillers import Filler
from netspec.layers.inner_product import InnerProduct
from netspec.lower.weights import Weights, fresh, user_weights, weights_for
from tests.graphs import Builder, N
from tests.lower.weights.nets import arrays, network


def filled(graph: Graph, source: Any, patterns: Any, seed: int = 0) -> tuple[Weights, str]:
    with pytest.warns(SpecWarning) as caught:
        weights = weights_for(graph, user_weights(source, fresh=patterns), seed)
    (found,) = caught
    assert isinstance(found.message, SpecWarning)
    assert found.message.diagnostic.code == "weights-filled"
    return weights, found.message.diagnostic.message


def assert_drawn(weights: Weights, graph: Graph, names: list[str], seed: int = 0) -> None:
    for name in names:
        np.testing.assert_array_equal(weights[name], fresh(graph, seed)[name], strict=True)


@pytest.mark.parametrize("seed", [0, 3])
def test_another_number_of_classes(seed: int) -> None:
    graph = network(outputs=5)
    source = arrays() | {
        name: each for name, each in arrays(graph).items() if name.startswith(("bn.", "aux."))
    }
    weights, message = filled(graph, source, "fc.*", seed)
    assert message == (
        "filled `fc.weight` (5×3, the weights' is 4×3), `fc.bias` (5, the weights' is 4) from the "
        "fillers"
    )
    assert_drawn(weights, graph, ["fc.weight", "fc.bias"], seed)
    np.testing.assert_array_equal(weights["bn.weight"], source["bn.weight"])
    assert weights.stored("fc.weight") is None


def test_what_fits_is_taken() -> None:
    source = arrays()
    del source["fc.bias"]
    weights, message = filled(network(), source, ["fc.*"])
    assert message == "filled `fc.bias` (which the weights lack) from the fillers"
    np.testing.assert_array_equal(weights["fc.weight"], source["fc.weight"])


def test_nothing_to_fill_is_nothing_to_tell() -> None:
    weights = weights_for(network(), user_weights(arrays(), fresh=["fc.*", "*.bias"]))
    np.testing.assert_array_equal(weights["fc.weight"], arrays()["fc.weight"])


def test_what_has_no_values_or_another_type() -> None:
    source = arrays() | {
        "fc.weight": torch.zeros(4, 3, device="meta"),
        "fc.bias": np.ones(4, bool),
    }
    _, message = filled(network(), source, "fc.*")
    assert message == (
        "filled `fc.weight` (which can't be read: it lies on the meta device, without values), "
        "`fc.bias` (float32, the weights' is bool) from the fillers"
    )


def test_entries_of_a_fresh_part_that_the_network_lacks_are_passed_over() -> None:
    source = arrays() | {"fc.scale": np.ones(4)}
    weights_for(network(), user_weights(source, fresh="fc.*"))
    with pytest.raises(SpecError, match=r"the weights hold `fc\.scale`"):
        weights_for(network(), user_weights(source, fresh="bn.*"))


def test_what_no_pattern_matches_is_still_an_error() -> None:
    source = arrays() | {"fc.bias": np.zeros(9), "bn.bias": np.zeros(9)}
    with pytest.raises(SpecError) as caught:
        weights_for(network(), user_weights(source, fresh="fc.*"))
    (found,) = caught.value.diagnostics
    assert found.message == "weights of another shape: bn.bias is 9, not 4"


def test_parameters_that_share_their_values() -> None:
    builder = Builder()
    layer = InnerProduct(num_output=3, weight_filler=Filler(type="gaussian"))
    blob = builder.layer("one", layer, builder.input("data", N, 3))
    graph = builder.graph(builder.layer("two", layer, blob, share="one"))
    weights, _ = filled(graph, {}, "*")
    assert_drawn(weights, graph, ["one.weight", "two.weight"])
    source = {"two.weight": np.ones((3, 3)), "one.bias": np.ones(3)}
    weights = weights_for(graph, user_weights(source, fresh="two.*"))
    assert (weights["one.weight"] == 1).all()


@pytest.mark.parametrize(
    ("pattern", "help"), [("fd.*", None), ("fc", "all of `fc` is `fc.*`"), ("FC.*", None)]
)
def test_a_pattern_that_matches_nothing(pattern: str, help: str | None) -> None:
    with pytest.raises(SpecError) as caught:
        weights_for(network(), user_weights(arrays(), fresh=[pattern]))
    (found,) = caught.value.diagnostics
    assert found.code == "weights-fresh"
    assert found.message == f"no parameter of the network is called `{pattern}`"
    assert found.help == help


def test_the_first_step_of_everybody(tmp_path: Path) -> None:
    whole = netspec.load("lenet").to_torch()
    torch.save(whole.state_dict(), tmp_path / "lenet.pth")
    net = netspec.load("lenet", num_classes=3)
    with pytest.warns(netspec.SpecWarning, match="filled `ip2.weight`"):
        model = net.to_torch(weights=tmp_path / "lenet.pth", fresh=["ip2.*"], seed=4)
    state = model.state_dict()
    assert state["ip2.weight"].shape == (3, 500)
    assert torch.equal(state["conv1.weight"], whole.state_dict()["conv1.weight"])
    drawn = fresh(net, 4)["ip2.weight"]
    np.testing.assert_array_equal(state["ip2.weight"].numpy(), drawn, strict=True)
