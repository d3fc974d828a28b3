"""What a script imports beside torch."""

from netspec.extras import require
from netspec.recipes import Recipe


def require_packages(recipe: Recipe) -> None:
    """SpecError where the script of a recipe couldn't import what it needs."""
    require("torch", "train")
    if recipe.data is not None and recipe.data.format == "digits":
        require("sklearn", "train")
    if recipe.tensorboard:
        require("tensorboard", "tensorboard")
