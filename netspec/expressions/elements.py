"""Expressions that have a value for each element of a tensor, by the indices of the element.

A tensor has many elements, but few values of each index: parts that read one index alone, or none,
are worked out once for each value that it takes, and only when one is asked for.
"""

from dataclasses import replace
from typing import Any

from netspec.expressions.evaluate import evaluate
from netspec.expressions.syntax import Expression, Name, children, names, with_children
from netspec.expressions.template import Part, Template
from netspec.expressions.values import Environment, EvaluatedValue


class Elements:
    """What a formula stands in: `indices` are those of the element at hand, by their names."""

    def __init__(self, environment: Environment, indices: dict[str, int]) -> None:
        self.indices = indices
        self.spend = environment.spend
        self._around = environment
        self._parts: dict[str, tuple[Expression, str | None, dict[Any, EvaluatedValue]]] = {}

    def value(self, name: str) -> EvaluatedValue:
        if name in self.indices:
            return self.indices[name]
        if name not in self._parts:
            return self._around.value(name)
        expression, index, known = self._parts[name]
        at = None if index is None else self.indices[index]
        if at not in known:
            known[at] = evaluate(expression, self)
        return known[at]

    def template(self, template: Template) -> Template:
        """The template with names, which are known here, in the place of such parts."""
        return Template(
            tuple(
                replace(part, expression=self._named(part.expression))
                if isinstance(part, Part)
                else part
                for part in template.parts
            )
        )

    def _named(self, expression: Expression) -> Expression:
        inner = children(expression)
        if not inner:
            return expression
        read = names(expression) & self.indices.keys()
        if len(read) > 1:
            return with_children(expression, map(self._named, inner))
        name = f"\0{len(self._parts)}"  # which no text can say
        self._parts[name] = expression, next(iter(read), None), {}
        return Name(expression.start, expression.end, name)
