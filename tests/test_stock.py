"""Which file, and which variant of it, a SPEC argument means."""

from pathlib import Path

import pytest

import netspec
from netspec.diagnostics import SpecError
from netspec.stock import Location, locate

SPEC = """
netspec: 1
name: Net
inputs: {data: [N, 4]}
vars: {width: 2}
variants: {small: {width: 1}}
layers:
  - {name: fc, type: InnerProduct, num_output: $width, bias_term: false}
"""


@pytest.mark.parametrize(
    ("spec", "path", "variant"),
    [
        ("./a:b.yaml", "./a:b.yaml", None),
        ("a:b.yaml", "a:b.yaml", None),
        ("./a:b.yaml:small", "./a:b.yaml", "small"),
        ("./plain.yaml:small", "./plain.yaml", "small"),
        ("plain.yaml:large", "plain.yaml", "large"),
        ("plain.yaml:", "plain.yaml", ""),
        ("./bare:small", "./bare:small", None),
        ("./c:d/e.yaml", "./c:d/e.yaml", None),
        ("./c:d/e.yaml:small", "./c:d/e.yaml", "small"),
        # These aren't there.
        ("./no:where.yaml", "./no:where.yaml", None),
        ("./no:where/it.yml", "./no:where/it.yml", None),
        ("./no.yaml:small", "./no.yaml", "small"),
        ("./no:where.yaml:small", "./no:where.yaml", "small"),
        ("./folder:small", "./folder", "small"),
    ],
)
def test_colons(
    spec: str, path: str, variant: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("c:d").mkdir()
    Path("folder:small").mkdir()
    for name in ("a:b.yaml", "plain.yaml", "bare", "bare:small", "c:d/e.yaml"):
        Path(name).write_text(SPEC)
    assert locate(spec) == Location(Path(path), path, variant)


def test_a_name_with_a_colon_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a:b.yaml"
    path.write_text(SPEC)
    assert netspec.load(path).params == 8
    assert netspec.load(f"{path}:small").params == 4


@pytest.mark.parametrize("spec", ["./a\0.yaml", "./\ud800.yaml", "./\0:small"])
def test_what_no_file_is_called(spec: str) -> None:
    with pytest.raises(SpecError, match="it is no path"):
        netspec.load(spec)


@pytest.mark.parametrize("spec", ["a\0", "\ud800", "", "a" * 5000])
def test_what_no_stock_network_is_called(spec: str) -> None:
    with pytest.raises(SpecError, match="there is no stock network"):
        netspec.load(spec)
