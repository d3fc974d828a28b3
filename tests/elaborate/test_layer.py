"""A layer's weights beside what it reads."""

import pytest

from tests.checking import HEAD, check, good


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
