"""Several things in a sentence."""


def listed(items: list[str], word: str = "and") -> str:
    """The items with commas between them, and a word before the last.

    >>> listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"], "or")
    ('a', 'a and b', 'a, b or c')
    """
    return f" {word} ".join(filter(None, (", ".join(items[:-1]), *items[-1:])))
