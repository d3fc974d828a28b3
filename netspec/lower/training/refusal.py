"""A mistake that keeps a recipe from training a network."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """A mistake, and the key of the recipe that makes it; it is told of the beginning where the
    recipe has no such key.
    """

    message: str
    key: str
    help: str | None = None
    code: str = "not-trainable"
