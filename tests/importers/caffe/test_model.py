"""Reading `.caffemodel` and `.binaryproto`: each form that there is, and files that are none."""

import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.diagnostics import SpecError
from netspec.importers.caffe.model import Model, read_mean, read_model, records
from tests.importers.caffe.caffemodels import blob, field, message, net, varint

WEIGHT = np.arange(24, dtype=np.float32).reshape(4, 6) / 7
BIAS = np.array([1, -2, 3, 0.5], np.float32)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "net.caffemodel"


def written(path: Path, data: bytes) -> Model:
    path.write_bytes(data)
    return read_model(path)


def refused(path: Path, data: bytes) -> str:
    """What is said of a file that isn't read."""
    path.write_bytes(data)
    with pytest.raises(SpecError) as found:
        read_model(path)
    (diagnostic,) = found.value.diagnostics
    assert diagnostic.code == "weights-format"
    start = f"can't read weights from `{path}`: "
    assert diagnostic.message.startswith(start)
    return diagnostic.message.removeprefix(start)


def test_todays_form(path: Path) -> None:
    model = written(path, net(fc=[blob(WEIGHT), blob(BIAS)], relu=[]))
    assert model.name == "Net"
    assert list(model.blobs) == ["fc"]
    weight, bias = model.blobs["fc"]
    assert (weight.shape, bias.shape) == ((4, 6), (4,))
    assert weight.read().dtype == np.float32
    np.testing.assert_array_equal(weight.read(), WEIGHT)
    np.testing.assert_array_equal(bias.read(), BIAS)


def test_the_form_before_it(path: Path) -> None:
    layer = message("V1", name="fc", type=14, blobs=[blob(WEIGHT)], blobs_lr=[1.0])
    model = written(path, message("NetParameter", name="Old", layers=[layer]).SerializeToString())
    np.testing.assert_array_equal(model.blobs["fc"][0].read(), WEIGHT)


def test_the_first_form(path: Path) -> None:
    inner = message("V0", name="fc", type="innerproduct", num_output=4, blobs=[blob(WEIGHT)])
    layer = message("V1", layer=inner, bottom=["data"], top=["fc"])
    model = written(path, message("NetParameter", layers=[layer]).SerializeToString())
    assert list(model.blobs) == ["fc"]
    np.testing.assert_array_equal(model.blobs["fc"][0].read(), WEIGHT)


def test_four_sizes_by_name_are_a_shape(path: Path) -> None:
    """Those that aren't written are 0, which no file with numbers has."""
    sizes = {"num": 1, "channels": 1, "height": 4, "width": 6}
    old = blob(WEIGHT, shape=None, **sizes)
    assert written(path, net(fc=[old])).blobs["fc"][0].shape == (1, 1, 4, 6)
    both = blob(WEIGHT, **sizes)
    assert written(path, net(fc=[both])).blobs["fc"][0].shape == (1, 1, 4, 6)


def test_a_single_number_has_no_axes(path: Path) -> None:
    (scalar,) = written(path, net(scale=[blob(2.5)])).blobs["scale"]
    assert scalar.shape == ()
    assert scalar.read() == 2.5


def test_double_numbers_stand_before_single_ones(path: Path) -> None:
    exact = [0.1, 0.2, 0.3, 0.4]
    (read,) = written(path, net(fc=[blob(BIAS, double_data=exact)])).blobs["fc"]
    assert read.read().dtype == np.float64
    assert read.read().tolist() == exact


def test_numbers_one_by_one_and_in_pieces(path: Path) -> None:
    shape = message("Shape", dim=[4, 6])
    loose = message("Loose", shape=shape, data=WEIGHT.reshape(-1).tolist()).SerializeToString()
    data = WEIGHT.astype("<f4").tobytes()
    pieces = field(5, data[:40]) + field(7, shape.SerializeToString()) + field(5, data[40:])
    for each in (loose, pieces):
        model = written(path, field(100, field(1, b"fc") + field(7, each)))
        np.testing.assert_array_equal(model.blobs["fc"][0].read(), WEIGHT)


