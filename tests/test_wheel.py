"""The wheel, installed outside the checkout, is the whole program and nothing else."""

import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import pytest

from netspec._version import __version__
from netspec.extras import DISTRIBUTION

ROOT = Path(__file__).resolve().parent.parent
STEM = f"{DISTRIBUTION.replace('-', '_')}-{__version__}"

# What netspec needs is there already: the test's own environment lends it. A path that a .pth
# file adds is not searched for .pth files in turn, so the checkout stays out of sight.
LENT = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}


@dataclass(frozen=True)
class Installed:
    python: Path
    folder: Path

    def run(self, *command: str | Path, cwd: Path) -> str:
        """The standard output of a command that ends well without the checkout's help."""
        env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        ran = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution, and the wheel built from that: so both must be complete."""
    dist = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--no-isolation", f"--outdir={dist}", str(ROOT)]
    # Not in the checkout, whose folder `build` Python would find before the module.
    ran = subprocess.run(build, cwd=dist, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return dist


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    return dist / f"{STEM}-py3-none-any.whl"


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    home = tmp_path_factory.mktemp("venv")
    venv.create(home, with_pip=False, symlinks=True)
    python = home / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    pip += ["--disable-pip-version-check", "--no-index", "--no-deps", str(wheel)]
    subprocess.run(pip, cwd=home, check=True)
    (packages,) = home.glob("lib/python*/site-packages")
    (packages / "lent.pth").write_text("".join(f"{path}\n" for path in LENT))
    return Installed(python, packages)


def test_only_netspec_is_importable(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {name.split("/")[0] for name in names} == {"netspec", f"{STEM}.dist-info"}
    assert "netspec/py.typed" in names
    page = {f"netspec/view/page/{each}" for each in ("page.html", "page.css", "main.js")}
    assert page <= set(names)


@pytest.mark.parametrize("folder", ["specs", "codegen"])
def test_the_data_is_in_both_distributions(dist: Path, wheel: Path, folder: str) -> None:
    ours = {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*.*")}
    assert ours
    with ZipFile(wheel) as archive:
        assert {f"netspec/{name}" for name in ours} <= set(archive.namelist())
    with tarfile.open(dist / f"{STEM}.tar.gz") as archive:
        assert {f"{STEM}/{name}" for name in ours} <= set(archive.getnames())


def test_it_is_the_wheel_that_runs(installed: Installed, tmp_path: Path) -> None:
    program = "import netspec, netspec.resources as r; print(netspec.__file__, r.specs_dir())"
    package = installed.folder / "netspec"
    out = installed.run(installed.python, "-c", program, cwd=tmp_path)
    assert out.split() == [str(package / "__init__.py"), str(package / "specs")]


def test_list_and_compile_in_an_empty_folder(installed: Installed, tmp_path: Path) -> None:
    netspec = installed.python.parent / "netspec"
    assert "alexnet" in installed.run(netspec, "list", cwd=tmp_path)
    installed.run(netspec, "compile", "alexnet", "-o", "alexnet.py", cwd=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["alexnet.py"]
    source = (tmp_path / "alexnet.py").read_text()
    compile(source, "alexnet.py", "exec")
    assert "nn.Module" in source


def test_the_module_runs_too(installed: Installed, tmp_path: Path) -> None:
    run = installed.run(installed.python, "-m", "netspec", "--version", cwd=tmp_path)
    assert __version__ in run
