"""Damaged files of all three forms: read, or refused with diagnostics that can be shown."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.diagnostics import Diagnostics, SourceText, SpecError
from netspec.diagnostics.render import render_text, to_json
from netspec.importers.caffe.reading import read_network, read_solver
from netspec.importers.caffe.text import parse
from netspec.source import decode
from tests.importers.caffe.networks import complaint
from tests.importers.caffe.texts import texts
from tests.importers.caffe.upgrade.test_upgrade import AS_TODAY, V0

V1 = """
name: "V1" input: "data" input_dim: [1, 3, 8, 8]
layers { name: "c" type: CONVOLUTION bottom: "data" top: "c" blobs_lr: 1 blobs_lr: 2
  convolution_param { num_output: 8 kernel_size: 3 } param: "w" blob_share_mode: STRICT }
layers < name: 'd' type: 5 top: "d"; data_param { crop_size: 3 source: "s" "t" }, >
"""
SOLVER = 'net: "x" base_lr: 1e-3 lr_policy: "step" stepvalue: [1, 2] solver_mode: GPU\n'


def examine(text: str) -> None:
    """Read a text in every way; anything but diagnostics is a bug."""
    source = SourceText("x.prototxt", text)
    for partial in (False, True):
        found = Diagnostics()
        with suppress(SpecError):
            read_network(parse(source, found), found, partial=partial)
        _show(found)
    with suppress(SpecError):
        read_solver(parse(source, found := Diagnostics()), found)


def _show(found: Diagnostics) -> None:
    for each in found.sorted():
        assert render_text(each).endswith("\n")
        assert to_json(each)["message"]


SEEDS = st.sampled_from([V0, AS_TODAY, V1, SOLVER])


@given(SEEDS, st.data())
@settings(max_examples=200, deadline=None)
def test_mixed_up(seed: str, data: st.DataObject) -> None:
    """Pieces left out, doubled, and put elsewhere."""
    text = seed
    for _ in range(data.draw(st.integers(1, 4))):
        start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(text))] * 2)))
        at = data.draw(st.integers(0, len(text)))
        kept = text[:start] + text[end:] if data.draw(st.booleans()) else text
        text = kept[:at] + text[start:end] + kept[at:]
    examine(text[:20_000])


@given(SEEDS | texts(), st.integers(0, 5000))
@settings(max_examples=100, deadline=None)
def test_cut_off(seed: str, end: int) -> None:
    examine(seed[:end])


@given(st.binary(max_size=60), st.integers(0, 400))
@settings(max_examples=100, deadline=None)
def test_bytes(noise: bytes, at: int) -> None:
    data = V1.encode()
    with suppress(SpecError):
        examine(decode(data[:at] + noise + data[at:], "x").text)


@pytest.mark.parametrize(
    "text",
    [
        "layer{" * 100_000,
        "layer<layer:" * 50_000,
        "input: [" + "'a'," * 30_000,
        "input: " + "'a' " * 30_000,
        "#" * 1_000_000,
        "name: '" + "\\" * 1_000_001,
        "name: '" + "\\x" * 20_000 + "'",
        "layer { blobs { data: [" + "1," * 30_000,
        "a" * 1_000_000,
        "input_dim: " + "9" * 1_000_000,
        "layers { layer { type: 'padding' } top: 'a' bottom: 'a' }" * 1_000,
        "layers { blobs_lr: 1 }" * 3_000,
    ],
)  # fmt: skip
def test_hostile_texts_take_no_longer_than_others(text: str) -> None:
    examine(text)


def test_more_layers_than_a_spec_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are counted before anything is made of them."""
    monkeypatch.setattr("netspec.importers.caffe.network.MAX_LAYERS", 2)
    text = "".join(f'layer {{ name: "l{n}" type: "Folding" }}\n' for n in range(4))
    told = complaint(text)
    assert told.startswith(
        "error[too-large]: the network has more than 2 layers\n --> net.prototxt:3:"
    )
