"""Weights in several files with an index."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import safetensors.numpy
import torch

from netspec.diagnostics import SpecError
from netspec.lower.weights import given, user_weights
from netspec.lower.weights.files import files_of
from tests.lower.weights.nets import arrays, assert_taken, below, network, tensors

INDEX = "model.safetensors.index.json"


def shards(folder: Path, prefix: str = "", suffix: str = "safetensors") -> dict[str, str]:
    """Files of three tensors each; the map from names to files."""
    folder.mkdir(exist_ok=True)
    names, values = list(arrays()), below(prefix, tensors())
    places: dict[str, str] = {}
    for number in range(3):
        file = f"model-{number + 1:05}-of-00003.{suffix}"
        held = {prefix + name: values[prefix + name] for name in names[number::3]}
        if suffix == "safetensors":
            arrays_held = {name: each.numpy() for name, each in held.items()}
            safetensors.numpy.save_file(arrays_held, folder / file)
        else:
            torch.save(held, folder / file)
        places |= dict.fromkeys(held, file)
    return places


def indexed(folder: Path, places: dict[str, Any], name: str = INDEX) -> Path:
    index = {"metadata": {"total_size": 1}, "weight_map": places}
    (folder / name).write_text(json.dumps(index))
    return folder / name


def refusal(path: Path) -> tuple[str, str]:
    with pytest.raises(SpecError) as caught:
        given(network(), path)
    (found,) = caught.value.diagnostics
    return found.code, found.message


@pytest.mark.parametrize("suffix", ["safetensors", "bin"])
def test_an_index_or_its_folder(tmp_path: Path, suffix: str) -> None:
    index = indexed(tmp_path, shards(tmp_path, suffix=suffix), f"model.{suffix}.index.json")
    assert_taken(index)
    assert_taken(str(tmp_path))
    assert {path.name for path in files_of(tmp_path)} == set(os.listdir(tmp_path))


def test_a_prefix(tmp_path: Path) -> None:
    index = indexed(tmp_path, shards(tmp_path, "model."))
    assert refusal(index)[0] == "weights-prefix"
    assert_taken(index, "model.")


def test_what_the_index_does_not_list_is_seen(tmp_path: Path) -> None:
    places = shards(tmp_path)
    del places["fc.bias"]
    assert_taken(indexed(tmp_path, places))


def test_links_of_a_model_hubs_cache(tmp_path: Path) -> None:
    index = indexed(tmp_path / "blobs", shards(tmp_path / "blobs"))
    snapshot = tmp_path / "snapshot"
    snapshot.mkdir()
    for file in (tmp_path / "blobs").iterdir():
        (snapshot / file.name).symlink_to(Path("..") / "blobs" / file.name)
    assert_taken(snapshot / index.name)
    assert_taken(snapshot)


@pytest.mark.parametrize(
    "name",
    [
        "../model.safetensors",
        "/etc/passwd",
        "sub/model.safetensors",
        "..",
        ".",
        "",
        "a\0b",
        "\ud800",
    ],
)
def test_shards_lie_beside_the_index(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "folder"
    index = indexed(folder, shards(folder) | {"fc.bias": name})
    assert refusal(index) == (
        "weights-format",
        f"can't read weights from `{index}`: `{name}` is no file that lies beside it",
    )
    assert files_of(index) == (index,)


def test_a_link_out_of_the_folder(tmp_path: Path) -> None:
    safetensors.numpy.save_file(arrays(), tmp_path / "other.safetensors")
    folder = tmp_path / "folder"
    index = indexed(folder, shards(folder) | {"fc.bias": "link.safetensors"})
    (folder / "link.safetensors").symlink_to(tmp_path / "other.safetensors")
    assert refusal(index)[1].endswith("`link.safetensors` is no file that lies beside it")


def test_a_shard_that_is_missing(tmp_path: Path) -> None:
    index = indexed(tmp_path, shards(tmp_path) | {"fc.bias": "missing.safetensors"})
    code, message = refusal(index)
    assert code == "cannot-read"
    assert message.endswith("missing.safetensors`: No such file or directory")


def test_a_shard_without_its_tensor(tmp_path: Path) -> None:
    places = shards(tmp_path)
    index = indexed(tmp_path, places | {"fc.bias": places["fc.weight"]})
    assert refusal(index)[1].endswith(
        f"`fc.bias` isn't in `{places['fc.weight']}`, where the index has it"
    )


def test_an_index_of_indexes(tmp_path: Path) -> None:
    index = indexed(tmp_path, {"fc.bias": INDEX})
    assert refusal(index)[0] == "weights-format"


def test_a_shard_that_is_a_checkpoint(tmp_path: Path) -> None:
    torch.save({"model": tensors(), "epoch": 3}, tmp_path / "a.bin")
    index = indexed(tmp_path, dict.fromkeys(arrays(), "a.bin"))
    assert refusal(index)[1].endswith("it is a checkpoint, and no part of a state dict")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"weight_map": {"a": 3}}', "it has no `weight_map` from names to files"),
        ('{"weight_map": ["a"]}', "it has no `weight_map` from names to files"),
        ('{"weight_map": {"a": "x", "a": "y"}}', "a name stands in it twice"),
        ('{"weight_map": {"a": "x"', "it is no index in JSON"),
        ('{"a": ' + "[" * 100_000, "it is no index in JSON"),
    ],
    ids=["number", "list", "twice", "cut", "deep"],
)
def test_other_json(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / INDEX).write_text(text)
    code, message = refusal(tmp_path / INDEX)
    assert code == "weights-format"
    assert reason in message


def test_an_index_without_end(tmp_path: Path) -> None:
    with (tmp_path / INDEX).open("wb") as file:
        file.write(b'{"weight_map": {}, "a": "')
        file.write(b"x" * 600)
        file.truncate(1 << 26)
    assert refusal(tmp_path / INDEX)[1].endswith(
        "it has 67108864 bytes; an index has at most 33554432"
    )


def test_folders(tmp_path: Path) -> None:
    assert refusal(tmp_path) == (
        "cannot-read",
        f"can't read `{tmp_path}`: it is a folder without an index (`*.index.json`)",
    )
    for suffix in ("safetensors", "bin"):
        indexed(tmp_path, {}, f"model.{suffix}.index.json")
    assert refusal(tmp_path) == (
        "cannot-read",
        f"can't read `{tmp_path}`: it is a folder with several indexes: `model.bin.index.json`, "
        "`model.safetensors.index.json`",
    )


def test_no_shard_is_written_over(tmp_path: Path) -> None:
    from netspec.lower.onnx.model import save
    from netspec.lower.onnx.options import Options

    places = shards(tmp_path)
    index = indexed(tmp_path, places)
    shard = tmp_path / places["fc.bias"]
    before = shard.read_bytes()
    with pytest.raises(SpecError, match="it is the file that the weights are read from"):
        save(network(), shard, Options(user_weights(index)))
    assert shard.read_bytes() == before
