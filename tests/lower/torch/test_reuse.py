"""A module that is applied again to bottoms of other sizes."""

import pytest
import torch

import netspec
from tests.lower.torch.checks import checked_source

TWO_SIZES = """
netspec: 1
name: Heads
inputs: {{large: [N, 4, 9, 8], small: [N, 4, 6, 4]}}
blocks:
  head:
    layers:
      - {{name: conv, type: Convolution, num_output: 4, kernel_size: 1}}
      - {{name: out, {}}}
layers:
  - {{name: one, type: head, bottom: large}}
  - {{name: two, reuse: one, bottom: small}}
outputs: [one, two]
"""


@pytest.mark.parametrize(
    ("layer", "code"),
    [
        ("type: Reshape, shape: [0, -1, 4]", "x.reshape(x.shape[0], -1, 4)"),
        ("type: Reshape, shape: [0, 0, -1]", "x.reshape(x.shape[0], 4, -1)"),
        ("type: Pooling, kernel_size: 3, stride: 2, round_mode: CEIL", "ceil_mode=True"),
        ("type: Pooling, pool: AVE, global_pooling: true", "nn.AdaptiveAvgPool2d(1)"),
    ],
)
def test_its_code_is_right_for_each_size(layer: str, code: str) -> None:
    graph = netspec.loads(TWO_SIZES.format(layer))
    assert code in checked_source(graph)
    model = graph.to_torch().eval()
    found = model(torch.rand(3, 4, 9, 8), torch.rand(3, 4, 6, 4))
    for name, shape in graph.outputs.items():
        assert [*found[name].shape] == [3, *shape[1:]]


def test_code_that_has_a_size_in_it_is_refused() -> None:
    layer = "type: FractionalMaxPooling, kernel_size: 2, output_ratio: 0.6"
    graph = netspec.loads(TWO_SIZES.format(layer))
    with pytest.raises(netspec.SpecError) as caught:
        graph.to_source("torch")
    (found,) = caught.value.diagnostics
    assert found.code == "not-lowerable"
    assert found.message == (
        "`two.out` is other code than `one.out`, whose module it reuses: on N×4×9×8 and N×4×6×4 "
        "sizes are written in it"
    )
    assert (found.help or "").endswith("or write it a second time")
