"""`netspec diff`."""

import json
import os
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.sweeping.networks import SPEC, written


def test_text(run: Run, tmp_path: Path) -> None:
    path = written(tmp_path)
    result = run("diff", f"{path}:plain", f"{path}:deep")
    assert (result.status, result.err) == (0, "")
    assert result.out.splitlines()[:4] == [
        f"{path}:plain → {path}:deep",
        "",
        "+ conv.1: Convolution, N×4×4×4, 148 parameters, 2,304 MACs",
        "~ fc, behind these, holds other shapes",
    ]
    assert "\x1b" not in result.out


def test_json(run: Run) -> None:
    result = run("diff", "-", "-", stdin=SPEC)
    assert result.status == 2
    assert "only one of the two can be standard input" in result.err
    result = run("diff", "resnet18", "resnet34", "--format", "json")
    made = json.loads(result.out)
    assert (made["a"], made["b"]) == ("resnet18", "resnet34")
    assert len(made["added"]) == 56
    assert made["totals"]["params"] == [11_689_512, 21_797_672]


def test_vars_of_both_and_of_one(run: Run, tmp_path: Path) -> None:
    path = written(tmp_path)
    result = run("diff", path, path, "--set", "kernels=[3]", "--set-b", "width=8")
    lines = result.out.splitlines()
    assert lines[0] == f"{path} (kernels=[3]) → {path} (kernels=[3], width=8)"
    assert lines[2].startswith("~ conv.0: num_output 4 → 8 (gives N×4×6×6 → N×8×6×6, parameters ")
    result = run("diff", path, path, "--set-a", "width=8", "--set-b", "width=8")
    assert "~" not in result.out


@pytest.mark.parametrize(
    ("name", "start"), [("x.md", "### lenet"), ("x.json", "{\n"), ("x.txt", "lenet → lenet\n")]
)
def test_files(name: str, start: str, run: Run, tmp_path: Path) -> None:
    file = tmp_path / name
    result = run("diff", "lenet", "lenet", "-o", str(file))
    assert (result.status, result.out, result.err) == (0, "", "")
    assert file.read_text(encoding="utf-8").startswith(start)


def test_a_suffix_that_says_nothing_is_refused(run: Run, tmp_path: Path) -> None:
    """A drawing of the two isn't made: a file `.svg` would hold text."""
    file = tmp_path / "x.svg"
    result = run("diff", "lenet", "lenet", "-o", str(file))
    assert result.status == 2
    said = "how to write: end it in one of .txt, .json, .md, .html, or give --format"
    assert said in " ".join(result.err.split())
    assert not file.exists()
    assert run("diff", "lenet", "lenet", "-o", str(file), "--format", "text").status == 0


def test_the_specs_are_spared(run: Run, tmp_path: Path) -> None:
    path = written(tmp_path)
    result = run("diff", "lenet", path, "-o", path, "--format", "text")
    assert result.status == 1
    assert "it is the file that a spec is read from" in result.err
    assert Path(path).read_text(encoding="utf-8") == SPEC
    assert os.listdir(tmp_path) == ["tiny.yaml"]


def test_the_exit_status(run: Run) -> None:
    assert run("diff", "resnet18", "resnet34").status == 0
    assert run("diff", "resnet18", "resnet34", "--exit-code").status == 1
    assert run("diff", "resnet18", "resnet18", "--exit-code").status == 0
    result = run("diff", "resnet18", "resnet43")
    assert result.status == 1
    assert "error[unknown-spec]: there is no stock network `resnet43`" in result.err


def test_what_is_no_setting_is_told_of_its_option(run: Run) -> None:
    result = run("diff", "lenet", "lenet", "--set-b", "w")
    assert "--set-b: 'w' is not NAME=VALUE" in " ".join(result.err.split())
    assert (result.status, result.out) == (2, "")
