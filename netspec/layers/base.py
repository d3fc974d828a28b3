"""What every layer is: its fields, its shape rule, its weights and its cost, in one class."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict

from netspec.graph.reach import EVERYTHING, POINTWISE, Reach
from netspec.graph.scales import ChannelScale
from netspec.graph.sizes import Size
from netspec.graph.types import Shape, TensorType
from netspec.graph.work import Work
from netspec.layers.answers import Condition, LayerError, Lint, Weight
from netspec.layers.elements import REALS, Elements
from netspec.quick import frozen

Types = Sequence[TensorType]


@frozen
class Giver:
    """The layer that gives a bottom; `alone` is true where nothing else reads that."""

    layer: "Layer"
    alone: bool


class Layer(BaseModel):
    """The base of all layers. A layer's class is its documentation, schema, shape rule and cost.

    A subclass's docstring describes it; the first line is its summary. Class variables complete
    the page that `netspec layers TYPE` prints.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        defer_build=True,
        allow_inf_nan=False,
    )

    family: ClassVar[str]
    """The heading that the catalogue lists it under."""
    source: ClassVar[str]
    """The paper, or the framework whose rule it is."""
    shape_rule: ClassVar[str] = "the bottom's shape"
    weights_rule: ClassVar[str] = "none"
    """The names and shapes of the tensors that `weights` gives."""
    macs_rule: ClassVar[str] = "none"
    """Its multiply-accumulates, for one item of the batch."""
    flops_rule: ClassVar[str]
    """Its operations of every kind, for one item of the batch; one without arithmetic says so."""
    example: ClassVar[str] = ""
    """The `inputs` and `layers` of a small spec that shows its use; a test compiles it.

    A layer with one bottom that needs no field may leave it out.
    """
    bottom_count: ClassVar[tuple[int, int | None]] = (1, 1)
    """The least and the greatest number of bottoms (None: any)."""
    top_count: ClassVar[tuple[int, int | None]] = (1, 1)
    """The least and the greatest number of tops (None: any)."""
    elements: ClassVar[tuple[Elements, ...]] = (REALS,)
    """What each bottom may hold, one after the other; the last goes for all that follow."""
    spatial: ClassVar[bool] = False
    """Whether three axes are N×C×L to it, channels and places, not a sequence N×T×C."""
    one_type: ClassVar[bool] = False
    """Whether all bottoms must hold elements of the same type."""
    regions: ClassVar[tuple[int, ...]] = ()
    """The numbers of bottoms that hold boxes, [index in the batch, x1, y1, x2, y2]."""
    is_constant: ClassVar[bool] = False
    """Whether it holds values that the spec lists, and gives these."""
    tabulates: ClassVar[str | None] = None
    """The field that may be a formula for each element of `shape`: `axes` names the indices that it
    reads. The layer gets what it comes to, in lists, and no `axes`.
    """
    labels: ClassVar[tuple[int, ...]] = ()
    """The numbers of bottoms that hold labels, the numbers of classes from 0 on (or rows of a
    table).
    """
    looks_up: ClassVar[bool] = False
    """Whether its first weight, or without weights its first bottom, is a table: it copies some
    elements of that, and reads no others.
    """
    counts_rows: ClassVar[bool] = False
    """Whether its tops have `ROWS` on the first axis: as many as it finds when the network runs."""
    symbolic_fields: ClassVar[tuple[str, ...]] = ()
    """The fields that take symbolic sizes, if those of the bottoms tell them."""
    gives_distribution: ClassVar[bool] = False
    """Whether its top is a softmax already, which a loss shouldn't take another of."""
    nonfinite: ClassVar[str | None] = None
    """Where targets are known to treat NaN or infinities differently: how; None where not."""
    synonyms: ClassVar[tuple[str, ...]] = ()
    """What PyTorch, ONNX and Keras call it."""
    synonym_notes: ClassVar[dict[str, str]] = {}
    """What a synonym's entry must say here, `with …`, or where it differs, `(…)`."""
    field_synonyms: ClassVar[dict[str, str]] = {}
    """What PyTorch, ONNX, Keras and older Caffes call its fields."""
    field_notes: ClassVar[dict[str, str]] = {}
    """The whole help for foreign fields where the new name alone would mislead."""
    stated: ClassVar[tuple[str, ...]] = ()
    """Fields that are worth saying where they have their default too: unsaid, they warn."""
    value_synonyms: ClassVar[dict[str, dict[str, str]]] = {}
    """What others call the words that a field takes, in capitals, by field.

    Behind the word for it here may stand what else is to be said, `with …`.
    """

    @property
    def loss_factor(self) -> float | None:
        """The factor of its top in the sum of all losses, its field `loss_weight`; None for a layer
        that is no loss. A loss is given besides the network's outputs.
        """
        return float(dict(self)["loss_weight"]) if _is_weighed(type(self)) else None

    def features(self, shape: Shape) -> int | None:
        """The axis of its first bottom, of that shape, whose size alone its weights have, if that
        may be any; None where they have others'.
        """
        return None

    @property
    def listed(self) -> int:
        """How many numbers a target has to write for it, one by one."""
        return 0

    @property
    def numbers(self) -> Sequence[float]:
        """The values that it gives, if `is_constant`; a single one for all."""
        return ()

    @property
    def classes(self) -> int | None:
        """How many classes its `labels` are of; None where another bottom says it."""
        return None

    def labels_below(self, bottoms: Types) -> Size | None:
        """What all its `labels` are less than; None where nothing says it, or others may stand
        there too, which it ignores.
        """
        return self.classes

    @property
    def adds(self) -> bool:
        """Whether it adds up branches, as at the end of a residual block."""
        return False

    @property
    def is_identity_in_test(self) -> bool:
        """Whether in the TEST phase its top is its first bottom: it can then be left out."""
        return False

    @property
    def overwritable(self) -> bool:
        """Whether the layer behind it may write over its top: that is new memory, of which its own
        gradient asks nothing.
        """
        return False

    @property
    def writes_over(self) -> bool:
        """Whether it can write over its first bottom: its gradient doesn't ask for what was there,
        or keeps a copy.
        """
        return False

    @property
    def is_view(self) -> bool:
        """Whether in the TEST phase its tops are the bottom's own memory, in another shape or a
        part of it: nothing is read or written then.

        That is so of a layer by itself, whatever stands around it. Whether PyTorch makes a copy
        after all, as of a Reshape behind a Permute, is known to a run (`netspec.eager`).
        """
        return self.is_identity_in_test

    @property
    def stacked(self) -> int:
        """How many layers with weights of their own it holds, one behind the other."""
        return 1

    @property
    def adds_bias(self) -> bool:
        """Whether its last step is to add a learned bias for each channel."""
        return False

    @property
    def scales_channels(self) -> bool:
        """Whether it ends in a product of each channel and a learned factor, which another learned
        factor behind it would only repeat.
        """
        return False

    @property
    def scale_in_test(self) -> ChannelScale | None:
        """What it does in the TEST phase, if that is to scale and shift each channel, axis 1."""
        return None

    def takes_in_scale(self, bottoms: Types) -> int | None:
        """The axis of its `weight` that stands for axis 1 of its top, if factors of those elements
        can become part of the weight and shifts part of the `bias` that `biased` has.
        """
        return None

    def biased(self) -> Self:
        """The layer with a `bias`: for one that takes in a scale."""
        return self.model_copy(update={"bias_term": True})

    def lints(self, bottoms: Types, givers: Sequence[Giver | None]) -> Iterable[Lint]:
        """Warnings about it, its bottoms and the layers that give them; None: an input."""
        return ()

    @property
    def takes_statistics(self) -> bool:
        """Whether in the TRAIN phase an item's result depends on the others of its batch, by their
        mean and deviation.
        """
        return False

    @property
    def saturates(self) -> bool:
        """Whether bottoms that differ can give tops that don't: where it is flat, or gives no more
        than an order, a direction or a choice. `verify` then compares what it reads, too.

        False for a rectifier: one that lets nothing through is worth a word.
        """
        return False

    @property
    def type_name(self) -> str:
        return type(self).__name__

    def brief(self, bottoms: Types) -> str:
        """What drawings call it, in papers' words, `3×3 conv, 64, /2`; a sign has a circle."""
        return self.type_name

    @classmethod
    def advise(cls, field: str, value: object, others: Mapping[str, object]) -> str | None:
        """Help for a value that a field doesn't take; `others` are all that its entry gives."""
        words = cls.value_synonyms.get(field, {}).get(str(value).upper(), "")
        own, _, note = words.partition(" ")
        return " ".join(filter(None, (f"netspec calls it `{own}`", note))) if own else None

    def check(self) -> Iterator[LayerError]:
        """Mistakes between fields, whatever the bottoms are."""
        yield from ()

    def takes(self, bottom: int) -> Elements:
        """What a bottom may hold: as `elements` says, or less where a field asks for it."""
        return self.elements[min(bottom, len(self.elements) - 1)]

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        """The types of the tops, for bottoms whose elements `require_elements` has accepted.

        LayerError where the bottoms don't fit.
        """
        raise NotImplementedError

    def outputs_for(self, bottoms: Types, count: int) -> tuple[TensorType, ...]:
        """`outputs` where `top` names `count` blobs; 0 where there is no `top`.

        Only a layer that gives as many tops as it is asked for looks at the count.
        """
        return self.outputs(bottoms)

    def conditions(self, bottoms: Types) -> Iterable[Condition]:
        """What must hold of the sizes of bottoms that `outputs` has accepted."""
        return ()

    def conditions_of_integers(
        self, bottoms: Types, number: int, least: int, greatest: int
    ) -> Iterable[Condition]:
        """What must hold of sizes where a bottom is known to hold integers of that range."""
        return ()

    def needs(self, bottoms: Types, tops: Types) -> Iterator[Size]:
        """Sizes that must be 1 or more for the layer to run: its tops', and what it is told of."""
        for top in tops:
            yield from top.shape
        for each in self.conditions(bottoms):
            if each.told:
                yield each.size

    def weights(self, bottoms: Types) -> tuple[Weight, ...]:
        """The tensors held, for bottoms that `outputs` has accepted."""
        return ()

    def work(self, bottoms: Types, tops: Types) -> Work:
        """How much of each kind it does, by `macs_rule` and `flops_rule`."""
        raise NotImplementedError

    def workspace(self, bottoms: Types, tops: Types) -> Size:
        """Elements that it holds between bottoms and tops, where these may be many more."""
        return 0

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        """What a place of a top sees of a bottom in the TEST phase, both given by their numbers.

        A class that says nothing sees all of it, which is never too little.
        """
        return EVERYTHING


@cache
def _is_weighed(layer: type[Layer]) -> bool:
    return "loss_weight" in layer.model_fields


class ElementwiseLayer(Layer):
    """The base of layers that give one real number for each one of their only bottom.

    Where that depends on other places, too, as in a normalization, the layer has its own `reach`.
    """

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        return (bottoms[0],)

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        return POINTWISE
