"""The values of expressions."""

from typing import Any

import pytest

from netspec.expressions import ExpressionError, HasProperties, parse_template
from netspec.expressions.template import Template
from netspec.graph.sizes import symbol


class Blob(HasProperties):
    def property(self, name: str) -> Any:
        if name == "shape":
            return [symbol("N"), 3, 8, 8]
        if name == "channels":
            return 3
        if name == "height":
            return symbol("H")
        raise ExpressionError("unknown-name", f"no `{name}`")


VALUES: dict[str, Any] = {
    "x": 7,
    "f": 2.5,
    "s": "abc",
    "l": [1, 2, 3],
    "t": True,
    "b": Blob(),
    "H": symbol("H"),
    "nan": float("nan"),
    "inf": float("inf"),
}


class Names:
    steps = 0

    def value(self, name: str) -> Any:
        if name in VALUES:
            return VALUES[name]
        raise ExpressionError("unknown-name", f"no `{name}`")

    def spend(self, steps: int) -> None:
        self.steps += steps


def value(text: str) -> Any:
    template = parse_template(text)
    return template if isinstance(template, str) else template.evaluate(Names())


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("7 / 2", 3.5),
        ("6 / 2", 3.0),
        ("7 // 2", 3),
        ("-7 // 2", -4),
        ("7 % 4", 3),
        ("2 ** 3 ** 2", 512),
        ("-2 ** 2", -4),
        ("2 ** -1", 0.5),
        ("+x - -x", 14),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("'a' + \"b\"", "ab"),
        ("s * 2", "abcabc"),
        ("[1, 2] + [x]", [1, 2, 7]),
        ("[0] * 3", [0, 0, 0]),
        ("[1] * -1", []),
        ("1 < 2 <= 2 < 3", True),
        ("1 < 3 < 2", False),
        ("x == 7.0", True),
        ("t == 1", False),
        ("'a' < 'b'", True),
        ("s == 'abc' and x != 3", True),
        ("not t or x > 3", True),
        ("t or 1 / 0 > 1", True),
        ("2 in l", True),
        ("4 not in l", True),
        ("'b' in s", True),
        ("not 2 in l", False),
        ("1 if t else 1 // 0", 1),
        ("1 if not t else 2 if x > 9 else 3", 3),
        ("l[0] + l[-1]", 4),
        ("l[1:]", [2, 3]),
        ("l[:-1]", [1, 2]),
        ("l[:]", [1, 2, 3]),
        ("s[1]", "b"),
        ("min(l) + max(1, x) + sum(l) + len(l)", 1 + 7 + 6 + 3),
        ("abs(-3) + round(2.6) + ceil(2.1) + floor(2.9)", 3 + 3 + 3 + 2),
        ("round(2.567, 2)", 2.57),
        ("log(1) + log(8) / log(2)", 3.0),
        ("sum([])", 0),
        ("len(s)", 3),
        ("b.channels * 2", 6),
        ("b.shape[2] == b.shape[3]", True),
        ("b.height == H", True),
        ("[b.height][0] == H", True),
        ("true and not False", True),
        ("[[1, 2], [3]][0][1]", 2),
    ],
)
def test_expressions(expression: str, expected: Any) -> None:
    found = value(f"$({expression})")
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("H + 1", "H + 1"),
        ("2 * H - 3", "2*H - 3"),
        ("10 - H", "-H + 10"),
        ("(H + 1) // 2", "ceil(H/2)"),
        ("b.height * 3 // 2 + H", "H + floor((3*H)/2)"),
        ("(H // 2 + 1) // 2", "floor((H + 2)/4)"),
        ("-H + 1", "-H + 1"),
        ("+H", "H"),
        ("-(-H // 32) * 32", "32*ceil(H/32)"),
        ("(0 - 3 * H) // 2", "-ceil((3*H)/2)"),
    ],
)
def test_sizes_are_computed_with(expression: str, expected: str) -> None:
    assert str(value(f"$({expression})")) == expected


