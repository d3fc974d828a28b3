"""A layer's page states all that there is to know, and states it truly."""

from typing import ClassVar

import pytest
from pydantic import Field

import netspec
from netspec.layers import CATALOGUE
from netspec.layers.base import Layer
from netspec.layers.fields import Count, Extents
from netspec.layers.page import example, facts, fields, layers_called, markdown, page, summary
from tests.checking import good

LayerType = type[Layer]
ALL = pytest.mark.parametrize("layer", CATALOGUE.values(), ids=CATALOGUE)


@ALL
def test_the_summary_is_a_sentence(layer: LayerType) -> None:
    assert summary(layer).endswith(".")


@ALL
def test_the_example_is_a_spec_of_the_layer_as_printed(layer: LayerType) -> None:
    """What stands on the page, pasted as it stands there, has nothing to be said of."""
    printed = page(layer).partition("\nExample\n")[2].partition("\n\n")[0]
    fenced = markdown([layer]).partition("```yaml\n")[2].partition("```")[0]
    for text in (printed, fenced):
        assert good(text).nodes
        assert layer.__name__ in {node.type for node in netspec.loads(text).nodes}
    assert fenced == example(layer) + "\n"
    assert max(map(len, example(layer).splitlines())) < 96


@ALL
def test_the_rules_name_every_parameter(layer: LayerType) -> None:
    nodes = [n for n in netspec.loads(example(layer)).nodes if n.type == layer.__name__]
    names = {each.name.rpartition(".")[2] for node in nodes for each in node.parameters}
    # A layer that is a parameter is called by its own name.
    names -= {node.name for node in nodes}
    assert [name for name in names if name not in layer.weights_rule] == []
    if layer.weights is not Layer.weights:
        assert layer.weights_rule != "none"


@ALL
def test_every_field_is_described(layer: LayerType) -> None:
    for each in fields(layer):
        assert each.description
        assert each.takes != "value"
    assert not summary(layer).endswith(",")
    for other in layer.field_synonyms.values():
        assert other in {each.name for each in fields(layer)}, f"no field {other}"


@ALL
def test_the_page_holds_the_facts(layer: LayerType) -> None:
    text = " ".join(page(layer).split())
    for _, fact in facts(layer):
        assert " ".join(fact.split()) in text
    for each in fields(layer):
        assert f" {each.name}: {each.takes}" in text


def test_no_two_layers_bear_one_name() -> None:
    for name, layer in CATALOGUE.items():
        assert layers_called(name.upper(), CATALOGUE) == [layer]


class Sample(Layer):
    """Show each kind of field.

    A list:

    - one item that is so long that it has to be broken somewhere before its end, as here it is;
    - another.
    """

    family: ClassVar[str] = "samples"
    source: ClassVar[str] = "none"
    flops_rule: ClassVar[str] = "none"
    bottom_count: ClassVar[tuple[int, int | None]] = (1, 3)
    field_synonyms: ClassVar[dict[str, str]] = {"Count": "count", "number": "count"}

    count: Count = Field(description="a count")
    extents: Extents = Field((2, 3), description="sizes along axes")
    ratio: float = Field(1e-9, gt=0, lt=1, description="a ratio")
    sizes: int | list[int] | None = Field(None, description="sizes")
    flag: bool = Field(False, description="a flag")
    word: str = Field("", description="a word")


def test_every_kind_of_field() -> None:
    assert page(Sample).startswith("""\
Sample (samples)

Show each kind of field.

A list:

- one item that is so long that it has to be broken somewhere before its end, as
  here it is;
- another.

Fields
  count: integer ≥ 1; required
      a count (elsewhere number)
  extents: integer ≥ 1 or list with one for each axis; [2, 3] unless given
      sizes along axes
  ratio: number > 0 and < 1; 1e-9 unless given
      a ratio
  sizes: integer or list of integers
      sizes
  flag: true or false; false unless given
      a flag
  word: text
      a word
""")
    text = page(Sample)
    assert "\nReads       one to three bottoms\nElements    real numbers\n" in text
    assert "\nGives       one top: the bottom's shape\n" in text


def test_markdown() -> None:
    text = markdown([Sample])
    assert "**samples**\n\n- [Sample](#sample): Show each kind of field.\n" in text
    shown = "integer ≥ 1 or list with one for each axis"
    assert f"| `extents` | {shown} | `[2, 3]` | sizes along axes |\n" in text
    assert "| `count` | integer ≥ 1 | required | a count (elsewhere `number`) |\n" in text
    assert "- **Reads**: one to three bottoms\n" in text
