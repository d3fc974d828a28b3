"""What a string of the text format means."""

import warnings


def unescaped(literals: list[str]) -> str | None:
    """The text of string literals side by side, quotes included; None where it isn't text.

    A character may be escaped byte by byte, and so be divided between two literals. What an escape
    is, is the library's own word, with the names of characters that Python adds to it.
    """
    if not any("\\" in each for each in literals):
        return "".join(each[1:-1] for each in literals)
    from google.protobuf.text_encoding import CUnescape

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an escape that has no meaning stands for itself
        try:
            return b"".join(CUnescape(each[1:-1]) for each in literals).decode()
        except ValueError:
            return None
