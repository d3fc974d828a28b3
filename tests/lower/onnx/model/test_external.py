"""Models that refer to weights in a safetensors file, and weights in a file of their own."""

import os
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import safetensors.numpy

from netspec.diagnostics import SpecError
from netspec.graph import Graph
from netspec.layers.activation import ReLU
from netspec.layers.convolution import Convolution
from netspec.layers.inner_product import InnerProduct
from netspec.layers.normalization import BatchNorm
from netspec.lower.onnx.model import save, stream, write
from netspec.lower.onnx.options import Options
from netspec.lower.weights import fresh
from netspec.lower.weights.safetensors_file import write_safetensors
from tests.graphs import N, chain
from tests.lower.onnx.checks import Float, image


def network() -> Graph:
    return chain(
        (N, 3, 8, 8),
        Convolution(num_output=4, kernel_size=(3, 3)),
        BatchNorm(),
        ReLU(),
        InnerProduct(num_output=300),
    )


def weights_file(path: Path, graph: Graph) -> Path:
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as file:
        write_safetensors(graph, fresh(graph), file)
    return path


def result(path: Path) -> Float:
    onnx.checker.check_model(str(path), full_check=True)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (values,) = session.run(None, {"data": image(2, 3, 8, 8).astype(session_type(session))})
    return np.asarray(values, np.float32)


def session_type(session: onnxruntime.InferenceSession) -> str:
    kind: str = session.get_inputs()[0].type
    return {"tensor(float)": "float32", "tensor(float16)": "float16"}[kind]


def external(path: Path) -> dict[str, dict[str, str]]:
    """Where each initializer that isn't in the model lies."""
    model = onnx.load(str(path), load_external_data=False)
    return {
        each.name: {entry.key: entry.value for entry in each.external_data}
        for each in model.graph.initializer
        if each.data_location == onnx.TensorProto.EXTERNAL
    }


@pytest.fixture
def expected(tmp_path: Path) -> Float:
    save(network(), tmp_path / "copied.onnx")
    return result(tmp_path / "copied.onnx")


