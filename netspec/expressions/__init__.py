"""`$name` and `$(…)`. Knows no YAML, and no layer."""

from netspec.expressions.evaluate import Environment as Environment
from netspec.expressions.evaluate import EvaluatedValue as EvaluatedValue
from netspec.expressions.evaluate import HasProperties as HasProperties
from netspec.expressions.evaluate import kind as kind
from netspec.expressions.syntax import ExpressionError as ExpressionError
from netspec.expressions.template import Template as Template
from netspec.expressions.template import parse_template as parse_template
