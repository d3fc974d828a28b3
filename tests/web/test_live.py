"""The live page: it follows the file, keeps what was folded and chosen, and survives mistakes."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.view.networks import RESIDUAL
from tests.web.conftest import Open, until


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "net.yaml"
    path.write_text(RESIDUAL)
    return path


@pytest.fixture
def address(spec: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "netspec", "view", str(spec), "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as ran:
        assert ran.stdout is not None
        yield ran.stdout.readline().strip()
        ran.send_signal(signal.SIGINT)
        assert ran.wait(60) == 130
        assert ran.stdout.read() == ""


def test_an_edit_that_breaks_it_and_one_that_mends_it(
    spec: Path, address: str, opened: Open
) -> None:
    page = opened(address)
    page.click(".row[title='layer2'] .twist")
    page.click(".row[title='layer2']")
    open_before = page.locator(".row[title='layer2']").get_attribute("aria-expanded")
    caption = page.inner_text("#caption")
    spec.write_text(RESIDUAL.replace("num_output: 10}", "num_outputs: 10}"))
    until(page, "!document.getElementById('broken').hidden")
    assert "net.yaml:23:36: " in page.inner_text("#broken")
    assert page.locator(".error").first.inner_text() == "num_outputs"
    assert page.inner_text("#caption") == caption
    assert page.locator(".row.chosen").get_attribute("title") == "layer2"
    spec.write_text(RESIDUAL.replace("num_output: 10}", "num_output: 20}"))
    until(page, "document.getElementById('broken').hidden")
    assert page.inner_text("#caption") != caption
    assert page.locator(".row.chosen").get_attribute("title") == "layer2"
    assert page.locator(".row[title='layer2']").get_attribute("aria-expanded") == open_before
    assert page.locator("#lines .error").count() == 0


def test_a_spec_that_is_broken_from_the_beginning(spec: Path, opened: Open, address: str) -> None:
    spec.write_text("netspec: 1\nlayers: [")
    page = opened(address)
    assert page.inner_text("#broken").splitlines()[0] == "1 mistake"  # of no graph is spoken
    page.keyboard.press("ArrowDown")
    page.click("#fold")
    page.click("#fit")
    spec.write_text(RESIDUAL)
    until(page, "document.getElementById('broken').hidden")
    assert page.inner_text("#name") == "Residual"


def test_controls(spec: Path, address: str, opened: Open) -> None:
    spec.write_text(
        RESIDUAL.replace("blocks:\n", "vars: {classes: 10}\nblocks:\n").replace(
            "num_output: 10}", "num_output: $classes}"
        )
        + "variants:\n  small: {classes: 2}\n"
    )
    page = opened(address)
    page.click("#fold")
    text = "(document.querySelector('.row[title=fc]')?.textContent || '')"
    until(page, f"{text}.includes('330')")  # 32·10 + 10
    page.select_option("[name='variant']", "small")
    until(page, f"{text}.includes('66')")
    page.fill("[name='set classes']", "3")
    page.press("[name='set classes']", "Enter")
    until(page, f"{text}.includes('99')")
    page.fill("[name='input data']", "1x3")
    page.press("[name='input data']", "Enter")
    until(page, "!document.getElementById('broken').hidden")
    page.fill("[name='input data']", "")
    page.press("[name='input data']", "Enter")
    until(page, "document.getElementById('broken').hidden")
    until(page, f"{text}.includes('99')")
