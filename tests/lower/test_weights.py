"""Weights of a whole network: fresh, given, and what is said of given ones that don't fit."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from netspec.diagnostics import SpecError
from netspec.graph import Filler, Graph, Phase
from netspec.layers.inner_product import InnerProduct
from netspec.layers.normalization import BatchNorm
from netspec.lower.weights import Weights, fresh, given
from tests.graphs import Builder, N, chain


def network() -> Graph:
    builder = Builder()
    fc = builder.layer("fc", InnerProduct(num_output=4), builder.input("data", N, 3))
    bn = builder.layer("bn", BatchNorm(), fc)
    aux = builder.layer("aux", InnerProduct(num_output=2), fc, phase=Phase.TRAIN)
    return builder.graph(aux, bn)


def sharing() -> Graph:
    builder = Builder()
    layer = InnerProduct(num_output=3, weight_filler=Filler(type="gaussian"))
    blob = builder.layer("one", layer, builder.input("data", N, 3))
    return builder.graph(builder.layer("two", layer, blob, share="one"))


def arrays(graph: Graph) -> dict[str, Any]:
    return {name: np.array(values) for name, values in fresh(graph).items()}


def messages(graph: Graph, source: Any) -> list[tuple[str, str]]:
    with pytest.raises(SpecError) as caught:
        given(graph, source)
    return [(each.code, each.message) for each in caught.value.diagnostics]


def assert_same(actual: Weights, expected: Any) -> None:
    for name, values in expected.items():
        np.testing.assert_array_equal(actual[name], values, strict=True)


class TestFresh:
    def test_every_parameter_of_both_phases_in_order(self) -> None:
        weights = fresh(network())
        assert list(weights) == [
            "fc.weight",
            "fc.bias",
            "bn.weight",
            "bn.bias",
            "bn.running_mean",
            "bn.running_var",
            "bn.num_batches_tracked",
            "aux.weight",
            "aux.bias",
        ]
        assert len(weights) == 9
        assert weights["bn.running_var"].tolist() == [1] * 4
        assert weights["bn.num_batches_tracked"].dtype == np.int64
        assert "other" not in weights

    def test_another_layer_changes_nothing(self) -> None:
        layer = InnerProduct(num_output=3)
        short, long = fresh(chain((N, 3), layer)), fresh(chain((N, 3), layer, layer))
        assert_same(long, short)

    def test_shared_parameters_have_the_owners_values(self) -> None:
        weights = fresh(sharing())
        np.testing.assert_array_equal(weights["one.weight"], weights["two.weight"])

    def test_the_owner_may_stand_in_the_other_phase(self) -> None:
        builder = Builder()
        data = builder.input("data", N, 3)
        layer = InnerProduct(num_output=3)
        train = builder.layer("one", layer, data, phase=Phase.TRAIN)
        test = builder.layer("two", layer, data, phase=Phase.TEST, share="one")
        graph = builder.graph(train, test)
        alone = fresh(graph.phase(Phase.TEST))
        assert_same(alone, {name: fresh(graph)[name] for name in alone})


class TestGiven:
    def test_arrays(self) -> None:
        expected = arrays(network())
        assert_same(given(network(), expected), expected)

    def test_other_dtypes_and_orders_are_converted(self) -> None:
        expected = arrays(network())
        source = expected | {
            "fc.weight": np.asfortranarray(expected["fc.weight"].astype(np.float64)),
            "fc.bias": expected["fc.bias"].tolist(),
            "aux.bias": torch.from_numpy(expected["aux.bias"]).bfloat16().requires_grad_(),
        }
        weights = given(network(), source)
        assert_same(weights, expected)
        assert weights["fc.weight"].flags.c_contiguous

    def test_a_module_and_its_state_dict(self) -> None:
        module = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4))
        builder = Builder()
        fc = builder.layer("0", InnerProduct(num_output=4), builder.input("data", N, 3))
        graph = builder.graph(builder.layer("1", BatchNorm(), fc))
        expected = {name: tensor.numpy() for name, tensor in module.state_dict().items()}
        assert_same(given(graph, module), expected)
        assert_same(given(graph, module.state_dict()), expected)

    def test_the_train_phase_and_batch_counters_may_be_missing(self) -> None:
        source = arrays(network())
        for name in ("aux.weight", "aux.bias", "bn.num_batches_tracked"):
            del source[name]
        weights = given(network(), source)
        assert weights["bn.num_batches_tracked"] == 0
        assert "aux.weight" not in weights

    @pytest.mark.parametrize("dropped", ["one", "two"])
    def test_one_entry_is_enough_for_shared_parameters(self, dropped: str) -> None:
        expected = arrays(sharing())
        source = {name: each for name, each in expected.items() if not name.startswith(dropped)}
        assert_same(given(sharing(), source), expected)

    def test_entries_for_shared_parameters_must_be_equal(self) -> None:
        source = arrays(sharing())
        source["one.bias"][0] = np.nan
        source["two.bias"] = source["one.bias"].astype(np.float64)
        assert_same(given(sharing(), source), source | {"two.bias": source["one.bias"]})
        source["two.weight"] = source["two.weight"] + 1
        assert messages(sharing(), source) == [
            (
                "weights-differ",
                "`one.weight` and `two.weight` share their values, but the weights have different "
                "ones for them",
            )
        ]

    def test_all_misfits_are_named(self) -> None:
        source = arrays(network())
        del source["fc.bias"], source["bn.running_mean"]
        source |= {
            "fc.weight": np.zeros((3, 4)),
            "aux.bias": np.float32(1),
            "fc2.weight": np.zeros(1),
            "head": np.zeros(1),
        }
        assert messages(network(), source) == [
            ("weights-missing", "the weights lack `fc.bias`, `bn.running_mean`"),
            (
                "weights-extra",
                "the weights hold `fc2.weight`, `head`, which the network doesn't have",
            ),
            (
                "weights-shape",
                "weights of another shape: fc.weight is 3×4, not 4×3; aux.bias is scalar, not 2",
            ),
        ]

    @pytest.mark.parametrize("make", [np.array, torch.DoubleTensor], ids=["array", "tensor"])
    def test_what_is_too_large_is_refused(self, make: Callable[..., Any]) -> None:
        values = make([1, -1e300, 1, 1])
        weights = given(network(), arrays(network()) | {"fc.bias": values})
        with pytest.raises(SpecError) as caught:
            weights["fc.bias"]
        (diagnostic,) = caught.value.diagnostics
        assert diagnostic.code == "weights-format"
        assert diagnostic.message == "`fc.bias` holds values too large for float32"

    def test_what_is_infinite_stays_so(self) -> None:
        values = np.array([np.inf, -np.inf, np.nan, 1])
        weights = given(network(), arrays(network()) | {"fc.bias": values})
        np.testing.assert_array_equal(weights["fc.bias"], values.astype(np.float32), strict=True)

    @pytest.mark.parametrize("value", ["text", 1j])
    def test_what_is_no_number_is_refused(self, value: object) -> None:
        source = arrays(network()) | {"fc.bias": np.array([value] * 4)}
        weights = given(network(), source)
        with pytest.raises(
            SpecError, match=r"the weights' `fc\.bias` holds .*, which can't become"
        ):
            weights["fc.bias"]

    @pytest.mark.parametrize(
        ("value", "reason"),
        [
            (torch.zeros(4, device="meta"), "Cannot copy out of meta tensor; no data!"),
            (torch.ones(4).to_sparse(), "can't convert Sparse layout tensor to numpy"),
            ([[1.0, 2.0], [3.0]], "setting an array element with a sequence"),
        ],
        ids=["meta", "sparse", "ragged"],
    )
    def test_what_is_no_array_is_refused(self, value: object, reason: str) -> None:
        with pytest.raises(SpecError) as caught:
            given(network(), arrays(network()) | {"fc.bias": value})["fc.bias"]
        (diagnostic,) = caught.value.diagnostics
        assert diagnostic.code == "weights-format"
        assert diagnostic.message == f"the weights' `fc.bias` can't be read: {reason}"

    def test_a_file(self, tmp_path: Path) -> None:
        expected = arrays(network())
        path = tmp_path / "w.npz"
        np.savez(path, **expected)
        assert_same(given(network(), path), expected)
        assert_same(given(network(), str(path)), expected)
