"""`$name` and `$(…)`. Knows no YAML, and no layer."""

from netspec.expressions.elements import Elements as Elements
from netspec.expressions.template import Template as Template
from netspec.expressions.template import parse_template as parse_template
from netspec.expressions.tokens import ExpressionError as ExpressionError
from netspec.expressions.values import Environment as Environment
from netspec.expressions.values import EvaluatedValue as EvaluatedValue
from netspec.expressions.values import HasProperties as HasProperties
from netspec.expressions.values import kind as kind
