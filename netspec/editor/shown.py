"""Shapes as an editor shows them."""

from netspec.graph import Node
from netspec.graph.tree import Scope, ends

MAX_LENGTH = 80


def shapes_of(part: "Node | Scope") -> str:
    """What a layer or a scope gives, in few characters: `N×64×112×112`."""
    text = ", ".join(str(blob.shape) for blob in ends(part)[1])
    return text if len(text) <= MAX_LENGTH else f"{text[: MAX_LENGTH - 1]}…"


def shapes_of_all(parts: "list[Node | Scope]") -> str:
    """What all instances of an entry give: the shape, or the first and the last of several."""
    texts = list(dict.fromkeys(shapes_of(each) for each in parts))
    texts = [each for each in texts if each]
    if len(texts) <= 2:
        return " … ".join(texts)
    return f"{texts[0]} … {texts[-1]}"
