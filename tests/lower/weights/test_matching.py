"""Weights of a whole network: fresh, given, and what is said of given ones that don't fit."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
import torch

from netspec.diagnostics import SpecError
from netspec.graph import Graph, Phase
from netspec.graph.fillers import Filler
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

    @pytest.mark.parametrize(
        ("values", "kind"),
        [
            (np.array(["text"] * 4), "str128"),
            (np.full(4, 1j), "complex128"),
            (np.ones(4, bool), "bool"),
            (np.ones(4, np.int64), "int64"),
            ([0, 1, 2, 3], "int64"),
            (np.ones(4, ml_dtypes.float8_e4m3fn), "float8_e4m3fn"),
            (torch.ones(4, dtype=torch.bool), "bool"),
            (torch.ones(4, dtype=torch.uint8), "uint8"),
            (torch.ones(4).to(torch.float8_e5m2), "float8_e5m2"),
            (torch.ones(4, dtype=torch.complex64), "complex64"),
        ],
        ids=str,
    )
    def test_weights_of_no_floating_point_type_are_refused(self, values: Any, kind: str) -> None:
        assert messages(network(), arrays(network()) | {"fc.bias": values}) == [
            ("weights-format", f"weights of another type: fc.bias is {kind}, not float32")
        ]

    @pytest.mark.parametrize("value", [np.float32(1), np.bool_(True), torch.tensor(1.0)], ids=str)
    def test_a_counter_is_an_integer(self, value: Any) -> None:
        source = arrays(network()) | {"bn.num_batches_tracked": value}
        ((code, message),) = messages(network(), source)
        assert code == "weights-format"
        assert message.startswith("weights of another type: bn.num_batches_tracked is ")

    @pytest.mark.parametrize("dtype", [np.int32, np.uint8])
    def test_a_counter_of_another_size_is_converted(self, dtype: Any) -> None:
        source = arrays(network()) | {"bn.num_batches_tracked": dtype(7)}
        assert_same(given(network(), source), source | {"bn.num_batches_tracked": np.array(7)})

    @pytest.mark.parametrize(
        ("value", "reason"),
        [
            (torch.zeros(4, device="meta"), "it lies on the meta device, without values"),
            (torch.ones(4).to_sparse(), "it is sparse (sparse_coo)"),
            ([[1.0, 2.0], [3.0]], "setting an array element with a sequence"),
        ],
        ids=["meta", "sparse", "ragged"],
    )
    def test_what_has_no_values_is_refused(self, value: object, reason: str) -> None:
        assert messages(network(), arrays(network()) | {"fc.bias": value}) == [
            ("weights-format", f"the weights' `fc.bias` can't be read: {reason}")
        ]

    @pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")
    def test_a_quantized_tensor_is_refused(self) -> None:
        value = torch.quantize_per_tensor(torch.ones(4), 0.1, 0, torch.qint8)
        assert messages(network(), arrays(network()) | {"fc.bias": value}) == [
            (
                "weights-format",
                "the weights' `fc.bias` can't be read: it is quantized (qint8)",
            )
        ]

    def test_all_of_a_module_without_values(self) -> None:
        module = torch.nn.ModuleDict(
            {
                "fc": torch.nn.Linear(3, 4, device="meta"),
                "bn": torch.nn.BatchNorm1d(4, device="meta"),
            }
        )
        ((code, message),) = messages(network(), module)
        assert code == "weights-format"
        assert message == (
            "the weights' `fc.weight`, `fc.bias`, `bn.weight`, `bn.bias`, `bn.running_mean` and 2 "
            "more can't be read: it lies on the meta device, without values"
        )

    def test_bfloat16_as_numpy_reads_it_back(self) -> None:
        expected = np.array([1, -2, 0.5, 3], ml_dtypes.bfloat16)
        source = arrays(network()) | {"fc.bias": expected.view("V2")}
        np.testing.assert_array_equal(
            given(network(), source)["fc.bias"], expected.astype(np.float32), strict=True
        )

    def test_a_subclass_and_a_view_of_a_tensor(self) -> None:
        weight = torch.arange(12.0).reshape(3, 4).T
        source = arrays(network()) | {
            "fc.weight": torch.nn.Parameter(weight),
            "fc.bias": torch.full((1,), 2.0).expand(4),
        }
        found = given(network(), source)
        np.testing.assert_array_equal(found["fc.weight"], weight.numpy(), strict=True)
        np.testing.assert_array_equal(found["fc.bias"], np.full(4, 2, np.float32), strict=True)

    def test_what_is_no_number_stays_so(self) -> None:
        source = arrays(network()) | {"fc.bias": torch.full((4,), torch.nan)}
        assert np.isnan(given(network(), source)["fc.bias"]).all()

    @pytest.mark.parametrize(
        "source",
        [3, [np.zeros(3)], torch.nn.Linear, object()],
        ids=lambda source: type(source).__name__,
    )
    def test_what_is_no_source(self, source: Any) -> None:
        with pytest.raises(TypeError, match="weights are a file, a mapping of arrays or tensors,"):
            given(network(), source)

    def test_a_file(self, tmp_path: Path) -> None:
        expected = arrays(network())
        path = tmp_path / "w.npz"
        np.savez(path, **expected)
        assert_same(given(network(), path), expected)
        assert_same(given(network(), str(path)), expected)


class TestReport:
    """Long lists are cut, and what may be the matter is said."""

    def helps(self, source: Any, graph: Graph | None = None) -> list[tuple[str, str | None]]:
        with pytest.raises(SpecError) as caught:
            given(graph or network(), source)
        return [(each.message, each.help) for each in caught.value.diagnostics]

    def test_lists_are_short(self) -> None:
        graph = chain((N, 3), *[InnerProduct(num_output=3)] * 30)
        source = {f"x{i}": np.zeros(1) for i in range(100)}
        assert messages(graph, source) == [
            (
                "weights-missing",
                "the weights lack `l0.weight`, `l0.bias`, `l1.weight`, `l1.bias`, `l2.weight` "
                "and 55 more",
            ),
            (
                "weights-extra",
                "the weights hold `x0`, `x1`, `x2`, `x3`, `x4` and 95 more, which the network "
                "doesn't have",
            ),
        ]

    def test_long_names_are_cut(self) -> None:
        ((_, message),) = messages(network(), arrays(network()) | {"x" * 10_000: np.zeros(1)})
        assert len(message) < 300

    def test_many_shapes(self) -> None:
        graph = chain((N, 3), *[InnerProduct(num_output=3)] * 30)
        source = {name: values[..., :1] for name, values in arrays(graph).items()}
        ((message, help),) = self.helps(source, graph)
        assert message == (
            "weights of another shape: l0.weight is 3×1, not 3×3; l0.bias is 1, not 3; "
            "l1.weight is 3×1, not 3×3; l1.bias is 1, not 3; l2.weight is 3×1, not 3×3 "
            "and 55 more"
        )
        assert help == "are they of another variant, or of other vars?"

    def test_another_number_of_classes(self) -> None:
        source = arrays(network())
        source |= {"aux.weight": np.zeros((9, 4)), "aux.bias": np.zeros(9)}
        ((_, help),) = self.helps(source)
        assert help == (
            "fill it anew with `--fresh 'aux.*'`, or set the vars that the weights are of"
        )

    def test_a_transposed_matrix(self) -> None:
        source = arrays(network())
        source["fc.weight"] = source["fc.weight"].T
        ((_, help),) = self.helps(source)
        assert help == "they are transposed: PyTorch's order is outputs first"

    def test_another_name(self) -> None:
        source = arrays(network())
        source["bn.moving_mean"] = source.pop("bn.running_mean")
        (_, help), _ = self.helps(source)
        assert help == "is `bn.running_mean` what they call `bn.moving_mean`?"

    def test_names_that_are_wholly_others(self) -> None:
        source = {f"encoder.{name}": values for name, values in {"a": np.ones(1), "b": 1.5}.items()}
        source["encoder.b"] = np.ones(2)
        _, (_, help) = self.helps(source)
        assert help == "every name begins with `encoder.`; `--weights-prefix encoder.` takes it off"
