"""The syntax of expressions, and its bounds."""

import pytest

from netspec.expressions import ExpressionError, parse_template
from netspec.expressions.parser import parse
from netspec.expressions.syntax import names
from netspec.expressions.template import Template


@pytest.mark.parametrize(
    ("text", "code", "start", "message"),
    [
        ("", "expression-syntax", 0, "expected a value, but found the end"),
        ("1 +", "expression-syntax", 3, "expected a value, but found the end"),
        ("1 2", "expression-syntax", 2, "`2` is out of place"),
        ("(1", "expression-syntax", 2, "expected `)`, but found the end"),
        ("[1, 2", "expression-syntax", 5, "expected `]`, but found the end"),
        ("x.", "expression-syntax", 2, "expected the name of a property"),
        ("x[]", "expression-syntax", 2, "expected a value, but found `]`"),
        ("1 if 2", "expression-syntax", 6, "expected `else`"),
        ("a = 1", "expression-syntax", 2, "`=` has no meaning"),
        ("a; b", "expression-syntax", 1, "`;` has no meaning"),
        ("{1}", "expression-syntax", 0, "`{` has no meaning"),
        ("lambda: 1", "expression-syntax", 6, "`:` is out of place"),
        ("__import__('os')", "expression-syntax", 0, "there is no function `__import__`"),
        ("x.y(1)", "expression-syntax", 3, "`(` is out of place"),
        ("x not 1", "expression-syntax", 6, "expected `in`"),
        ("99999999999999999999", "too-large", 0, "an integer of over 64 bits"),
        ("9999999999999999999", "too-large", 0, "an integer of over 64 bits"),
        ("1e999", "too-large", 0, "a float out of range"),
        ("(" * 50 + "1" + ")" * 50, "too-deep", 40, "nested more than 40 levels deep"),
        ("1" + " + 1" * 100, "too-deep", 0, "nested more than 40 levels deep"),
        ("2" + " ** 2" * 100, "too-deep", 0, "nested more than 40 levels deep"),
        ("not " * 100 + "true", "too-deep", 0, "nested more than 40 levels deep"),
        ("1 if t else " * 60 + "1", "too-deep", 0, "nested more than 40 levels deep"),
        ("1" * 1001, "too-large", 0, "over 1000 characters"),
    ],
)
def test_what_is_no_expression(text: str, code: str, start: int, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert caught.value.code == code
    assert message in caught.value.message
    if start:
        assert caught.value.start >= start


def test_places_are_those_in_the_whole_text() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_template("layer$(1 + )x")
    assert (caught.value.start, caught.value.end) == (11, 11)


@pytest.mark.parametrize("text", ["$(", "a $(b", "$(min(1", "$('a)", "$([1, 2)"[:7]])
def test_what_is_not_closed(text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_template(text)
    assert caught.value.code == "unquoted-expression"


@pytest.mark.parametrize(
    ("text", "help"), [("$a.b", "write `$(a.b)`"), ("$a[0]", "write `$(a[0])`")]
)
def test_a_name_that_goes_on(text: str, help: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_template(text)
    assert caught.value.help == help


def test_names() -> None:
    assert names(parse("a.b.0 + c[d] if len(e) > 1 else [f, -g]")) == set("acdefg")
    template = parse_template("$a-$(b + 1)")
    assert isinstance(template, Template)
    assert template.names == {"a", "b"}
