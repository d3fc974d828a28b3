"""From the text of an expression to its tree, by precedence climbing."""

import math
from typing import NoReturn

from netspec.expressions.syntax import (
    FUNCTIONS,
    MAX_INTEGER,
    Attribute,
    Binary,
    Call,
    Comparison,
    Conditional,
    Expression,
    Index,
    List,
    Literal,
    Name,
    Slice,
    Unary,
    children,
)
from netspec.expressions.tokens import ExpressionError, Token, tokenize

MAX_DEPTH = 40

_COMPARISONS = frozenset(("==", "!=", "<", "<=", ">", ">=", "in", "not in"))
_BINARY = {"+": 4, "-": 4, "*": 5, "/": 5, "//": 5, "%": 5}


def parse(text: str) -> Expression:
    """The tree of an expression; ExpressionError where it isn't one."""
    return _Parser(tokenize(text)).parse()


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.position = 0
        self.depth = 0

    def parse(self) -> Expression:
        expression = self._conditional()
        if self._peek().kind != "end":
            self._fail(self._peek())
        _check_depth(expression)
        return expression

    def _peek(self) -> Token:
        return self.tokens[self.position]

    def _next(self) -> Token:
        token = self.tokens[self.position]
        if token.kind != "end":
            self.position += 1
        return token

    def _accept(self, text: str) -> bool:
        token = self._peek()
        if token.kind in ("operator", "word") and token.text == text:
            self.position += 1
            return True
        return False

    def _expect(self, text: str) -> Token:
        token = self._peek()
        if not self._accept(text):
            self._fail(token, f"expected `{text}`")
        return token

    def _fail(self, token: Token, expected: str | None = None) -> NoReturn:
        found = "the end" if token.kind == "end" else f"`{token.text}`"
        message = f"{expected}, but found {found}" if expected else f"{found} is out of place"
        raise ExpressionError("expression-syntax", message, token.start, token.end)

    def _conditional(self) -> Expression:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            token = self._peek()
            message = f"an expression nested more than {MAX_DEPTH} levels deep"
            raise ExpressionError("too-deep", message, token.start, token.end)
        value = self._or()
        if self._accept("if"):
            condition = self._or()
            self._expect("else")
            if_false = self._conditional()
            value = Conditional(value.start, if_false.end, condition, value, if_false)
        self.depth -= 1
        return value

    def _or(self) -> Expression:
        left = self._and()
        while self._accept("or"):
            right = self._and()
            left = Binary(left.start, right.end, "or", left, right)
        return left

    def _and(self) -> Expression:
        left = self._not()
        while self._accept("and"):
            right = self._not()
            left = Binary(left.start, right.end, "and", left, right)
        return left

    def _not(self) -> Expression:
        nots = []
        while self._peek().text == "not" and self._peek().kind == "word":
            nots.append(self._next())
        value = self._comparison()
        for token in reversed(nots):
            value = Unary(token.start, value.end, "not", value)
        return value

    def _comparison(self) -> Expression:
        operands = [self._arithmetic(4)]
        operators = []
        while (operator := self._comparison_operator()) is not None:
            operators.append(operator)
            operands.append(self._arithmetic(4))
        if not operators:
            return operands[0]
        start, end = operands[0].start, operands[-1].end
        return Comparison(start, end, tuple(operators), tuple(operands))

    def _comparison_operator(self) -> str | None:
        token = self._peek()
        if token.kind == "word" and token.text == "not":
            self._next()
            self._expect("in")
            return "not in"
        if token.kind in ("operator", "word") and token.text in _COMPARISONS:
            return self._next().text
        return None

    def _arithmetic(self, precedence: int) -> Expression:
        left = self._unary()
        while True:
            token = self._peek()
            level = _BINARY.get(token.text, 0) if token.kind == "operator" else 0
            if level < precedence:
                return left
            self._next()
            right = self._arithmetic(level + 1)
            left = Binary(left.start, right.end, token.text, left, right)

    def _unary(self) -> Expression:
        signs = []
        while self._peek().kind == "operator" and self._peek().text in "+-":
            signs.append(self._next())
        value = self._power()
        for token in reversed(signs):
            value = Unary(token.start, value.end, token.text, value)
        return value

    def _power(self) -> Expression:
        base = self._postfix()
        if not self._accept("**"):
            return base
        self.depth += 1
        exponent = self._unary() if self.depth <= MAX_DEPTH else self._conditional()
        self.depth -= 1
        return Binary(base.start, exponent.end, "**", base, exponent)

    def _postfix(self) -> Expression:
        value = self._atom()
        while True:
            if self._accept("."):
                token = self._next()
                if token.kind != "name":
                    self._fail(token, "expected the name of a property")
                value = Attribute(value.start, token.end, value, token.text)
            elif self._accept("["):
                value = self._subscript(value)
            elif self._peek().kind == "number" and self._peek().text[1:].isdecimal():
                # The `.0` of `layer1.0.channels` reads as a number; behind a value it is a part
                # of a path.
                if self._peek().text[0] != ".":
                    return value
                token = self._next()
                value = Attribute(value.start, token.end, value, token.text[1:])
            else:
                return value

    def _subscript(self, value: Expression) -> Expression:
        lower = None if self._peek().text == ":" else self._conditional()
        if not self._accept(":"):
            end = self._expect("]").end
            assert lower is not None
            return Index(value.start, end, value, lower)
        upper = None if self._peek().text == "]" else self._conditional()
        end = self._expect("]").end
        return Slice(value.start, end, value, lower, upper)

    def _atom(self) -> Expression:
        token = self._next()
        if token.kind == "number":
            return Literal(token.start, token.end, _number(token))
        if token.kind == "string":
            return Literal(token.start, token.end, token.text[1:-1])
        if token.kind == "word" and token.text.lower() in ("true", "false"):
            return Literal(token.start, token.end, token.text.lower() == "true")
        if token.kind == "name":
            if self._accept("("):
                return self._call(token)
            return Name(token.start, token.end, token.text)
        if token.text == "(" and token.kind == "operator":
            value = self._conditional()
            self._expect(")")
            return value
        if token.text == "[" and token.kind == "operator":
            items, end = self._items("]")
            return List(token.start, end, items)
        self._fail(token, "expected a value")

    def _call(self, token: Token) -> Expression:
        if token.text not in FUNCTIONS:
            raise ExpressionError(
                "expression-syntax",
                f"there is no function `{token.text}`",
                token.start,
                token.end,
                help=f"the functions are {', '.join(FUNCTIONS)}",
            )
        arguments, end = self._items(")")
        return Call(token.start, end, token.text, arguments)

    def _items(self, closing: str) -> tuple[tuple[Expression, ...], int]:
        items = []
        while self._peek().text != closing or self._peek().kind != "operator":
            items.append(self._conditional())
            if not self._accept(","):
                break
        return tuple(items), self._expect(closing).end


def _number(token: Token) -> int | float:
    if not token.text.isdecimal():
        number = float(token.text)
        if number == math.inf:
            raise ExpressionError("too-large", "a float out of range", token.start, token.end)
        return number
    if len(token.text) > 19 or int(token.text) > MAX_INTEGER:
        raise ExpressionError("too-large", "an integer of over 64 bits", token.start, token.end)
    return int(token.text)


def _check_depth(expression: Expression) -> None:
    """Refuse trees too deep to walk by recursion: `1 + 1 + …` nests without any bracket."""
    level = [expression]
    for _ in range(MAX_DEPTH):
        level = [part for each in level for part in children(each)]
        if not level:
            return
    message = f"an expression nested more than {MAX_DEPTH} levels deep"
    raise ExpressionError("too-deep", message, expression.start, expression.end)