class TestReference:
    @pytest.mark.parametrize("name", ["w.safetensors", "below/w.safetensors"])
    def test_every_weight_is_referred_to(self, tmp_path: Path, expected: Float, name: str) -> None:
        graph, path = network(), tmp_path / "x.onnx"
        weights = weights_file(tmp_path / name, graph)
        save(graph, path, Options(weights, reference_weights=True))
        found = external(path)
        assert len(found) == 8
        assert {each["location"] for each in found.values()} == {name}
        assert path.stat().st_size < 5_000
        np.testing.assert_array_equal(result(path), expected)

    def test_a_file_of_the_library(self, tmp_path: Path, expected: Float) -> None:
        graph, path = network(), tmp_path / "x.onnx"
        safetensors.numpy.save_file(dict(fresh(graph)), tmp_path / "w.safetensors")
        save(graph, path, Options(tmp_path / "w.safetensors", reference_weights=True))
        np.testing.assert_array_equal(result(path), expected)

    def test_what_is_folded_is_written(self, tmp_path: Path, expected: Float) -> None:
        graph, path = network(), tmp_path / "x.onnx"
        weights = weights_file(tmp_path / "w.safetensors", graph)
        save(graph, path, Options(weights, reference_weights=True, fold_batchnorm=True))
        assert external(path).keys() == {"l3.weight", "l3.bias"}
        np.testing.assert_allclose(result(path), expected, rtol=1e-4, atol=1e-5)

    def test_what_is_of_another_type_is_written(self, tmp_path: Path, expected: Float) -> None:
        graph, path = network(), tmp_path / "x.onnx"
        values = dict(fresh(graph))
        values["l3.weight"] = values["l3.weight"].astype(np.float16)
        safetensors.numpy.save_file(values, tmp_path / "w.safetensors")
        options = Options(tmp_path / "w.safetensors", reference_weights=True, dtype="float16")
        save(graph, path, options)
        assert external(path).keys() == {"l3.weight"}
        np.testing.assert_allclose(result(path), expected, rtol=1e-2, atol=1e-2)

    def test_a_file_of_another_format(self, tmp_path: Path) -> None:
        np.savez(tmp_path / "w", allow_pickle=False, **dict(fresh(network())))
        weights = (tmp_path / "w.npz").rename(tmp_path / "w.safetensors")
        assert self.refusal(weights, tmp_path) == (
            "an ONNX file can refer to the tensors of a safetensors file alone"
        )

    def refusal(self, weights: Path, folder: Path) -> str:
        folder.mkdir(exist_ok=True)
        options = Options(weights, reference_weights=True)
        with pytest.raises(SpecError) as caught:
            save(network(), folder / "x.onnx", options)
        (diagnostic,) = caught.value.diagnostics
        assert diagnostic.code == "weights-place"
        assert diagnostic.help is not None
        assert "they are then copied" in diagnostic.help
        assert not (folder / "x.onnx").exists()
        return diagnostic.message

    def test_weights_elsewhere(self, tmp_path: Path) -> None:
        weights = weights_file(tmp_path / "w.safetensors", network())
        models = tmp_path / "models"
        assert self.refusal(weights, models) == (
            f"an ONNX file can't refer to `{weights}`: it lies outside of the model's folder "
            f"`{models}`"
        )

    def test_a_link_to_weights_elsewhere(self, tmp_path: Path) -> None:
        weights, models = weights_file(tmp_path / "w.safetensors", network()), tmp_path / "models"
        models.mkdir()
        (models / "w.safetensors").symlink_to(weights)
        message = self.refusal(models / "w.safetensors", models)
        assert "it is a link to a file outside of the model's folder" in message

    def test_a_link_to_weights_in_the_folder(self, tmp_path: Path, expected: Float) -> None:
        weights = weights_file(tmp_path / "w.safetensors", network())
        link = tmp_path / "link.safetensors"
        link.symlink_to(weights)
        save(network(), tmp_path / "x.onnx", Options(link, reference_weights=True))
        np.testing.assert_array_equal(result(tmp_path / "x.onnx"), expected)

    def test_a_link_to_a_model_elsewhere(self, tmp_path: Path, expected: Float) -> None:
        graph, models = network(), tmp_path / "models"
        weights = weights_file(models / "w.safetensors", graph)
        (tmp_path / "x.onnx").symlink_to("models/m.onnx")
        save(graph, tmp_path / "x.onnx", Options(weights, reference_weights=True))
        assert {each["location"] for each in external(models / "m.onnx").values()} == {
            "w.safetensors"
        }
        np.testing.assert_array_equal(result(models / "m.onnx"), expected)

    def test_a_link_to_a_model_elsewhere_from_beside_the_weights(self, tmp_path: Path) -> None:
        weights, models = weights_file(tmp_path / "w.safetensors", network()), tmp_path / "models"
        models.mkdir()
        (tmp_path / "x.onnx").symlink_to("models/m.onnx")
        with pytest.raises(SpecError, match="it lies outside of the model's folder"):
            save(network(), tmp_path / "x.onnx", Options(weights, reference_weights=True))
        assert list(models.iterdir()) == []

    def test_weights_with_two_names(self, tmp_path: Path) -> None:
        weights = weights_file(tmp_path / "w.safetensors", network())
        os.link(weights, tmp_path / "again.safetensors")
        assert "several names" in self.refusal(weights, tmp_path)

    def test_a_name_with_two_dots(self, tmp_path: Path) -> None:
        weights = weights_file(tmp_path / "w..safetensors", network())
        assert "no `..` in the name" in self.refusal(weights, tmp_path)

    @pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names are text")
    def test_a_name_that_is_no_text(self, tmp_path: Path) -> None:
        weights = weights_file(tmp_path / os.fsdecode(b"bad\xff.safetensors"), network())
        assert self.refusal(weights, tmp_path) == (
            f"an ONNX file can't refer to `{tmp_path}/bad\\xff.safetensors`: ONNX knows names of "
            "UTF-8 text alone"
        )

    @pytest.mark.parametrize("link", [True, False])
    @pytest.mark.parametrize("reference", [True, False])
    def test_the_weights_own_file_is_not_written(
        self, tmp_path: Path, link: bool, reference: bool
    ) -> None:
        path = weights = weights_file(tmp_path / "w.safetensors", network())
        if link:
            path = tmp_path / "link.onnx"
            path.symlink_to(weights)
        before = weights.read_bytes()
        with pytest.raises(SpecError) as caught:
            save(network(), path, Options(str(weights), reference_weights=reference))
        (diagnostic,) = caught.value.diagnostics
        assert diagnostic.code == "cannot-write"
        assert diagnostic.message == (
            f"can't write `{path}`: it is the file that the weights are read from"
        )
        assert diagnostic.help == "name another file"
        assert weights.read_bytes() == before

    def test_a_folder_that_is_not_there(self, tmp_path: Path) -> None:
        weights = weights_file(tmp_path / "w.safetensors", network())
        path = tmp_path / "missing" / "x.onnx"
        with pytest.raises(SpecError, match=r"there is no folder `.*/missing`") as caught:
            save(network(), path, Options(weights, reference_weights=True))
        assert [each.code for each in caught.value.diagnostics] == ["cannot-write"]

    def test_only_a_file_refers(self, tmp_path: Path) -> None:
        weights = weights_file(tmp_path / "w.safetensors", network())
        with (
            (tmp_path / "x.onnx").open("wb") as file,
            pytest.raises(ValueError, match="only a model that is saved as a file"),
        ):
            write(network(), file, Options(weights, reference_weights=True))