def test_of_two_layers_of_a_name_the_last_counts(path: Path) -> None:
    data = net(fc=[blob(WEIGHT)]) + net(fc=[blob(BIAS)])
    assert [each.shape for each in written(path, data).blobs["fc"]] == [(4,)]


def test_fields_that_it_does_not_know_are_skipped(path: Path) -> None:
    extra = field(1000, b"\xff" * 100) + varint(77 << 3) + varint(5) + varint(78 << 3 | 5) + b"1234"
    assert written(path, extra + net(fc=[blob(WEIGHT)])).blobs.keys() == {"fc"}


def test_a_mean(tmp_path: Path) -> None:
    path = tmp_path / "mean.binaryproto"
    image = np.arange(24, dtype=np.float32).reshape(1, 3, 2, 4)
    sizes = dict(zip(("num", "channels", "height", "width"), image.shape, strict=True))
    path.write_bytes(blob(image, shape=None, diff=[], **sizes).SerializeToString())
    np.testing.assert_array_equal(read_mean(path).read(), image)


RAW = message("Blob", raw_data_type=2, raw_data=b"\0<", shape=message("Shape", dim=[1]))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "it is empty"),
        (b"\x89HDF\r\n\x1a\n", "it is an HDF5 file, which netspec doesn't read"),
        (b"version https://git-lfs.github.com/spec/v1\n", "it is a pointer of Git LFS"),
        (b"<!DOCTYPE html>", "it is a web page or another text"),
        (
            b'name: "LeNet"\nlayer { name: "data" }\n',
            "it is a network's text, which holds no weights",
        ),
        (b"\x1f\x8b\x08\0", "it is compressed"),
        (b"PK\x03\x04", "it is a zip archive"),
        (
            b"rubbish",
            "it is cut off, damaged or no file of Caffe's: 117 bytes are announced at byte 0, of "
            "which 5 are there",
        ),
        (b"\0" * 64, "it is damaged at byte 0, or no file of Caffe's"),
        (b"\xff" * 64, "it is damaged at byte 0, or no file of Caffe's"),
        (net(relu=[]), "it holds no layer with weights"),
        (
            net(fc=[blob(WEIGHT)])[:-1],
            "it is cut off, damaged or no file of Caffe's: 232 bytes are announced at byte 5, of "
            "which 231 are there",
        ),
        (
            b"\x12\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
            "it is cut off, damaged or no file of Caffe's: 9,223,372,036,854,775,807 bytes are "
            "announced at byte 0, of which 0 are there",
        ),
        (
            net(fc=[RAW]),
            "blob 0 of `fc`: it holds numbers in a form of NVIDIA's Caffe (`raw_data`)",
        ),
        (
            net(fc=[blob(WEIGHT), blob(WEIGHT, shape=message("Shape", dim=[1 << 40, 1 << 40]))]),
            "blob 1 of `fc`: it holds 24 numbers for 1099511627776×1099511627776",
        ),
        (
            net(fc=[blob(WEIGHT, shape=message("Shape", dim=[-4, -6]))]),
            "blob 0 of `fc`: a shape has a size below 0",
        ),
        (
            net(fc=[blob([1.0], shape=message("Shape", dim=[1] * 33))]),
            "blob 0 of `fc`: a shape has 33 axes",
        ),
        (
            net(fc=[blob([], shape=message("Shape", dim=[1] * 70_000))]),
            "blob 0 of `fc`: a shape has over 65,536 bytes",
        ),
        (net(fc=[message("Blob")]), "blob 0 of `fc`: it holds 0 numbers for a single number"),
        (
            field(100, field(1, b"fc") + field(7, field(5, b"123"))),
            "blob 0 of `fc`: it is damaged at byte 11: 3 bytes are no float32",
        ),
        (
            field(100, field(1, b"x" * 5000) + field(7, b"")),
            "the name at byte 4 has 5,000 bytes",
        ),
        (
            net(fc=[blob(WEIGHT)]) + field(2, b""),
            "it holds both `layer` and `layers`, of which Caffe refuses to read either",
        ),
        (
            field(100, field(1, b"fc") + field(7, b"\x3a\x02\x08\x00") * 1001),
            "`fc` has more than 1,000 blobs",
        ),
    ],
)
def test_what_is_no_caffemodel(path: Path, data: bytes, said: str) -> None:
    assert refused(path, data) == said


