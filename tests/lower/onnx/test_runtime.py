"""Libraries at hand that are older than an opset: told in a word, before anything is written."""

from pathlib import Path

import pytest

from netspec.diagnostics import Diagnostic, SpecError
from netspec.layers.activation import ReLU
from netspec.lower.onnx import runtime
from netspec.lower.onnx.model import save, to_model
from netspec.lower.onnx.opsets import NEWEST_OPSET, OLDEST_OPSET
from netspec.lower.onnx.options import Options
from netspec.verify import verify
from tests.graphs import N, chain

GRAPH = chain((N, 3), ReLU())


def said(caught: pytest.ExceptionInfo[SpecError]) -> Diagnostic:
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "missing-extra"
    return diagnostic


def test_what_is_here_knows_and_runs_the_oldest() -> None:
    assert OLDEST_OPSET <= runtime.newest_runnable() <= runtime.newest_known()
    runtime.require_runnable(OLDEST_OPSET)


def test_an_old_onnx(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(runtime, "newest_known", lambda: 23)
    monkeypatch.setattr("onnx.__version__", "1.18.0")
    to_model(GRAPH, Options(opset=23))
    with pytest.raises(SpecError) as caught:
        save(GRAPH, tmp_path / "x.onnx", Options(opset=24))
    assert said(caught).message == "onnx 1.18.0 knows opsets up to 23; this needs 24"
    assert said(caught).help == "ask for an older opset, or `pip install --upgrade onnx`"
    assert not list(tmp_path.iterdir())


def test_an_old_onnxruntime(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "newest_known", lambda: NEWEST_OPSET)
    monkeypatch.setattr(runtime, "newest_runnable", lambda: 26)
    monkeypatch.setattr("onnxruntime.__version__", "1.31.1")
    assert verify(GRAPH, Options(opset=20)).ok
    with pytest.raises(SpecError) as caught:
        verify(GRAPH, Options(opset=28))
    assert said(caught).message == "onnxruntime 1.31.1 runs opsets up to 26; this needs 28"
    assert said(caught).help == "ask for an older opset, or `pip install --upgrade onnxruntime`"


def test_an_old_onnxruntime_is_not_asked_to_run_bfloat16(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "newest_runnable", lambda: 21)
    assert verify(GRAPH, Options(dtype="bfloat16")).ok


def test_the_newest_that_loads_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    runtime.newest_runnable.cache_clear()
    monkeypatch.setattr(runtime, "_loads", lambda opset: opset <= 21)
    assert runtime.newest_runnable() == 21
    runtime.newest_runnable.cache_clear()