class TestApart:
    def test_weights_that_do_not_fit_lie_in_a_second_file(
        self, tmp_path: Path, expected: Float, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(stream, "MAX_MESSAGE", 20_000)
        path = tmp_path / "x.onnx"
        save(network(), path)
        found = external(path)
        assert {each["location"] for each in found.values()} == {"x.onnx.data"}
        assert all(int(each["offset"]) % 4096 == 0 for each in found.values())
        assert path.stat().st_size < 5_000
        np.testing.assert_array_equal(result(path), expected)

    def test_they_lie_beside_the_model_that_a_link_points_to(
        self, tmp_path: Path, expected: Float, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(stream, "MAX_MESSAGE", 20_000)
        models = tmp_path / "models"
        models.mkdir()
        (tmp_path / "x.onnx").symlink_to("models/m.onnx")
        save(network(), tmp_path / "x.onnx")
        assert {path.name for path in models.iterdir()} == {"m.onnx", "m.onnx.data"}
        np.testing.assert_array_equal(result(models / "m.onnx"), expected)

    def refusal(self, path: Path) -> str:
        before = sorted(path.parent.iterdir())
        with pytest.raises(SpecError) as caught:
            save(network(), path)
        (diagnostic,) = caught.value.diagnostics
        assert diagnostic.code == "weights-place"
        assert diagnostic.help == "give the model another name"
        assert sorted(path.parent.iterdir()) == before
        return diagnostic.message

    def test_a_name_with_two_dots(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(stream, "MAX_MESSAGE", 20_000)
        assert self.refusal(tmp_path / "x..onnx") == (
            f"an ONNX file can't refer to `{tmp_path}/x..onnx.data`: ONNX allows no `..` in the "
            "name, wherever it stands"
        )

    @pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names are text")
    def test_a_name_that_is_no_text(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(stream, "MAX_MESSAGE", 20_000)
        assert "names of UTF-8 text alone" in self.refusal(tmp_path / os.fsdecode(b"bad\xff.onnx"))

    def test_a_link_by_the_second_files_name(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(stream, "MAX_MESSAGE", 20_000)
        (tmp_path / "x.onnx.data").symlink_to("other")
        assert self.refusal(tmp_path / "x.onnx") == (
            f"an ONNX file can't refer to `{tmp_path}/x.onnx.data`: a link bears that name, and "
            "ONNX follows none"
        )

    def test_an_old_file_with_two_names_is_replaced(
        self, tmp_path: Path, expected: Float, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(stream, "MAX_MESSAGE", 20_000)
        (tmp_path / "x.onnx.data").write_bytes(b"old")
        os.link(tmp_path / "x.onnx.data", tmp_path / "kept")
        save(network(), tmp_path / "x.onnx")
        np.testing.assert_array_equal(result(tmp_path / "x.onnx"), expected)
        assert (tmp_path / "kept").read_bytes() == b"old"

    def test_the_same_bytes_every_time(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(stream, "MAX_MESSAGE", 20_000)
        contents = []
        for _ in range(2):
            save(network(), tmp_path / "x.onnx")
            contents.append({path.name: path.read_bytes() for path in tmp_path.iterdir()})
        assert contents[0] == contents[1]
        assert contents[0].keys() == {"x.onnx", "x.onnx.data"}

    def test_an_error_leaves_neither(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(stream, "MAX_MESSAGE", 20_000)
        graph = network()
        weights = {name: values * 1e9 for name, values in fresh(graph).items()}
        weights["l1.num_batches_tracked"] = np.array(0)
        with pytest.raises(SpecError, match="too large for float16"):
            save(graph, tmp_path / "x.onnx", Options(weights, dtype="float16"))
        assert list(tmp_path.iterdir()) == []
