"""Constants that a layer needs besides its parameters: a spec of a line can't ask for gigabytes."""

import pytest

from netspec import SpecError, loads
from netspec.lower.onnx.model import to_model
from netspec.lower.onnx.options import Options
from tests.checking import HEAD

LARGE = 2**31 - 1

TOO_LARGE = {
    "norm of a large image": (
        "[N, 3, 70000, 70000]",
        "{type: LayerNorm, axis: [2, 3], affine: false}",
    ),
    "norm of many channels": (f"[N, {LARGE}]", "{type: BatchNorm, affine: false}"),
    "nearest neighbours": (
        "[N, 1, 1, 1000]",
        f"{{type: Upsample, size: [1, {LARGE}], mode: NEAREST}}",
    ),
    "shuffled channels": (f"[N, {LARGE - 1}, 1, 1]", "{type: ChannelShuffle, group: 2}"),
    "many windows": (
        "[N, 1, 1, 2000000000]",
        "{type: Pooling, pool: AVE, output_size: [1, 1999999999]}",
    ),
    "maxima of windows": (
        "[N, 1, 3, 30000000]",
        "{type: Pooling, pool: MAX, output_size: [2, 20000001]}",
    ),
}


@pytest.mark.parametrize("name", TOO_LARGE)
def test_a_constant_that_nobody_wants_is_refused(name: str) -> None:
    shape, layer = TOO_LARGE[name]
    graph = loads(f"{HEAD}inputs: {{data: {shape}}}\nlayers:\n  - {layer}\n")
    with pytest.raises(SpecError) as caught:
        to_model(graph, Options(no_weights=True))
    (mistake,) = caught.value.diagnostics
    assert mistake.code == "not-lowerable"
    assert "the file would need a constant of" in mistake.message
    assert mistake.span is not None
