"""YAML text, its positions and its limits. Knows neither layers nor graphs."""

from netspec.source.reader import decode as decode
from netspec.source.reader import read as read
from netspec.source.values import Mapping as Mapping
from netspec.source.values import Plain as Plain
from netspec.source.values import Scalar as Scalar
from netspec.source.values import Sequence as Sequence
from netspec.source.values import Value as Value
