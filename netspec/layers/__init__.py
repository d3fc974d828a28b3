"""The layers: one class each, a module a family. Know no back end."""

from netspec.layers.answers import LayerError as LayerError
from netspec.layers.answers import Weight as Weight
from netspec.layers.base import Layer as Layer
from netspec.layers.catalogue import CATALOGUE as CATALOGUE
