"""The stock recipes: each trains the networks that it says it's for."""

import csv
import re
import warnings
from pathlib import Path

import pytest

import netspec
from netspec.diagnostics import SpecError
from netspec.lower.training import to_script
from netspec.recipes import learning_rate
from netspec.recipes.files import read_recipe_file
from netspec.recipes.stock import recipe_text, stock_recipes
from tests.lower.training.images import write_coloured_cifar10
from tests.lower.training.scripts import loaded

TRAINED = {
    "alexnet_imagenet": ["alexnet", "alexnet_ungrouped"],
    "googlenet_imagenet": ["googlenet"],
    "lenet_digits": ["lenet"],
    "resnet110_cifar10": ["resnet110"],
    "resnet_cifar10": ["resnet20", "resnet32", "resnet44", "resnet56"],
    "resnet_imagenet": ["resnet18", "resnet34", "resnet50"],
    "vgg_imagenet": ["vgg11", "vgg16", "vgg19"],
}
"""The networks that each is for."""


def test_every_recipe_says_what_it_is_for() -> None:
    found = stock_recipes()
    assert [each.name for each in found] == sorted(TRAINED)
    for each in found:
        assert each.recipe.net in TRAINED[each.name]
        assert each.recipe.source is not None
        assert "reports" in (each.recipe.doc or "") or each.name == "lenet_digits"


@pytest.mark.parametrize("name", TRAINED)
def test_every_recipe_trains_its_networks(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        asked = read_recipe_file(name)
    for network in TRAINED[name]:
        assert "def train(" in to_script(netspec.load(network), asked)


def test_the_auxiliary_losses_of_googlenet() -> None:
    """0.3 each, as section 5 of the paper says."""
    text = to_script(netspec.load("googlenet"), read_recipe_file("googlenet_imagenet"))
    assert text.count(" + 0.3 * ") == 2


SEEN = {
    "alexnet_imagenet": (None, 0, True, "ten"),
    "googlenet_imagenet": (None, 0, True, None),
    "resnet110_cifar10": (None, 4, True, None),
    "resnet_cifar10": (None, 4, True, None),
    "resnet_imagenet": ([256, 480], 0, True, "ten"),
    "vgg_imagenet": ([256, 512], 0, True, None),
}
"""The papers' scales, pads, flips and crops of tests."""


@pytest.mark.parametrize("name", SEEN)
def test_what_the_papers_make_of_images(name: str) -> None:
    recipe = read_recipe_file(name).recipe
    data, augment, crops = recipe.data, recipe.augment, recipe.test_crops
    assert data is not None
    assert augment is not None
    assert data.format == ("cifar10" if name.endswith("cifar10") else "folder")
    found = (augment.scale, augment.pad, augment.flip, crops.type if crops is not None else None)
    assert found == SEEN[name]


RATES = {
    "alexnet_imagenet": {0: 0.01, 199_999: 0.01, 200_000: 1e-3, 899_999: 1e-6},
    "vgg_imagenet": {0: 0.01, 369_999: 1e-5},
    "googlenet_imagenet": {0: 0.01, 320_000: 0.0096},
    "resnet_imagenet": {0: 0.1, 599_999: 1e-4},
    "resnet_cifar10": {0: 0.1, 31_999: 0.1, 32_000: 0.01, 48_000: 0.001, 63_999: 0.001},
    "resnet110_cifar10": {0: 0.01, 400: 0.1, 63_999: 0.001},
}
"""The papers' rates: the first, the steps, the last."""


@pytest.mark.parametrize("name", RATES)
def test_the_rates_of_the_papers(name: str) -> None:
    recipe = read_recipe_file(name).recipe
    for step, rate in RATES[name].items():
        assert learning_rate(recipe, step) == pytest.approx(rate, rel=1e-5)


UNKNOWN = {
    "lenet_digit": "did you mean `lenet_digits`?",
    "mine": "`netspec list --recipes` shows the stock recipes",
    "here": "to read the file, write `./here`",
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_a_name_that_is_none(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here").write_text("recipe: 1\n")
    with pytest.raises(SpecError) as found:
        recipe_text(name)
    (told,) = found.value.diagnostics
    assert (told.message, told.help) == (f"there is no stock recipe `{name}`", UNKNOWN[name])
    assert recipe_text("./here").text == "recipe: 1\n"


COLOURS = {
    "batch_size": 32,
    "base_lr": 0.005,
    "stepvalue": [48, 56],
    "max_iter": 64,
    "test_interval": 64,
    "workers": 0,
}


def test_resnet20_tells_colours_apart(tmp_path: Path) -> None:
    """CIFAR-10's recipe on files of its form, with steps for classes that are plain."""
    write_coloured_cifar10(tmp_path, 40)
    text = read_recipe_file("resnet_cifar10").text.text
    for key, value in COLOURS.items():
        text = re.sub(f"^{key}: .*", f"{key}: {value}", text, flags=re.MULTILINE)
    text = text.replace("train: cifar-10-batches-bin", "train: .") + "seed: 2\n"
    with loaded(netspec.load("resnet20"), text) as made:
        assert made.__dict__["train"](tmp_path / "run", tmp_path) == 0
    first, last = csv.DictReader((tmp_path / "run" / "test.csv").read_text().splitlines())
    assert float(first["loss"]) > 2
    assert float(last["loss"]) < 0.5


@pytest.mark.slow
def test_lenet_reads_digits(tmp_path: Path) -> None:
    """98 of 100 that it hasn't seen: the recipe's own promise, with room for other CPUs' sums."""
    asked = read_recipe_file("lenet_digits")
    with loaded(netspec.load("lenet"), asked.text.text) as made:
        assert made.__dict__["train"](tmp_path) == 0
    last = (tmp_path / "test.csv").read_text().splitlines()[-1]
    assert float(last.rpartition(",")[2]) > 0.98