def test_what_is_no_file(tmp_path: Path) -> None:
    for path, reason in ((tmp_path, "it is no regular file"), (tmp_path / "x", "No such file")):
        with pytest.raises(SpecError) as found:
            read_model(path)
        (diagnostic,) = found.value.diagnostics
        assert diagnostic.code == "cannot-read"
        assert reason in diagnostic.message


def test_a_file_that_shrinks_while_it_is_read(path: Path) -> None:
    model = written(path, net(fc=[blob(WEIGHT)]))
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(SpecError, match="it has become shorter"):
        model.blobs["fc"][0].read()


SMALL = net(a=[blob(WEIGHT), blob(BIAS, double_data=[1, 2, 3, 4])], b=[blob([[1.0]])]) + field(
    100, field(1, b"c") + field(7, field(5, b"\0" * 8) + field(5, b"\0" * 4) + b"\x3a\x02\x08\x03")
)


def survives(path: Path, data: bytes) -> None:
    """A file is read, or refused with a diagnostic."""
    path.write_bytes(data)
    codes = {"weights-format"}
    try:
        model = read_model(path)
        for blobs in model.blobs.values():
            for each in blobs:
                assert each.read().shape == each.shape
    except SpecError as error:
        codes |= {each.code for each in error.diagnostics}
    assert codes == {"weights-format"}


def test_cut_off_anywhere(path: Path) -> None:
    for end in range(len(SMALL)):
        survives(path, SMALL[:end])


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_with_bytes_changed(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    changed = bytearray(SMALL)
    places = st.integers(0, len(SMALL) - 1)
    for place, value in data.draw(
        st.lists(st.tuples(places, st.integers(0, 255)), min_size=1, max_size=4)
    ):
        changed[place] = value
    survives(tmp_path_factory.getbasetemp() / "changed.caffemodel", bytes(changed))


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.binary(max_size=12),
        lambda inner: st.lists(
            st.builds(field, st.sampled_from([1, 2, 4, 5, 6, 7, 8, 50, 100]), inner), max_size=4
        ).map(b"".join),
        max_leaves=20,
    )
)
def test_any_row_of_fields(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    survives(tmp_path_factory.getbasetemp() / "fields.caffemodel", data)


def test_more_fields_than_any_network_has(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "MAX_RECORDS", 1000)
    assert refused(path, field(100, b"") * 1001) == "it has more than 1,000 fields"


EMPTY = b"\x3a\x02\x08\x00"
PIECES = field(5, b"") * 2
HOSTILE = {
    "layers": b"".join(
        field(100, field(1, b"%d" % number) + field(7, EMPTY)) for number in range(3_000)
    ),
    "loose numbers": field(100, field(7, b"\x2d1234" * 40_000 + b"\x3a\x04\x08\xc0\xb8\x02")),
    "groups within groups": field(100, field(7, PIECES + b"\x0b" * 100_000)),
    "a long shape": field(100, field(7, PIECES + field(7, field(1, b"\1" * 200_000)))),
    "long unknown fields": field(100, field(999, b"x" * 2_000_000) * 2),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_memory_is_bounded(path: Path, name: str) -> None:
    """By the file's own size: a layer without a number takes 16 bytes there and 800 here."""
    data = HOSTILE[name]
    tracemalloc.start()
    try:
        survives(path, data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2**20 + 50 * len(data)


def test_weights_are_read_one_at_a_time(path: Path) -> None:
    """Opening a file doesn't read its numbers."""
    large: Any = np.zeros(4_000_000, np.float32)
    path.write_bytes(
        field(
            100,
            field(1, b"fc")
            + field(7, field(7, b"\x08\x80\x92\xf4\x01") + field(5, large.tobytes())),
        )
    )
    tracemalloc.start()
    try:
        model = read_model(path)
        _, peak = tracemalloc.get_traced_memory()
        assert peak < 2**20
        assert model.blobs["fc"][0].read().shape == (4_000_000,)
    finally:
        tracemalloc.stop()
