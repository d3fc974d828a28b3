"""Names that a layer can't have, held against the installed PyTorch."""

import keyword

import pytest

from netspec.language.names import is_plain_number, problem


def test_keywords_are_refused() -> None:
    assert all(problem(name) for name in keyword.kwlist)


def test_everything_that_a_module_has_is_refused() -> None:
    torch = pytest.importorskip("torch")
    names = [name for name in dir(torch.nn.Module()) if not name.startswith("_")]
    assert names
    assert [name for name in names if problem(name) is None] == []


@pytest.mark.parametrize("name", ["conv1", "0", "12", "x_1", "Conv", "soft", "type_"])
def test_good_names(name: str) -> None:
    assert problem(name) is None


@pytest.mark.parametrize(
    "name", ["", "01", "-1", "1.0", "a b", "a-", "a--b", "-a", "_a", "__init__", "a" * 200]
)
def test_bad_names(name: str) -> None:
    assert problem(name) is not None


@pytest.mark.parametrize("name", ["_", "__", "_a", "__init__", "training"])
def test_what_is_suggested_is_a_good_name(name: str) -> None:
    found = problem(name)
    assert found is not None
    assert found[1] is not None
    assert problem(found[1].removeprefix("say `").removesuffix("`")) is None


def test_numbers() -> None:
    numbers = ("0", "10", "01", "1234567")
    assert [is_plain_number(name) for name in numbers] == [True, True, False, False]
