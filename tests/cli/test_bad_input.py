"""Files that are no specs: one clear error each, and exit status 1."""

import os
from pathlib import Path

import pytest

from tests.cli.conftest import Run

COMMANDS = (["check"], ["summary"], ["compile", "-o", "out.py"])


@pytest.fixture(params=COMMANDS, ids=lambda command: command[0])
def command(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    monkeypatch.chdir(tmp_path)
    chosen: list[str] = request.param
    return chosen


def only_error(run: Run, command: list[str], spec: str) -> str:
    """The only error that a command gives for a spec."""
    result = run(*command, spec)
    text = result.out + result.err
    assert result.status == 1
    assert text.count("error[") == 1
    assert "Traceback" not in text
    assert os.listdir() == [Path(spec).name] or not Path("out.py").exists()
    return text


def test_missing_file(run: Run, command: list[str]) -> None:
    assert "can't read ./no.yaml: no such file or directory" in only_error(
        run, command, "./no.yaml"
    )


def test_empty_file(run: Run, command: list[str]) -> None:
    Path("empty.yaml").touch()
    assert "error[empty-spec]: empty.yaml is empty" in only_error(run, command, "empty.yaml")


def test_directory(run: Run, command: list[str]) -> None:
    Path("folder.yaml").mkdir()
    assert "can't read folder.yaml: is a directory" in only_error(run, command, "folder.yaml")


def test_binary_rubbish(run: Run, command: list[str]) -> None:
    Path("rubbish.yaml").write_bytes(bytes(range(256)) * 8)
    assert "error[not-text]: rubbish.yaml is not UTF-8 text" in only_error(
        run, command, "rubbish.yaml"
    )


def test_control_characters(run: Run, command: list[str]) -> None:
    Path("control.yaml").write_bytes(b"netspec: 1\x00\x1b[31m")
    assert "error[not-text]" in only_error(run, command, "control.yaml")


def test_huge_file(run: Run, command: list[str]) -> None:
    with open("huge.yaml", "wb") as file:
        file.truncate(100 * 2**20)
    assert "error[file-too-large]: huge.yaml is larger than 16 MiB" in only_error(
        run, command, "huge.yaml"
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_unreadable_file(run: Run, command: list[str]) -> None:
    Path("secret.yaml").touch(mode=0)
    assert "can't read secret.yaml: permission denied" in only_error(run, command, "secret.yaml")


def test_pipe_is_no_file(run: Run, command: list[str]) -> None:
    os.mkfifo("pipe.yaml")
    assert "pipe.yaml is not a regular file" in only_error(run, command, "pipe.yaml")


def test_unknown_stock_network(run: Run, command: list[str]) -> None:
    assert "help: did you mean `alexnet`?" in only_error(run, command, "alexnett")
    assert "help: did you mean `resnet50`?" in only_error(run, command, "ResNet50")


@pytest.mark.parametrize("name", ["resnet", "mask_rcnn"])
def test_a_family_of_stock_networks(run: Run, command: list[str], name: str) -> None:
    """Part of their names, or the name of their file."""
    help = f"help: `netspec list {name}` shows which there are"
    assert help in only_error(run, command, name)


FIVE_MISTAKES = """\
netspec: 1
name: Net
inputs: {data: [N, 3, 32, 32]}
layers:
  - {name: conv1, type: Convolution, out_channels: 8, kernel_size: 3}
  - {name: relu1, type: Relu}
  - {name: pool1, type: Pooling, kernel_size: 2, stride: two}
  - {name: conv2, type: Convolution, num_output: 8, kernel_size: 3, groups: 2}
  - {name: class, type: InnerProduct, num_output: 10}
"""


def test_five_mistakes_in_one_run(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(FIVE_MISTAKES)
    result = run("check", str(path))
    places = [
        line.split("net.yaml:")[1]
        for line in result.out.splitlines()
        if line.strip().startswith("-->")
    ]
    assert places == ["5:38", "6:25", "7:58", "8:69", "9:12"]
    assert [
        line.split("]")[0] for line in result.out.splitlines() if line.startswith("error[")
    ] == [
        "error[unknown-field",
        "error[unknown-type",
        "error[wrong-type",
        "error[unknown-field",
        "error[bad-name",
    ]
    assert f"{path}: 5 errors" in result.out
    assert result.status == 1
