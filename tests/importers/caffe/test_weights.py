"""A Caffe network's blobs as parameters of its spec: which, in which order, and what isn't so."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netspec.caffe_files import spec_with_weights, tree_of
from netspec.diagnostics import Diagnostics, SourceText, SpecError
from netspec.diagnostics.render import render_text
from netspec.importers.caffe.network import Asked
from netspec.lower.weights import Weights
from tests.importers.caffe.caffemodels import blob, net

DATA = 'input: "data" input_shape { dim: 2 dim: 3 dim: 8 dim: 8 }\n'
FC = (
    'layer { name: "ip" type: "InnerProduct" bottom: "data" top: "ip"\n'
    "  inner_product_param { num_output: 4 } }\n"
)
CONV = (
    'layer { name: "c/1" type: "Convolution" bottom: "data" top: "c"\n'
    "  convolution_param { num_output: 4 kernel_size: 3 pad: 1 bias_term: false } }\n"
)
NORM = 'layer { name: "bn" type: "BatchNorm" bottom: "c" top: "c" }\n'
SCALE = (
    'layer { name: "scale" type: "Scale" bottom: "c" top: "c" scale_param { bias_term: true } }\n'
)
RANDOM = np.random.default_rng(0)


def drawn(*shape: int) -> np.ndarray[Any, Any]:
    return RANDOM.standard_normal(shape).astype(np.float32)


def imported(
    folder: Path, text: str, /, flat: bool = True, **layers: Any
) -> tuple[Weights, list[str]]:
    """The weights of a text's network and of its layers' blobs, and what is warned of."""
    path = folder / "net.caffemodel"
    path.write_bytes(net(**{name: [blob(each) for each in each] for name, each in layers.items()}))
    diagnostics = Diagnostics()
    tree = tree_of(SourceText("net.prototxt", DATA + text), diagnostics)
    _, made = spec_with_weights(tree, Asked(), "net", diagnostics, flat=flat, model=path)
    assert made is not None
    return made.values, [render_text(each) for each in diagnostics.sorted()]


def refused(folder: Path, text: str, /, **layers: Any) -> str:
    with pytest.raises(SpecError) as found:
        imported(folder, text, **layers)
    return str(found.value)


def test_as_they_are(tmp_path: Path) -> None:
    weight, bias = drawn(4, 192), drawn(4)
    weights, told = imported(tmp_path, FC, ip=[weight, bias])
    assert not told
    np.testing.assert_array_equal(weights["ip.weight"], weight)
    np.testing.assert_array_equal(weights["ip.bias"], bias)


def test_axes_of_size_one_in_front(tmp_path: Path) -> None:
    weight, bias = drawn(4, 192), drawn(4)
    old: dict[str, Any] = {"ip": [weight.reshape(1, 1, 4, 192), bias.reshape(1, 1, 1, 4)]}
    weights, _ = imported(tmp_path, FC, **old)
    np.testing.assert_array_equal(weights["ip.weight"], weight)
    np.testing.assert_array_equal(weights["ip.bias"], bias)


def test_a_transposed_product_stays_so(tmp_path: Path) -> None:
    text = FC.replace("num_output: 4", "num_output: 4 transpose: true")
    weight = drawn(192, 4)
    weights, _ = imported(tmp_path, text, ip=[weight, drawn(4)])
    np.testing.assert_array_equal(weights["ip.weight"], weight)


def test_batch_norm_and_the_scale_behind_it_are_one(tmp_path: Path) -> None:
    mean, var, gamma, beta = drawn(4), drawn(4) ** 2, drawn(4), drawn(4)
    held: dict[str, Any] = {
        "c/1": [drawn(4, 3, 3, 3)],
        "bn": [3 * mean, 3 * var, [3.0]],
        "scale": [gamma, beta],
    }
    weights, told = imported(tmp_path, CONV + NORM + SCALE, **held)
    assert not told
    np.testing.assert_allclose(weights["bn.running_mean"], mean, rtol=1e-6)
    np.testing.assert_allclose(weights["bn.running_var"], var, rtol=1e-6)
    np.testing.assert_array_equal(weights["bn.weight"], gamma)
    np.testing.assert_array_equal(weights["bn.bias"], beta)
    assert weights["bn.num_batches_tracked"] == 0
    np.testing.assert_array_equal(weights["c_1.weight"], held["c/1"][0])


def test_batch_norm_by_itself(tmp_path: Path) -> None:
    weights, _ = imported(tmp_path, CONV + NORM, bn=[drawn(4), drawn(4), [0.0]])
    assert "bn.weight" not in weights
    np.testing.assert_array_equal(weights["bn.running_mean"], np.zeros(4))
    np.testing.assert_array_equal(weights["bn.running_var"], np.zeros(4))


def test_the_batch_norm_of_forks(tmp_path: Path) -> None:
    """Four blobs of four axes each: scale, shift, mean, variance."""
    text = 'layer { name: "bn" type: "BN" bottom: "data" top: "bn" }'
    four = [drawn(1, 3, 1, 1) for _ in range(4)]
    weights, _ = imported(tmp_path, text, bn=four)
    for name, each in zip(("weight", "bias", "running_mean", "running_var"), four, strict=True):
        np.testing.assert_array_equal(weights[f"bn.{name}"], each.reshape(3))


def test_names_within_blocks(tmp_path: Path) -> None:
    """A spec of blocks has other paths than the flat one: the same weights go there."""
    held: dict[str, Any] = {}
    text, bottom = "", "data"
    for number in range(4):
        for name in (f"{number}a", f"{number}b", f"{number}c"):
            text += (
                f'layer {{ name: "u{name}" type: "Convolution" bottom: "{bottom}" top: "u{name}"\n'
                "  convolution_param { num_output: 3 kernel_size: 1 } }\n"
                f'layer {{ name: "r{name}" type: "ReLU" bottom: "u{name}" top: "u{name}" }}\n'
            )
            bottom = f"u{name}"
            held[bottom] = [drawn(3, 3, 1, 1), drawn(3)]
    flat, _ = imported(tmp_path, text, **held)
    nested, _ = imported(tmp_path, text, flat=False, **held)
    assert list(flat) != list(nested)
    for one, other in zip(flat, nested, strict=True):
        np.testing.assert_array_equal(flat[one], nested[other])


def test_shared_blobs(tmp_path: Path) -> None:
    text = "".join(
        FC.replace('"ip"', f'"{name}"').replace(
            "inner_product_param", 'param { name: "w" } param { name: "b" } inner_product_param'
        )
        for name in ("one", "two")
    )
    weight, bias = drawn(4, 192), drawn(4)
    weights, _ = imported(tmp_path, text, one=[weight, bias], two=[weight, bias])
    np.testing.assert_array_equal(weights["two.weight"], weight)


def test_layers_that_one_side_lacks(tmp_path: Path) -> None:
    weights, told = imported(
        tmp_path, CONV + NORM + FC, ip=[drawn(4, 192), drawn(4)], old=[drawn(2)]
    )
    assert told == [
        "warning[weights-filled]: filled `c_1.weight`, `bn.running_mean`, `bn.running_var` "
        "from the fillers: the weights lack their layers\n",
        "warning[weights-unused]: left out the weights of `old`: the network has no such layers\n",
    ]
    assert weights["c_1.weight"].std() > 0


def test_shapes_that_differ(tmp_path: Path) -> None:
    assert refused(tmp_path, FC, ip=[drawn(10, 192), drawn(10)]) == (
        "error[weights-shape]: blob 0 of `ip` is 10×192 in the weights, but `ip.weight` is 4×192\n"
        " --> net.prototxt:2:15\n"
        "  |\n"
        '2 | layer { name: "ip" type: "InnerProduct" bottom: "data" top: "ip"\n'
        "  |               ^^^^\n"
        "  = help: Caffe matches layers by name: under another name it is filled anew\n"
    )
    said = refused(tmp_path, CONV + NORM, bn=[drawn(4), drawn(4), drawn(4)])
    assert said.startswith(
        "error[weights-shape]: blob 2 of `bn` is 4 in the weights, but what a BatchNorm's "
        "statistics are divided by is a single number\n"
    )


def test_counts_that_differ(tmp_path: Path) -> None:
    said = refused(tmp_path, FC, ip=[drawn(4, 192)])
    assert said.startswith(
        "error[weights-missing]: `ip` has 1 blob in the weights, but InnerProduct `ip` is made of 2"
    )
    said = refused(tmp_path, CONV, **{"c/1": [drawn(4, 3, 3, 3), drawn(4)]})
    assert said.startswith(
        "error[weights-extra]: `c/1` has 2 blobs in the weights, but Convolution `c_1` is made of 1"
    )


def test_all_that_is_wrong_is_told(tmp_path: Path) -> None:
    held = {"ip": [drawn(4, 192)], "c/1": [drawn(4, 3, 3, 3), drawn(4)]}
    said = refused(tmp_path, CONV + FC, **held)
    assert said.count("error[") == 2


def test_weights_of_another_network(tmp_path: Path) -> None:
    assert refused(tmp_path, FC, other=[drawn(4)]) == (
        "error[weights-missing]: the weights are of other layers: `other`\n"
        "  = help: Caffe matches layers by name; are they of this network?\n"
    )


STEPS = """
input: "s" input_shape { dim: 3 dim: 2 dim: 5 }
input: "cont" input_shape { dim: 3 dim: 2 }
input: "still" input_shape { dim: 2 dim: 6 }
layer { name: "x" type: "KIND" bottom: "s" bottom: "cont" bottom: "still" top: "x"
  recurrent_param { num_output: 4 } }
