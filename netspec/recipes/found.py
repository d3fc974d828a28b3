"""A mistake that a recipe as a whole makes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Found:
    """A mistake, or with `trap` what Caffe does without a word; at a key, or where it should be."""

    message: str
    key: str
    help: str | None = None
    code: str = "bad-value"
    trap: bool = False
