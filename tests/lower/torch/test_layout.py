"""Code as a formatter leaves it, however long its names are."""

from itertools import product

from netspec.lower.torch.code import Assign, Call, Comprehension, Name, Return, call, method
from netspec.lower.torch.python.layout import statement_lines
from tests.lower.torch.checks import ruff


def chain(links: int, argument: str, base: str) -> Call:
    value = call(base, Name(argument))
    for name in ("permute", "flatten", "transpose")[:links]:
        value = method(value, name, Name("0"), Name("2"))
    return value


def test_chains_of_methods() -> None:
    """In parentheses where a line can't hold them, if need be each link in a line of its own."""
    lines = ["def f():"]
    bases = ("relu", "self.conv4_3_norm_mbox_conf")
    for links, length, base in product((2, 3), range(1, 80, 6), bases):
        value = chain(links, "a" * length, base)
        for statement in (Assign(("result",), value), Return((value,))):
            lines += statement_lines(statement, 4)
    source = "\n".join(lines) + "\n"
    assert ruff(["format"], source) == source


def test_comprehensions() -> None:
    """In a line of their own between the brackets, where one holds them."""
    lines = ["def f():"]
    for length in range(1, 80, 3):
        through = call("zip", Name("self.layers"), Name("a" * length))
        made = Comprehension(call("layer", Name("x"), Name("y")), "layer, y", through)
        lines += statement_lines(Assign(("results",), made), 4)
    source = "\n".join(lines) + "\n"
    assert ruff(["format"], source) == source