"""


@pytest.mark.parametrize("flat", [True, False])
def test_a_recurrent_layer(tmp_path: Path, flat: bool) -> None:
    """Each product has a blob, all steps the first one's; an LSTM's rows stay i, f, o, g."""
    inputs, bias, still, states = drawn(16, 5), drawn(16), drawn(16, 6), drawn(16, 4)
    blobs = [inputs, bias, still, states]
    weights, said = imported(tmp_path, STEPS.replace("KIND", "LSTM"), flat=flat, x=blobs)
    assert said == []
    assert list(weights) == [
        "x_gates.weight", "x_gates.bias", "x_static.weight", "x_first.hidden.weight"
    ]  # fmt: skip
    for found, given in zip(weights.values(), blobs, strict=True):
        np.testing.assert_array_equal(found, given)


def test_what_an_rnn_gives_is_a_product_of_its_own(tmp_path: Path) -> None:
    blobs = [drawn(4, 5), drawn(4), drawn(4, 6), drawn(4, 4), drawn(4, 4), drawn(4)]
    weights, _ = imported(tmp_path, STEPS.replace("KIND", "RNN"), x=blobs)
    assert list(weights)[-2:] == ["x_projected.weight", "x_projected.bias"]
    for found, given in zip(weights.values(), blobs, strict=True):
        np.testing.assert_array_equal(found, given)
    blobs[3] = drawn(4, 5)
    assert "blob 3 of `x` is 4×5 in the weights, but `x_first.hidden.weight` is 4×4" in refused(
        tmp_path, STEPS.replace("KIND", "RNN"), x=blobs
    )