def test_sizes_that_cancel_are_numbers() -> None:
    assert value("$(H + 3 - H)") == 3
    assert value("$(0 * H)") == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$x", 7),
        ("$t", True),
        ("layer$(x + 1)", "layer8"),
        ("$x-$f", "7-2.5"),
        ("a$x.b", "a7.b"),
        ("$x$s", "7abc"),
        ("$$x", "$x"),
        ("a$$", "a$"),
        ("$(x)$$", "7$"),
        ("plain", "plain"),
        ("$(')')", ")"),
    ],
)
def test_templates(text: str, expected: Any) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("expression", "code", "message"),
    [
        ("1 / 0", "expression-value", "division by zero"),
        ("1 % 0", "expression-value", "division by zero"),
        ("0 ** -1", "expression-value", "division by zero"),
        ("(-8) ** 0.5", "expression-value", "a root of a negative number"),
        ("l[3]", "expression-value", "index 3 is out of range: a list of 3, counted from 0"),
        ("max([])", "expression-value", "`max` of nothing"),
        ("l[1.0]", "expression-type", "an index is an integer, not a float"),
        ("l['a':]", "expression-type", "an index is an integer"),
        ("x[0]", "expression-type", "an integer can't be indexed"),
        ("x[1:]", "expression-type", "an integer can't be sliced"),
        ("x and t", "expression-type", "`and` takes a boolean, but this is an integer"),
        ("1 if x else 2", "expression-type", "`if` takes a boolean"),
        ("not s", "expression-type", "`not` takes a boolean, but this is a string"),
        ("s + 1", "expression-type", "`+` takes two numbers, not a string and an integer"),
        ("t + 1", "expression-type", "`+` takes two numbers, not a boolean and an integer"),
        ("-s", "expression-type", "`-` takes a number, not a string"),
        ("s < 1", "expression-type", "`<` can't compare a string with an integer"),
        ("1 in x", "expression-type", "`in` takes a list, not an integer"),
        ("b == b", "expression-type", "a blob can't be compared"),
        ("b + 1", "expression-type", "not a blob and an integer"),
        ("x.channels", "expression-type", "an integer has no properties"),
        ("len(x)", "expression-type", "`len` takes a list or a string"),
        ("abs(1, 2)", "expression-type", "`abs` takes one value, not 2"),
        ("sum(s)", "expression-type", "`sum` takes numbers, not a string"),
        ("ceil(s)", "expression-type", "`ceil` takes a number"),
        ("log(0)", "expression-value", "`log` takes a positive number, not 0"),
        ("log(-0.5)", "expression-value", "`log` takes a positive number, not -0.5"),
        ("log(nan)", "too-large", "a float out of range"),
        ("H / 2", "symbolic-size", "the size H is symbolic"),
        ("H % 2", "symbolic-size", "the size H is symbolic"),
        ("H * H", "symbolic-size", "the size H is symbolic"),
        ("H // H", "symbolic-size", "the size H is symbolic"),
        ("7 // H", "symbolic-size", "the size H is symbolic"),
        (
            "H * 1.5",
            "expression-type",
            "`*` takes a size and an integer, not the symbolic size H and a float",
        ),
        ("H + t", "expression-type", "not the symbolic size H and a boolean"),
        ("H + s", "expression-type", "not the symbolic size H and a string"),
        ("H // 0", "expression-value", "a size is divided by a positive integer, not by 0"),
        ("H // -2", "expression-value", "a size is divided by a positive integer, not by -2"),
        (
            "+".join(f"(H + 1) // {n}" for n in range(2, 40)),
            "too-large",
            "a size whose formula is over 200 characters long",
        ),
        ("H > 1", "symbolic-size", "the size H is symbolic"),
        ("H == 1", "symbolic-size", "the size H is symbolic"),
        ("H in l", "symbolic-size", "the size H is symbolic"),
        ("max(b.shape)", "symbolic-size", "the size N is symbolic"),
        ("ceil(H)", "symbolic-size", "the size H is symbolic"),
        ("y", "unknown-name", "no `y`"),
        ("b.size", "unknown-name", "no `size`"),
        ("2 ** 64", "too-large", "an integer of over 64 bits"),
        ("9223372036854775807 + 1", "too-large", "an integer of over 64 bits"),
        ("2 ** 65", "too-large", "an exponent of over 64"),
        ("10.0 ** 60 ** 6", "too-large", "an exponent"),
        ("1e308 * 10", "too-large", "a float out of range"),
        ("[0] * 10001", "too-large", "a list of over 10,000 elements"),
        ("[0] * 9223372036854775807", "too-large", "a list of over 10,000 elements"),
        ("[[0] * 5000] * 3", "too-large", "a list of over 10,000 elements"),
        ("s * 4000", "too-large", "a string of over 10,000 elements"),
        ("ceil(inf)", "too-large", "a float out of range"),
        ("round(nan)", "too-large", "a float out of range"),
    ],
)
def test_expressions_without_a_value(expression: str, code: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        value(f"$({expression})")
    assert (caught.value.code, message in caught.value.message) == (code, True), caught.value
    assert 2 <= caught.value.start < caught.value.end <= len(expression) + 2


def test_only_numbers_and_strings_go_into_text() -> None:
    for text in ("a$l", "a$t", "a$b", "a$H"):
        with pytest.raises(ExpressionError, match="only numbers and strings"):
            value(text)


def test_a_text_is_bounded() -> None:
    with pytest.raises(ExpressionError, match="a text of over 10,000 characters"):
        value("a$(s * 3000)$(s * 3000)")


def test_work_is_counted() -> None:
    names = Names()
    template = parse_template("$(sum([0] * 8000) + 1)")
    assert isinstance(template, Template)
    template.evaluate(names)
    assert names.steps > 1000


@pytest.mark.parametrize(("name", "what"), [("l", "a list"), ("s", "a string")])
def test_what_is_repeated_stands_first(name: str, what: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        value(f"$(2 * {name})")
    assert caught.value.message == f"`*` takes two numbers, not an integer and {what}"
    assert caught.value.help == f"{what} that is to be repeated stands first: `x * 2`"
