"""`netspec sweep`."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from netspec.sweeping.figures import FIGURES
from tests.cli.conftest import Run
from tests.sweeping.networks import SPEC, written

HEADER = ",".join(["width", *FIGURES, "error"])


def test_a_table(run: Run) -> None:
    result = run("sweep", "-", "--set", "width=2,4", "--set", "kernels=[3],[3,3]", stdin=SPEC)
    assert result.status == 0
    assert result.err == ""
    lines = result.out.splitlines()
    shown = [name for name in FIGURES if name != "trainable_params"]
    assert lines[0].split() == ["width", "kernels", *shown]
    assert [line.split()[0] for line in lines[2:]] == ["2", "2", "4", "4"]
    assert "[3, 3]" in lines[3]


@pytest.mark.parametrize(
    ("options", "heading"),
    [
        ([], "width params buffers macs flops activations depth layers"),
        (["--columns", "params,trainable_params"], "width params trainable_params"),
        (
            ["--columns", "params", "--where", "trainable_params > 0"],
            "width params trainable_params",
        ),
    ],
)
def test_a_column_that_is_named_stays(options: list[str], heading: str, run: Run) -> None:
    out = run("sweep", "-", "--set", "width=2", *options, stdin=SPEC).out
    assert out.splitlines()[0].split() == heading.split()


@pytest.mark.parametrize("form", ["csv", "jsonl", "md"])
def test_files(form: str, run: Run, tmp_path: Path) -> None:
    file = tmp_path / f"table.{form}"
    result = run("sweep", written(tmp_path), "--set", "width=2..6:2", "-o", str(file))
    assert (result.status, result.out, result.err) == (0, "", "")
    text = file.read_text(encoding="utf-8")
    if form == "csv":
        assert text.splitlines()[0] == HEADER
        assert [row["width"] for row in csv.DictReader(text.splitlines())] == ["2", "4", "6"]
    elif form == "jsonl":
        rows = [json.loads(line) for line in text.splitlines()]
        assert [row["width"] for row in rows] == [2, 4, 6]
        assert rows[0]["params"] == 202
        assert rows[0]["error"] is None
    else:
        assert text.splitlines()[2].startswith("| 2 | 202 |")


def test_the_format_may_be_said(run: Run, tmp_path: Path) -> None:
    result = run("sweep", "-", "--set", "width=2", "--format", "csv", stdin=SPEC)
    assert result.out.splitlines()[0] == HEADER
    run("sweep", "-", "--set", "width=2", "--format", "csv", "-o", str(tmp_path / "x"), stdin=SPEC)
    assert (tmp_path / "x").read_text(encoding="utf-8") == result.out


def test_variants(run: Run) -> None:
    result = run("sweep", "-", "--variant", "d*,plain", "--format", "csv", stdin=SPEC)
    assert [line.split(",")[0] for line in result.out.splitlines()] == ["variant", "deep", "plain"]
    result = run("sweep", "-", "--variant", "depe", stdin=SPEC)
    assert result.status == 1
    assert "error[unknown-variant]: <stdin> has no variant `depe`" in result.err


def test_mistaken_combinations_are_rows(run: Run) -> None:
    result = run("sweep", "-", "--set", "width=0..2", "--format", "csv", stdin=SPEC)
    assert result.status == 0
    assert result.err == "mistaken: 1 of 3 combinations\n"
    assert result.out.splitlines()[1] == (
        '0,,,,,,,,,"<stdin>:7:67: `num_output` should be at least 1, not 0"'
    )
    result = run("sweep", "-", "--set", "width=0,-1", stdin=SPEC)
    assert result.status == 1
    assert result.err == "mistaken: 2 of 2 combinations\n"


def test_where_and_pareto(run: Run) -> None:
    given = ("sweep", "-", "--set", "width=1..8", "--format", "csv")
    result = run(*given, "--where", "params < 500 and width > 2", stdin=SPEC)
    assert [line.split(",")[0] for line in result.out.splitlines()[1:]] == ["3", "4"]
    result = run(*given, "--pareto", "macs,params", stdin=SPEC)
    assert [line.split(",")[0] for line in result.out.splitlines()[1:]] == ["1"]


def test_columns(run: Run) -> None:
    given = ("sweep", "-", "--set", "width=2", "--columns", "macs, weight_bytes", "--format")
    assert run(*given, "csv", stdin=SPEC).out.splitlines()[0] == "width,macs,weight_bytes,error"
    assert run(*given, "table", stdin=SPEC).out.split()[:3] == ["width", "macs", "weight_bytes"]


USAGE = "Usage: netspec sweep [OPTIONS] {SPEC}\nTry 'netspec sweep -h' for help.\n\nError: "


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "Invalid value: nothing to sweep: give `--set NAME=VALUES` or `--variant NAMES`"),
        (["--set", "width"], "Invalid value for --set: 'width' is not NAME=VALUES"),
        (
            ["--set", "width=5..1"],
            "Invalid value for '--set': `5..1` for `width` goes down: its step should be negative",
        ),
        (
            ["--set", "width=1.."],
            "Invalid value for '--set': `1..` for `width` is no range; write `1..8` or `1..8:2`, "
            "or quote what is text",
        ),
        (
            ["--set", "width=1", "--columns", "params,mac"],
            "Invalid value for --columns: no figure is called 'mac'; did you mean `macs`? The "
            "figures are params, trainable_params, buffers, macs, flops, activations, "
            "activation_bytes, weight_bytes, inference_peak_bytes, depth, layers",
        ),
        (
            ["--set", "width=1..2000", "--set", "note=1..2000"],
            "Invalid value: 4,000,000 combinations are more than 1,000,000",
        ),
        (
            ["--set", "width=1", "--set", "width=2"],
            "Invalid value: `width` is swept twice; list all of its values in one place",
        ),
        (
            ["--set", "width=1", "--where", "macs <= 1e9 and parms < 3"],
            "Invalid value for '--where': no column is called `parms`; did you mean `params`?\n"
            "  macs <= 1e9 and parms < 3\n"
            "                  ^^^^^",
        ),
        (
            ["--set", "width=1", "--pareto", "macs,parms"],
            "Invalid value for '--pareto': no column is called `parms`; did you mean `params`?",
        ),
        (
            ["--set", "width=1", "-o", "x.foo"],
            "Invalid value for '-o': can't tell from 'x.foo' how to write: end it in one of .csv, "
            ".jsonl, .ndjson, .md, .txt, .svg, .png, .pdf, or give --format",
        ),
    ],
)
def test_wrong_usage(options: list[str], message: str, run: Run) -> None:
    result = run("sweep", "-", *options, stdin=SPEC)
    assert (result.status, result.out) == (2, "")
    assert result.err == f"{USAGE}{message}\n"


def test_an_unknown_var_is_an_error_of_the_whole(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("before", encoding="utf-8")
    result = run("sweep", "-", "--set", "widht=1..9", "-o", str(file), stdin=SPEC)
    assert result.status == 1
    assert "error[unknown-var]: <stdin> has no var `widht` to set" in result.err
    assert file.read_text(encoding="utf-8") == "before"
    assert os.listdir(tmp_path) == ["x.csv"]


def test_the_spec_is_spared(run: Run, tmp_path: Path) -> None:
    path = written(tmp_path)
    result = run("sweep", path, "--set", "width=1", "--format", "csv", "-o", path)
    assert result.status == 1
    assert "it is the file that the spec is read from" in result.err
    assert Path(path).read_text(encoding="utf-8") == SPEC


def begun(folder: Path) -> "subprocess.Popen[bytes]":
    """A sweep that takes long, once its two processes are there."""
    options = ["--set", "num_classes=1..100000", "--jobs", "2", "-o", str(folder / "x.csv")]
    made = subprocess.Popen(
        [sys.executable, "-m", "netspec", "sweep", "resnet50", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    children = Path(f"/proc/{made.pid}/task/{made.pid}/children")
    for _ in range(400):
        if len(children.read_text().split()) == 2:
            break
        time.sleep(0.05)
    return made


def gone(group: int) -> bool:
    """Whether no process of a group is left, after a while."""
    for _ in range(200):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize(
    ("number", "whole", "status"),
    [
        (signal.SIGINT, True, 130),
        (signal.SIGTERM, False, 143),
        (signal.SIGKILL, False, -signal.SIGKILL),
    ],
)
def test_a_signal_ends_all_processes(
    number: signal.Signals, whole: bool, status: int, tmp_path: Path
) -> None:
    """Ctrl-C reaches the whole group, `kill` the first process alone."""
    made = begun(tmp_path)
    try:
        (os.killpg if whole else os.kill)(made.pid, number)
        out, err = made.communicate(timeout=60)
        assert (made.returncode, out, err) == (status, b"", b"")
        assert gone(made.pid)
        assert os.listdir(tmp_path) == []
    finally:
        with suppress(ProcessLookupError):
            os.killpg(made.pid, signal.SIGKILL)
