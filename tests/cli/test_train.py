"""`netspec train`, and `netspec compile --recipe`."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from safetensors import safe_open

import netspec
from netspec.training.alone import alone_in
from tests.cli.conftest import Run

RECIPE = """\
recipe: 1
data: {format: digits}
batch_size: 32
loss: {ip2: {type: softmax}}
base_lr: 0.01
lr_policy: fixed
max_iter: 3
display: 1
"""


@pytest.fixture(autouse=True)
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("r.yaml").write_text(RECIPE)


def test_compile_writes_the_script_and_the_network(run: Run) -> None:
    result = run("compile", "lenet", "--recipe", "r.yaml", "-o", "train.py", "-o", "flat.yaml")
    assert (result.status, result.out, result.err) == (0, "", "")
    assert "from net import LeNet\n" in Path("train.py").read_text()
    assert Path("net.py").read_text() == netspec.load("lenet").to_source()
    printed = run("compile", "lenet", "--recipe", "r.yaml", "-o", "-", "--to", "training")
    assert printed.out == Path("train.py").read_text()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ("--recipe", "r.yaml", "-o", "net.py"),
            "Invalid value for -o: 'net.py' is where the network's source goes, beside the script; "
            "call the script something else, train.py for one",
        ),
        (
            ("--recipe", "r.yaml", "-o", "net.onnx"),
            "Invalid value for --recipe: it is for training scripts, and none is asked for",
        ),
        (
            ("-o", "train.py", "--to", "training"),
            "Invalid value: a training script is made of a recipe: `--recipe FILE`",
        ),
        (
            ("-o", "module.py", "--engine", "lightning"),
            "Invalid value for --engine: it is for training scripts, and none is asked for",
        ),
    ],
)
def test_wrong_usage(run: Run, arguments: tuple[str, ...], told: str) -> None:
    result = run("compile", "lenet", *arguments)
    assert result.status == 2
    assert " ".join(result.err.split()).endswith(f"Error: {told}")
    assert not Path("net.py").exists()


def test_for_lightning(run: Run) -> None:
    asked = ("compile", "lenet", "--recipe", "r.yaml", "--engine", "lightning")
    assert run(*asked, "-o", "module.py").status == 0
    text = Path("module.py").read_text()
    assert "class Training(L.LightningModule):" in text
    assert Path("net.py").read_text() == netspec.load("lenet").to_source()
    assert run(*asked, "-o", "-", "--to", "training").out == text
    netspec.load("lenet").to_training_script("./r.yaml", "other.py", engine="lightning")
    assert Path("other.py").read_text() == text


def test_a_recipe_that_is_wrong(run: Run) -> None:
    Path("r.yaml").write_text(RECIPE.replace("batch_size", "batchsize"))
    result = run("train", "lenet", "--recipe", "r.yaml")
    assert (result.status, result.out) == (1, "")
    assert "error[unknown-field]: nothing here is called `batchsize`" in result.err
    assert not Path("run").exists()


def test_a_run_and_its_folder(run: Run) -> None:
    result = run("train", "lenet", "--recipe", "r.yaml", "-o", "out")
    assert (result.status, result.err) == (0, "")
    folder = Path("out")
    assert sorted(each.name for each in folder.iterdir()) == [
        "checkpoint.pt",
        "log.csv",
        "net.py",
        "recipe.yaml",
        "spec.yaml",
        "train.py",
        "versions.json",
        "weights.safetensors",
    ]
    assert (folder / "recipe.yaml").read_text() == RECIPE
    assert netspec.load(folder / "spec.yaml").params == 431_080
    assert json.loads((folder / "versions.json").read_text())["netspec"] == netspec.__version__
    with safe_open(folder / "weights.safetensors", "np") as file:
        names = set(file.keys())
    assert names == {each.name for each in netspec.load("lenet").parameters}
    rows = (folder / "log.csv").read_text().splitlines()
    assert rows[0] == "step,epoch,lr,loss"
    assert [row.partition(",")[0] for row in rows[1:]] == ["1", "2", "3"]

    again = run("train", "lenet", "--recipe", "r.yaml", "-o", "out")
    assert again.status == 2
    told = "'out' has a run: go on with it by --resume, or name another folder"
    assert " ".join(again.err.split()).endswith(told)
    Path("r.yaml").write_text(RECIPE.replace("max_iter: 3", "max_iter: 4"))
    assert run("train", "lenet", "--recipe", "r.yaml", "-o", "out", "--resume").status == 0
    assert len((folder / "log.csv").read_text().splitlines()) == 5


def test_another_network_does_not_go_on(run: Run) -> None:
    """What is in the folder stays."""
    assert run("train", "lenet", "--recipe", "r.yaml").status == 0
    before = {each.name: each.read_bytes() for each in Path("run").iterdir()}
    Path("other.yaml").write_text(
        "netspec: 1\nname: Other\ninputs: {data: [N, 1, 28, 28]}\n"
        "layers: [{name: ip2, type: InnerProduct, num_output: 10}]\n"
    )
    result = run("train", "other.yaml", "--recipe", "r.yaml", "--resume")
    assert (result.status, result.out) == (1, "")
    assert result.err.startswith(
        "error[weights-extra]: the run in `run` can't go on: the weights hold `conv1.weight`"
    )
    assert {each.name: each.read_bytes() for each in Path("run").iterdir()} == before
    Path("run/checkpoint.pt").write_bytes(b"")
    result = run("train", "lenet", "--recipe", "r.yaml", "--resume")
    told = "the run in `run` can't go on: can't read weights from `run/checkpoint.pt`: it is empty"
    assert result.err.splitlines()[0] == f"error[weights-format]: {told}"


@pytest.mark.skipif(sys.platform == "win32", reason="folders aren't locked there")
def test_two_runs_in_one_folder(run: Run) -> None:
    Path("run").mkdir()
    with alone_in(Path("run")):
        result = run("train", "lenet", "--recipe", "r.yaml")
    assert (result.status, result.out) == (1, "")
    assert result.err == (
        "error[cannot-write]: a run is going on in `run`\n"
        "  = help: wait for its end, or name another folder\n"
    )
    assert not [*Path("run").iterdir()]


def test_a_signal_before_the_script_takes_any(tmp_path: Path) -> None:
    """It imports what it needs: no traceback of that is shown."""
    (tmp_path / "sklearn").mkdir()
    stand_in = "import signal\nprint('here', flush=True)\nsignal.pause()\n"
    (tmp_path / "sklearn/__init__.py").write_text(stand_in)
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    program = [sys.executable, "-m", "netspec", "train", "lenet", "--recipe", "r.yaml"]
    with subprocess.Popen(
        program,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "here\n"
        child.send_signal(signal.SIGINT)
        assert child.communicate() == ("", "")
    assert child.returncode == 130


@pytest.mark.slow
@pytest.mark.parametrize("more", ["", "sharding: true\n"])
def test_two_processes(run: Run, more: str) -> None:
    Path("r.yaml").write_text(RECIPE + more)
    result = run("train", "lenet", "--recipe", "r.yaml", "--processes", "2")
    assert result.status == 0
    assert Path("run/weights.safetensors").exists()
    Path("run/weights.safetensors").unlink()
    assert run("test", "run").status == 0


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="it finds processes in /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_two_processes_that_are_stopped(number: signal.Signals) -> None:
    """By a signal to the command, or to one of them; torchrun's traceback isn't shown."""
    Path("r.yaml").write_text(RECIPE.replace("max_iter: 3", "max_iter: 100000\nsnapshot: 1"))
    program = [sys.executable, "-m", "netspec", "train", "lenet", "--recipe", "r.yaml"]
    with subprocess.Popen(
        [*program, "--processes", "2"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        if number == signal.SIGKILL:
            (script,) = (each for each in workers(child.pid) if "RANK=1" in environment(each))
            os.kill(script, number)
        else:
            child.send_signal(number)
        told = child.communicate()[1]
    assert child.returncode == 128 + number
    if number == signal.SIGKILL:
        assert told.endswith("\nprocess 1 was killed by SIGKILL: --resume goes on\n")
    else:
        assert re.fullmatch(r"stopped after step \d+; the same command goes on\n", told)


def workers(pid: int) -> list[int]:
    """The processes that a process has started, and those that they have."""
    started = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [each for child in map(int, started) for each in (child, *workers(child))]


def environment(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")


def test_data_that_are_no_files(run: Run) -> None:
    result = run("train", "lenet", "--recipe", "r.yaml", "--data", ".")
    assert result.status == 2
    told = "Invalid value for --data: the recipe's data are no files"
    assert " ".join(result.err.split()).endswith(told)


def test_weights_that_a_run_started_from(run: Run) -> None:
    """They are the run's own from then on."""
    assert run("compile", "lenet", "--seed", "3", "-o", "first.safetensors").status == 0
    text = RECIPE.replace("max_iter: 3", "max_iter: 1") + "weights: [first.safetensors]\n"
    Path("r.yaml").write_text(text)
    assert run("train", "lenet", "--recipe", "r.yaml").status == 0
    assert Path("run/start.safetensors").read_bytes() == Path("first.safetensors").read_bytes()
    Path("first.safetensors").unlink()
    again = run("train", "lenet", "--recipe", "r.yaml", "-o", "other")
    assert again.err.startswith("error[cannot-read]: can't read `first.safetensors`")
    Path("r.yaml").write_text(text.replace("max_iter: 1", "max_iter: 2"))
    assert run("train", "lenet", "--recipe", "r.yaml", "--resume").status == 0
