"""The page of what is published about the stock networks."""

import pytest

from netspec.resources import stock_files
from tests.specs.ledger import PAGE, page

QUICK = ("googlenet", "resnet_cifar", "vgg")


def sections(text: str) -> dict[str, str]:
    """The sections of the page by their titles."""
    return {part.partition("\n")[0]: part for part in text.split("\n## ")[1:]}


def test_some_sections_are_current() -> None:
    found = sections(page(path for path in stock_files() if path.stem in QUICK))
    kept = sections(PAGE.read_text(encoding="utf-8"))
    assert {name: found[name].strip() for name in QUICK} == {
        name: kept[name].strip() for name in QUICK
    }
    assert set(found["Where they differ"].splitlines()) <= set(
        kept["Where they differ"].splitlines()
    )


@pytest.mark.slow
def test_the_page_is_current() -> None:
    """`make docs` renews it."""
    assert page(stock_files()) == PAGE.read_text(encoding="utf-8")
