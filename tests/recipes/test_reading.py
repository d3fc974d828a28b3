"""Recipes as YAML: what they are, mistakes at their places, and what is written reads back."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.diagnostics import SourceText, SpecError
from netspec.recipes import Recipe, learning_rate, read_recipe, to_yaml
from netspec.recipes.data import Augment, Crops, Data
from netspec.recipes.model import Loss, Plateau


def read(text: str) -> Recipe:
    return read_recipe(SourceText("recipe.yaml", text))


def test_a_recipe() -> None:
    recipe = read("recipe: 1\nbase_lr: 0.1\nlr_policy: fixed\nmax_iter: 10\n")
    assert (recipe.base_lr, recipe.optimizer, recipe.momentum) == (0.1, "SGD", 0.0)


def test_mistakes() -> None:
    with pytest.raises(SpecError) as found:
        read("recipe: 1\nbase_lr: high\nmomentun: 0.9\nmax_iter: 1.5\n")
    told = [(str(each.span), each.message, each.help) for each in found.value.diagnostics]
    assert told == [
        ("recipe.yaml:2:10", "`base_lr` should be a number, not 'high'", None),
        ("recipe.yaml:3:1", "nothing here is called `momentun`", "did you mean `momentum`?"),
        ("recipe.yaml:4:11", "`max_iter` should be an integer, not 1.5", None),
    ]
    for text in ("- 1\n", "base_lr: 1\n"):
        with pytest.raises(SpecError, match="recipe"):
            read(text)


@pytest.mark.parametrize(
    ("text", "place", "message", "help"),
    [
        (
            "data: {format: digit}\n",
            "recipe.yaml:2:16",
            "`format` should be 'digits', 'npz', 'folder', 'cifar10', 'cifar100' or 'mnist', "
            "not 'digit'",
            "did you mean `digits`?",
        ),
        (
            "loss: {fc: {label_smoothing: 2}}\n",
            "recipe.yaml:2:30",
            "`label_smoothing` should be at most 1.0, not 2",
            None,
        ),
        (
            "base_lr: -0.1\n",
            "recipe.yaml:2:10",
            "`base_lr` should be at least 0.0, not -0.1",
            None,
        ),
        (
            "epochs: 3\nmax_iter: 5\n",
            "recipe.yaml:2:9",
            "`max_iter` and `epochs` both say how long to train",
            "leave one of them out",
        ),
        (
            "data: {format: npz}\n",
            "recipe.yaml:2:7",
            "`train` is missing, which `format: npz` needs",
            None,
        ),
        (
            "optimizer: AdamW\nregularization_type: L1\nweight_decay: 0.1\n",
            "recipe.yaml:3:22",
            "AdamW has a decay of its own, which isn't L1",
            "is `optimizer: Adam` meant?",
        ),
        (
            "lr_policy: cosine\n",
            "recipe.yaml:2:12",
            "`max_iter` is missing, which `lr_policy: cosine` needs",
            None,
        ),
    ],
)
def test_mistakes_of_training(text: str, place: str, message: str, help: str | None) -> None:
    with pytest.raises(SpecError) as found:
        read("recipe: 1\n" + text)
    errors = [each for each in found.value.diagnostics if each.severity == "error"]
    told = [(str(each.span), each.message, each.help) for each in errors]
    assert told == [(place, message, help)]


def test_other_policies() -> None:
    def rates(**fields: object) -> list[float]:
        recipe = Recipe.model_validate({"recipe": 1, "base_lr": 1.0, **fields})
        return [round(learning_rate(recipe, t), 6) for t in range(5)]

    assert rates(lr_policy="cosine", max_iter=4, min_lr=0.5) == [1, 0.926777, 0.75, 0.573223, 0.5]
    assert rates(lr_policy="cyclic", stepsize=2, min_lr=0.5) == [0.5, 0.75, 1, 0.75, 0.5]
    assert rates(lr_policy="1/t", gamma=1.0) == [1, 0.5, 0.333333, 0.25, 0.2]


def test_every_key_is_described() -> None:
    assert all(field.description for field in Recipe.model_fields.values())


def test_rates_need_a_policy_and_an_iteration() -> None:
    with pytest.raises(ValueError, match="has no `lr_policy`"):
        learning_rate(Recipe(recipe=1), 0)
    with pytest.raises(ValueError, match="count from 0"):
        learning_rate(Recipe(recipe=1, lr_policy="fixed"), -1)


def test_warm_up_is_a_line_to_the_policy() -> None:
    recipe = Recipe(
        recipe=1,
        base_lr=1.0,
        lr_policy="step",
        gamma=0.5,
        stepsize=4,
        warmup_iter=4,
        warmup_start_lr=0.5,
    )
    assert [learning_rate(recipe, t) for t in range(6)] == [0.5, 0.625, 0.75, 0.875, 0.5, 0.5]


def test_poly_past_its_end() -> None:
    """As in Caffe: up again for an even power, no number for a broken one."""
    rising = Recipe(recipe=1, base_lr=1.0, lr_policy="poly", power=2.0, max_iter=4)
    assert [learning_rate(rising, t) for t in (4, 6)] == [0.0, 0.25]
    broken = Recipe(recipe=1, base_lr=1.0, lr_policy="poly", power=0.5, max_iter=4)
    assert learning_rate(broken, 5) != learning_rate(broken, 5)


NUMBERS = st.floats(0, 1e6, width=32)
RECIPES = st.builds(
    Recipe,
    recipe=st.just(1),
    net=st.none() | st.text(max_size=20),
    base_lr=NUMBERS,
    lr_policy=st.sampled_from(["fixed", "exp", "inv", "multistep"]),
    gamma=NUMBERS,
    power=NUMBERS,
    stepvalue=st.lists(st.integers(0, 50), max_size=4),
    optimizer=st.sampled_from(["SGD", "Nesterov", "Adam"]),
    momentum=NUMBERS,
    weight_decay=NUMBERS,
    clip_gradients=st.none() | NUMBERS,
    max_iter=st.none() | st.integers(0, 10**9),
    test_iter=st.lists(st.integers(0, 50), max_size=2),
    test_net=st.lists(st.text(max_size=20), max_size=2),
    seed=st.none() | st.integers(0, 2**62),
)


@settings(max_examples=60, deadline=None)
@given(RECIPES, st.integers(0, 10**6))
def test_what_is_written_trains_the_same(recipe: Recipe, iteration: int) -> None:
    text = to_yaml(recipe)
    again = read(text)
    assert to_yaml(again) == "".join(
        line for line in text.splitlines(keepends=True) if not line.startswith("#")
    )
    rates = [learning_rate(each, iteration) for each in (recipe, again)]
    assert rates[0] == rates[1] or rates[0] != rates[0]
    kept = {"net", "optimizer", "weight_decay", "clip_gradients", "max_iter", "test_net", "seed"}
    assert again.model_dump(include=kept) == recipe.model_dump(include=kept)


def test_the_page_has_every_key() -> None:
    page = (Path(__file__).parents[2] / "docs" / "recipes.md").read_text(encoding="utf-8")
    for model in (Recipe, Data, Augment, Crops, Loss, Plateau):
        for name, field in model.model_fields.items():
            shown = "required"
            if not field.is_required():
                default = field.get_default()
                empty = default in (None, [], {})
                shown = "" if empty else f"`{json.dumps(default)}`".replace('"', "")
            assert f"| `{name}` | {shown} | {field.description} |\n" in page, name
