"""The pydantic models of a document: which keys it has and of which types.

They say what a spec looks like; `document` makes of a text that looks so a tree with positions,
and `schema` a JSON Schema. A value that holds an expression is left out when a model is applied,
and checked once the expression has a value.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from netspec.graph.fillers import uppercase

PhaseName = Annotated[Literal["TRAIN", "TEST"], BeforeValidator(uppercase)]
Names = str | int | list[str | int]
STATE_ORDER = "layers whose parameters come first in a state_dict; others follow as written"
EXPECT = "what its figures should be, which `check` holds it to"
REQUIRE = "conditions, each with a sentence, on its"
Dtype = Literal["float32", "float16", "float64", "int32", "int64", "bool"]


class Model(BaseModel):
    """Unknown keys, nulls and values of another type are errors."""

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)


class InputModel(Model):
    """An input that says more than its shape."""

    shape: list[int | str] = Field(
        description="sizes, batch first; an upper-case word is symbolic, as is a multiple, 32*H"
    )
    dtype: Dtype = Field("float32", description="the element type")
    phase: PhaseName | None = Field(None, description="the only phase that has this input")


class ParamModel(Model):
    """Caffe's ParamSpec: how one of a layer's parameters is shared and trained."""

    model_config = ConfigDict(allow_inf_nan=False)

    name: str | None = Field(None, description="parameters that bear the same name are shared")
    lr_mult: float = Field(1.0, ge=0, description="scales the learning rate; 0 freezes")
    decay_mult: float = Field(1.0, ge=0, description="scales the weight decay")


class TableModel(Model):
    """A table that a repeat goes through."""

    columns: list[str] = Field(description="what expressions call the cells of a row")
    rows: list[Any] = Field(description="the rows, each a list of cells")


class EntryModel(BaseModel):
    """The keys that an entry of `layers:` may have, whatever its type; others are its type's."""

    model_config = ConfigDict(extra="allow", strict=True, defer_build=True)

    name: str | int | None = Field(None, description="the last part of the layer's path")
    type: str | None = Field(None, description="a built-in layer or a block")
    layers: list[dict[str, Any]] | None = Field(None, description="a group's own layers")
    reuse: str | None = Field(None, description="an earlier layer to apply again, same weights")
    bottom: Names | None = Field(None, description="what it reads; what stands before unless said")
    top: str | list[str] | None = Field(None, description="names for what it gives")
    repeat: int | list[Any] | dict[str, Any] | None = Field(
        None, description="how many instances stand in a row, or the rows of a table, one for each"
    )
    first: dict[str, Any] | None = Field(None, description="fields of instance 0")
    index: str = Field("i", description="what expressions call the number of the instance")
    when: bool = Field(True, description="whether it is there")
    otherwise: str | int | None = Field(
        None, description="what its name stands for where it isn't; its first bottom unless said"
    )
    phase: PhaseName | None = Field(None, description="the only phase that has it")
    param: list[ParamModel] | None = Field(None, description="for weight and bias, as in Caffe")
    allow: list[str] = Field([], description="codes of warnings that it is exempt from")
    doc: str | None = Field(None, description="what it is for")


class GroupModel(EntryModel):
    """An entry with `layers:`: an open scope, or with `scope: false` none at all."""

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)

    scope: bool = Field(True, description="whether its layers have names of their own")
    outputs: Names | None = Field(None, description="what it gives; the last layer's unless said")
    state_order: list[str] = Field([], description=STATE_ORDER)


class ReuseModel(EntryModel):
    """An entry with `reuse:`; it has no fields of its own."""

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)


class RequirementModel(Model):
    """A condition that must hold, or nothing is built."""

    that: bool = Field(description="what must be true")
    say: str = Field(description="the sentence that says so where it isn't")


class BlockModel(Model):
    """A layer type that the spec defines."""

    doc: str | None = Field(None, description="what it is")
    args: dict[str, Any] = Field({}, description="its fields: defaults, or `required`")
    inputs: list[str] | None = Field(None, description="names for what it reads; else `input`")
    require: list[dict[str, Any]] = Field([], description=f"{REQUIRE} args, vars and inputs")
    layers: list[dict[str, Any]] = Field(description="its layers, in order")
    outputs: Names | None = Field(None, description="what it gives; the last layer's unless said")
    state_order: list[str] = Field([], description=STATE_ORDER)
    allow: list[str] = Field([], description="codes of warnings that it is exempt from")


class AboutModel(Model):
    """What a spec, or one of its variants, says about itself."""

    doc: str | None = Field(None, description="what it is")
    source: str | None = Field(None, description="the paper")
    task: str | None = Field(None, description="what it is for: classification, detection, …")
    year: int | None = Field(None, ge=1, description="when it was published")


class VariantModel(AboutModel):
    """What a variant says beside its vars."""

    expect: dict[str, Any] | list[dict[str, Any]] = Field({}, description=EXPECT)


class SpecModel(AboutModel):
    """A network."""

    netspec: Literal[1] = Field(description="the version of the language")
    name: str = Field(description="the network's name, and that of its class")
    use: str | list[str] = Field([], description="files whose blocks to bring in")
    allow: list[str] = Field([], description="codes of warnings to leave out")
    inputs: dict[str, Any] = Field(description="the inputs' shapes, batch first")
    vars: dict[str, Any] = Field({}, description="values that expressions see everywhere")
    variants: dict[str, dict[str, Any]] = Field(
        {}, description="networks by name: what they say about themselves, and vars"
    )
    require: list[dict[str, Any]] = Field([], description=f"{REQUIRE} vars and inputs")
    blocks: dict[str, dict[str, Any]] = Field({}, description="layer types of one's own")
    layers: list[dict[str, Any]] = Field(description="the layers, in order")
    outputs: Names | None = Field(None, description="what it gives; the last layer's unless said")
    state_order: list[str] = Field([], description=STATE_ORDER)
    expect: dict[str, Any] | list[dict[str, Any]] = Field({}, description=EXPECT)


class LibraryModel(Model):
    """A file that `use` brings in."""

    netspec: Literal[1] = Field(description="the version of the language")
    doc: str | None = Field(None, description="what it holds")
    use: str | list[str] = Field([], description="files whose blocks to bring in")
    blocks: dict[str, dict[str, Any]] = Field({}, description="layer types")
