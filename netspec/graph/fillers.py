"""How a fresh parameter is filled: Caffe's FillerParameter."""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def uppercase(value: object) -> object:
    """Enumerations are written in capitals and read in any case."""
    return value.upper() if isinstance(value, str) else value


VarianceNorm = Annotated[Literal["FAN_IN", "FAN_OUT", "AVERAGE"], BeforeValidator(uppercase)]


def lowercase(value: object) -> object:
    """Caffe writes the names of fillers small; they too are read in any case."""
    return value.lower() if isinstance(value, str) else value


FillerType = Annotated[
    Literal["constant", "gaussian", "uniform", "xavier", "msra", "positive_unitball", "bilinear"],
    BeforeValidator(lowercase),
    Field(json_schema_extra={"any_case": True}),
]


class Filler(BaseModel):
    """How fresh weights are drawn (Caffe's `filler.hpp`).

    With n the fan that `variance_norm` names (in: elements of one output's weights; out: of one
    input's; the average of both):

    - constant: `value` everywhere;
    - gaussian: normal with `mean` and `std`;
    - uniform: between `min` and `max`;
    - xavier: uniform within ±sqrt(3 / n) (Glorot and Bengio 2010);
    - msra: normal with deviation sqrt(2 / n) (He et al. 2015);
    - positive_unitball: uniform, each output's weights scaled to the sum 1;
    - bilinear: the kernel of bilinear upsampling.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, defer_build=True, allow_inf_nan=False
    )

    type: FillerType = Field("constant", description="the distribution")
    value: float = Field(0.0, description="constant: the value")
    mean: float = Field(0.0, description="gaussian: the mean")
    std: float = Field(1.0, ge=0, description="gaussian: the standard deviation")
    min: float = Field(0.0, description="uniform: the lower end")
    max: float = Field(1.0, description="uniform: the upper end")
    variance_norm: VarianceNorm = Field("FAN_IN", description="xavier, msra: the fan")


ZEROS = Filler.model_construct(type="constant", value=0.0)
ONES = Filler.model_construct(type="constant", value=1.0)
MSRA = Filler.model_construct(type="msra")
