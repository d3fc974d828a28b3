"""Files for one program: what its preset does to them, and what is refused beforehand."""

from pathlib import Path

import onnx
import pytest

import netspec
from netspec.diagnostics import SpecError
from netspec.lower.onnx.consumers import CONSUMERS, Consumer
from netspec.lower.onnx.model import to_model
from netspec.lower.onnx.options import Options
from tests.consumers.facts import refused
from tests.consumers.page import PAGE, measured, page

SMALL = """\
netspec: 1
name: small
inputs: {data: [N, 3, 8, 8]}
layers:
  - {name: conv, type: Convolution, num_output: 4, kernel_size: 3}
  - {name: relu, type: ReLU}
"""


def messages(text: str, consumer: str) -> list[tuple[str, int | None, str | None]]:
    with pytest.raises(SpecError) as caught:
        to_model(netspec.loads(text), Options(consumer=consumer))
    found = caught.value.diagnostics
    assert {each.code for each in found} == {"not-lowerable"}
    return [(e.message, e.span.line if e.span else None, e.help) for e in found]


@pytest.mark.parametrize("name", CONSUMERS)
def test_a_preset_is_what_the_file_is(name: str) -> None:
    consumer = CONSUMERS[name]
    text = SMALL if consumer.symbols else SMALL.replace("N,", "1,")
    model = to_model(netspec.loads(text), Options(consumer=name))
    assert model.opset_import[0].version == (consumer.preset or 20)
    assert bool(model.graph.value_info) == consumer.value_info
    onnx.checker.check_model(model, full_check=True)


def test_where_nothing_is_needed_the_file_is_the_same() -> None:
    net = netspec.loads(SMALL)
    assert to_model(net, Options(consumer="openvino")) == to_model(net)


def test_an_opset_of_ones_own_stands() -> None:
    model = to_model(netspec.loads(SMALL), Options(consumer="onnx2torch", opset=17))
    assert model.opset_import[0].version == 17


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"consumer": "onnx2torch", "opset": 21},
            "onnx2torch 1.5.15 takes opsets 13 to 20, not 21",
        ),
        (
            {"consumer": "mnn", "dtype": "float16"},
            "MNN 3.6.1 is known to take float32, not float16",
        ),
        (
            {"consumer": "tract", "dtype": "bfloat16"},
            "tract 0.23.9 is known to take float32 and float16, not bfloat16",
        ),
        ({"consumer": "tensorrt"}, f"tensorrt is none of {', '.join(CONSUMERS)}"),
        ({"consumer": "tract", "opset": 12}, "opset 12 is not between 13 and 28"),
    ],
)
def test_what_does_not_go_together(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Options(**options)  # type: ignore[arg-type]


def test_an_operator_is_refused_at_its_layer(tmp_path: Path) -> None:
    text = SMALL + "  - {name: pool, type: Pooling, pool: L2, kernel_size: 2}\n"
    message = "tract 0.23.9 refuses LpPool, which Pooling becomes here"
    assert messages(text, "tract") == [(message, 7, None)]
    with pytest.raises(SpecError):
        netspec.loads(text).to_onnx(tmp_path / "x.onnx", consumer="tract")
    assert not [*tmp_path.iterdir()]
    to_model(netspec.loads(text), Options(consumer="openvino"))


def test_an_attribute_is_refused() -> None:
    text = """\
netspec: 1
name: recurrent
inputs: {data: [N, 4, 3]}
layers:
  - {name: rnn, type: RNN, num_output: 5, nonlinearity: RELU}
"""
    message = "tract 0.23.9 miscomputes RNN with activations=Relu, which RNN becomes here"
    assert messages(text, "tract") == [(message, 5, None)]
    to_model(netspec.loads(text.replace("RELU", "TANH")), Options(consumer="tract"))


def test_what_is_miscomputed_is_refused_as_well() -> None:
    """IREE's DepthToSpace by columns, as PixelShuffle is (iree-org/iree#24179)."""
    text = """\
netspec: 1
name: shuffled
inputs: {data: [N, 8, 3, 2]}
layers:
  - {name: shuffle, type: PixelShuffle, upscale_factor: 2}
"""
    message = "IREE 3.13.0 miscomputes DepthToSpace, which PixelShuffle becomes here"
    assert messages(text, "iree") == [(message, 5, None)]
    to_model(netspec.loads(text), Options(consumer="onnxruntime"))


def test_two_layers_are_refused_together() -> None:
    """OpenVINO's folding of a shuffle into a convolution (`findings/`)."""
    text = """\
netspec: 1
name: shuffled
inputs: {data: [N, 8, 5, 5]}
layers:
  - {name: shuffle, type: ChannelShuffle, group: 2}
  - {name: conv, type: Convolution, num_output: 6, kernel_size: 1}
"""
    form = "Gather of channels before Conv"
    message = f"OpenVINO 2026.4.1 miscomputes {form}, which Convolution becomes here"
    assert messages(text, "openvino") == [(message, 6, None)]


def test_open_sizes_are_refused() -> None:
    message = "ncnn 1.0.20261020 must know all sizes, but `data` is N×3×8×8"
    assert messages(SMALL, "ncnn") == [(message, None, "give them: `--input data=1x3x8x8`")]


def test_layers_that_no_result_needs_are_not_looked_at() -> None:
    text = (
        SMALL + "  - {name: pool, type: Pooling, pool: L2, kernel_size: 2, allow: [unused-layer]}\n"
    )
    text += "outputs: [relu]\n"
    to_model(netspec.loads(text), Options(consumer="tract"))


def test_what_is_refused_is_told_from_the_files() -> None:
    """An operator that is taken elsewhere isn't at fault, nor one beside another that is."""
    made = {
        "plain": {"Add"},
        "alone": {"Add", "Bad"},
        "beside": {"Bad", "Other"},
        "unclear": {"This", "That"},
        "named": {"Mean", "Said"},
        "word": {"Add", "Add with mode=odd"},
    }
    found = {
        "plain": None,
        "alone": "differs: by 1",
        "beside": "no way",
        "unclear": "no way",
        "named": "Said isn't known",
        "word": "no such mode",
    }
    assert refused(found, made, set()) == {
        "Add with mode=odd": "refuses",
        "Bad": "refuses",
        "Said": "refuses",
    }
    assert refused({"x": "no"}, {"x": {"Add", "Bad"}}, {"Add"}) == {"Bad": "refuses"}


def test_the_page_is_of_what_was_measured() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(measured())
    assert measured().keys() <= CONSUMERS.keys()


@pytest.mark.parametrize("name", measured())
def test_a_preset_is_as_the_small_network_was_taken(name: str) -> None:
    consumer: Consumer = CONSUMERS[name]
    probes = measured()[name]["probes"]
    opsets = [int(each.split()[1]) for each in probes if each.startswith("opset ")]
    oldest, newest = consumer.opsets
    taken = [each for each in opsets if probes[f"opset {each}"] is None]
    assert taken == [*range(oldest, newest + 1)]
    assert {each for each in ("float32", "float16") if probes[each] is None} == {*consumer.dtypes}
    assert (probes["symbols and types of values"] is None) == consumer.value_info
