"""A headless Chromium, driven by Playwright: `make test-web` installs that."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest

SHOTS = Path(__file__).resolve().parents[2] / "build" / "web"
"""Where pictures of the pages are kept."""
Page: TypeAlias = Any
Open: TypeAlias = Callable[[Path | str], Page]


def chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    pytest.importorskip("graphlay")
    sync_api = pytest.importorskip("playwright.sync_api")
    path = chromium()
    if path is None:
        pytest.skip("there is no Chromium")
    with sync_api.sync_playwright() as play:
        made = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield made
        made.close()


@pytest.fixture
def opened(browser: Any, request: pytest.FixtureRequest) -> Iterator[Open]:
    """Opens a file, the network being off, or an address; nothing may go wrong until the end."""
    context = browser.new_context(viewport={"width": 1400, "height": 850})
    wrong: list[str] = []
    asked: list[str] = []

    def opened(place: Path | str) -> Page:
        page = context.new_page()
        page.on("console", lambda message: wrong.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda each: asked.append(each.url))
        context.set_offline(isinstance(place, Path))
        page.goto(place.as_uri() if isinstance(place, Path) else place)
        return page

    yield opened
    SHOTS.mkdir(parents=True, exist_ok=True)
    for number, page in enumerate(context.pages):
        name = request.node.name.replace("/", "_")
        page.screenshot(path=SHOTS / f"{name}{number or ''}.png")
    context.close()
    assert wrong == []
    foreign = [url for url in asked if not url.startswith(("file:", "data:", "http://127.0.0.1:"))]
    assert foreign == []


def until(page: Page, condition: str) -> None:
    """Wait until an expression of JavaScript holds, from outside: the page's policy wants that."""
    for _ in range(1_000):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(20)
    raise AssertionError(f"it never came: {condition}")
