"""What a graph remembers of its spec, wherever it goes."""

import copy
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

import netspec
from netspec.network import Network

TEXT = """netspec: 1
name: Net
use: more.yaml
inputs: {data: [N, 3, 8, 8]}
vars: {width: 4}
layers:
  - {name: a, type: Convolution, num_output: $width, kernel_size: 1}
  - {name: b, type: dense, channels: 8}
  - {name: c, type: dense, channels: 6}
"""
MORE = """netspec: 1
blocks:
  dense:
    args: {channels: required}
    layers:
      - {name: one, type: Convolution, num_output: $(channels // 2), kernel_size: 1}
      - {name: two, type: Convolution, num_output: $channels, kernel_size: 1}
"""


@pytest.fixture
def network(tmp_path: Path) -> Network:
    (tmp_path / "net.yaml").write_text(TEXT)
    (tmp_path / "more.yaml").write_text(MORE)
    return netspec.load(tmp_path / "net.yaml")


def test_copies_keep_the_vars(network: Network) -> None:
    source = network.to_source()
    assert "width: int = 4" in source
    assert "channels // 2" in source
    for made in (pickle.loads(pickle.dumps(network)), copy.deepcopy(network), copy.copy(network)):
        assert made == network
        assert made.to_source() == source


def test_another_process_writes_the_same_source(network: Network, tmp_path: Path) -> None:
    """The files aren't needed there: a copy has their texts."""
    (tmp_path / "copy.pickle").write_bytes(pickle.dumps(network))
    (tmp_path / "more.yaml").unlink()
    program = "import pickle, sys; print(pickle.load(open(sys.argv[1], 'rb')).to_source(), end='')"
    command = [sys.executable, "-c", program, str(tmp_path / "copy.pickle")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == network.to_source()


def test_a_file_that_has_changed_is_as_it_was(network: Network, tmp_path: Path) -> None:
    expected = netspec.load(tmp_path / "net.yaml").to_source()
    (tmp_path / "more.yaml").write_text(MORE.replace("// 2", "// 1"))
    assert network.to_source() == expected


def test_a_phase_and_a_part_keep_the_vars(tmp_path: Path, network: Network) -> None:
    part = netspec.load(tmp_path / "net.yaml", outputs=["b"])
    for made in (network.phase("TEST"), part):
        assert "width: int = 4" in made.to_source()
        assert pickle.loads(pickle.dumps(made)).to_source() == made.to_source()
