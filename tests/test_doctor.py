"""What is found to be installed, and what is said of it."""

import json
from importlib.metadata import version
from pathlib import Path

import pytest

from netspec import doctor
from netspec.cli.doctor import report_lines
from netspec.doctor import Package, Report, examine
from netspec.extras import EXTRAS, NEEDED
from tests.cli.conftest import Run, run

__all__ = ["run"]


def made(*packages: Package, problems: tuple[str, ...] = ()) -> Report:
    return Report("1.0", Path("/x"), "3.11", "Linux", packages, (), problems)


def test_what_is_installed_is_found() -> None:
    report = examine()
    found = {each.name: each for each in report.packages}
    assert {*NEEDED} <= {*found}
    assert found["numpy"].version == version("numpy")
    assert found["onnx"].facts[0].startswith("opsets up to ")
    torch = pytest.importorskip("torch")
    assert found["torch"].version == version("torch")
    assert f"{torch.get_num_threads()} threads" in found["torch"].facts[1]


def test_an_extra_that_is_not_there_is_no_fault() -> None:
    report = made(Package("torch", "2.13.0"), Package("onnxruntime", None))
    assert report.faults == ()
    assert report.lacking(EXTRAS["torch"]) == []
    assert report.lacking(EXTRAS["verify"]) == ["onnxruntime"]
    said = "\n".join(report_lines(report))
    assert "[torch]  networks as PyTorch modules" in said
    assert "PyTorch and ONNX Runtime: lacks onnxruntime\n" in said
    assert "pip install 'netspec-compiler[verify]'" in said


def test_what_does_not_work_is_a_fault() -> None:
    report = made(
        Package("numpy", None),
        Package("torch", "2.13.0", trouble="OSError: a library is missing"),
        problems=("the custom layer `A` of b can't be used: it isn't there",),
    )
    assert report.faults == (
        "numpy: it is missing, and netspec needs it",
        "torch: OSError: a library is missing",
        "the custom layer `A` of b can't be used: it isn't there",
    )
    assert report.lacking(EXTRAS["torch"]) == ["torch"]
    assert "  pip install --force-reinstall torch" in report_lines(report)
    assert "  pip install 'netspec-compiler[torch]'" not in report_lines(report)
    faults = [f"  {each}" for each in report.faults]
    assert [*report_lines(report)][-4:] == ["What doesn't work", *faults]


def test_a_package_that_breaks_is_told_of(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> list[str]:
        raise OSError("no driver")

    monkeypatch.setitem(doctor._FACTS, "onnx", fails)
    monkeypatch.setattr(doctor, "EXTRAS", {})
    result = run("doctor", "--format", "json")
    assert result.status == 1
    told = json.loads(result.out)
    assert told["faults"] == ["onnx: OSError: no driver"]
    assert {"netspec", "folder", "python", "machine", "packages", "extras"} <= {*told}


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ("import os; os.abort()", "Python is ended by SIGABRT as it is imported"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("raise OSError('no library')", "OSError: no library"),
    ],
)
def test_a_package_that_ends_python(
    text: str, trouble: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told of, and doctor goes on."""
    about = tmp_path / "ended_here-2.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: ended_here\nVersion: 2.0\n")
    (tmp_path / "ended_here.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert doctor._package("ended_here") == Package("ended_here", "2.0", trouble=trouble)
