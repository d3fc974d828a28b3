"""What the models of recipes are made of: their base and the numbers in them."""

from typing import Annotated, TypeAlias

from pydantic import ConfigDict, Field

from netspec.language.models import Model
from netspec.recipes.numbers import FLOAT_MAX

Number: TypeAlias = Annotated[float, Field(ge=-FLOAT_MAX, le=FLOAT_MAX)]
"""A number of 32 bits, as all of a solver's are in Caffe."""
Amount: TypeAlias = Annotated[float, Field(ge=0, le=FLOAT_MAX)]
Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]
Count: TypeAlias = Annotated[int, Field(ge=1)]
Epochs: TypeAlias = Annotated[float, Field(gt=0, le=FLOAT_MAX)]
"""How often all data are gone through; it may be broken."""
Times: TypeAlias = Annotated[int, Field(ge=0)]
Side: TypeAlias = Annotated[int, Field(ge=1, le=65535)]
"""A side of an image in pixels; the most that JPEG has."""


class Part(Model):
    """A mapping within a recipe."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)
