"""A layer's weights beside what it reads."""

import pytest

from tests.checking import HEAD, IMAGE, check, good


@pytest.mark.parametrize(
    ("dtype", "help"),
    [
        (
            "float16",
            "leave the network's input float32; `compile --dtype float16` makes the whole ONNX "
            "file float16",
        ),
        ("float64", "leave the network's input float32"),
    ],
)
def test_weights_of_one_type_on_a_bottom_of_another(dtype: str, help: str) -> None:
    check(
        HEAD
        + f"""inputs: {{data: {{shape: [N, 3, 16, 16], dtype: {dtype}}}}}
layers:
  - {{name: relu, type: ReLU}}
  - {{name: conv, type: Convolution, num_output: 2, kernel_size: 3, bottom: «relu}}
  - {{name: fc, type: InnerProduct, num_output: 2}}
""",
        ("wrong-type", f"Convolution's weights are float32, but relu holds {dtype}", help),
    )


def test_without_weights_any_floating_type_will_do() -> None:
    net = good(HEAD + "inputs: {x: {shape: [N, 3], dtype: float16}}\nlayers: [{type: ReLU}]\n")
    assert net.nodes[0].tops[0].type.dtype == "float16"


def test_what_a_mistaken_repeat_gives_is_not_counted() -> None:
    check(
        IMAGE
        + """layers:
  - {name: a, type: ReLU, bottom: data, repeat: $«x}
  - {name: product, type: MatMul, bottom: a.*}
""",
        ("unknown-name", "nothing here is called `x`"),
    )


@pytest.mark.parametrize(
    ("entry", "bottom", "help"),
    [
        (
            "name: s, type: Slice, axis: 2, slice_point: 10, top: [x, y]",
            "s",
            "`type: Upsample, bottom: [x, y]` gives `x` the size of `y`",
        ),
        (
            "name: s, type: Pooling, kernel_size: $(i + 1), bottom: input, repeat: 2",
            "s.*",
            "`type: Crop, bottom: [s.0, s.1]` gives `s.0` the size of `s.1`",
        ),
    ],
)
def test_several_blobs_of_one_name_are_called_by_their_own(
    entry: str, bottom: str, help: str
) -> None:
    text = f"""blocks:
  b:
    layers:
      - {{{entry}}}
      - {{name: sum, type: Eltwise, bottom: «{bottom}}}
layers: [{{name: here, type: b}}]
"""
    check(IMAGE + text, ("shape-mismatch", "Eltwise needs equal shapes, but ", help))
