"""Attention of sequences, N×T×C: what each place of one takes from the places of another."""

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from netspec.counted import counted
from netspec.graph.bounds import equal
from netspec.graph.fillers import MSRA, ZEROS, Filler
from netspec.graph.sizes import Size
from netspec.graph.types import Shape, TensorType
from netspec.graph.work import Kind, Work
from netspec.layers.answers import LayerError, Weight
from netspec.layers.base import Layer, Types
from netspec.layers.bottoms import require_known
from netspec.layers.elements import MASKS, REALS, Elements
from netspec.layers.fields import Count
from netspec.layers.filling import check_bilinear
from netspec.quick import frozen

ROLES = ("query", "key", "value")
_MASK_HELP = {
    (3, 1): "a second bottom is a mask; keys that are values, too: `bottom: [query, key, key]`",
    (3, 3): "a 1 stands for the heads: `Reshape` with `axis: 1, num_axes: 0, shape: [1]`",
}
"""By how many axes a mask has that doesn't fit, and its bottom's number."""


@frozen
class Reading:
    """What attention reads: N×L×C, N×S×C and N×S×C, and a mask or None.

    `mask_bottom` is the number of the mask's bottom.
    """

    query: TensorType
    key: TensorType
    value: TensorType
    mask: TensorType | None
    mask_bottom: int

    @property
    def scores(self) -> Size:
        """How many scores a head has, over the batch."""
        shape = self.query.shape
        return shape[0] * shape[1] * self.key.shape[1]


class Attending(Layer):
    """The base of the two: what they read, and the products of all heads."""

    family: ClassVar[str] = "attention"
    bottom_count: ClassVar[tuple[int, int | None]] = (1, 4)
    elements: ClassVar[tuple[Elements, ...]] = (REALS, MASKS, REALS, MASKS)
    saturates: ClassVar[bool] = True

    heads: Count = Field(description="the heads that the channels are split into")
    causal: bool = Field(False, description="whether a place takes from those before it alone")
    dropout_ratio: float = Field(
        0.0, ge=0, lt=1, description="the share of scores zeroed in the TRAIN phase"
    )

    def reading(self, bottoms: Types) -> Reading:
        """What each bottom is."""
        mask = bottoms[-1] if len(bottoms) in (2, 4) else None
        query, key, value = bottoms[:3] if len(bottoms) > 2 else (bottoms[0],) * 3
        return Reading(query, key, value, mask, len(bottoms) - 1)

    def check_reading(self, bottoms: Types) -> Reading:
        """The same, of bottoms that fit each other; LayerError where they don't."""
        reading = self.reading(bottoms)
        sequences = bottoms[:3] if len(bottoms) > 2 else bottoms[:1]
        for number, each in enumerate(sequences):
            self._check_sequence(number, each, sequences)
        if len(sequences) > 1:
            self._check_lengths(reading)
        if reading.mask is not None:
            self._check_mask(reading, reading.mask)
        return reading

    def _check_sequence(self, number: int, each: TensorType, sequences: Types) -> None:
        if each.shape.rank != 3:
            raise LayerError(
                "shape-mismatch",
                f"{self.type_name} reads sequences N×T×C, but {{{number}}} is {each.shape}",
                bottom=number,
                help="`Flatten` with `axis: 2`, then `Permute` with `order: [0, 2, 1]` makes a "
                "sequence of an image's positions"
                if each.shape.rank == 4
                else None,
            )
        if each.dtype != sequences[0].dtype:
            raise LayerError(
                "wrong-type",
                f"{self.type_name}'s {ROLES[number]} must be {sequences[0].dtype} as its query is, "
                f"but {{{number}}} holds {each.dtype}",
                bottom=number,
                help="a mask stands behind the query alone, or behind query, key and value"
                if each.dtype == "bool"
                else None,
            )
        require_known(self, "the number of channels", each.shape[2], number)

    def _check_lengths(self, reading: Reading) -> None:
        query, key, value = (each.shape for each in (reading.query, reading.key, reading.value))
        if not equal(query[0], key[0]) or not equal(key[0], value[0]):
            what, shapes = "sequences of one batch", f"{query}, {key} and {value}"
        elif not equal(key[1], value[1]):
            what, shapes = "a value for each key", f"{key} keys and {value} values"
        else:
            return
        message = f"{self.type_name} needs {what}, but reads {shapes}"
        raise LayerError("shape-mismatch", message, field="bottom")

    def _check_mask(self, reading: Reading, mask: TensorType) -> None:
        query, key = reading.query.shape, reading.key.shape
        whole = Shape((query[0], self.heads, query[1], key[1]))
        shape, number = mask.shape, reading.mask_bottom
        fits = shape.rank in (2, 4) and all(
            size == 1 or equal(size, large)
            for size, large in zip(shape, whole[4 - shape.rank :], strict=True)
        )
        if not fits:
            raise LayerError(
                "shape-mismatch",
                f"{self.type_name}'s mask is stretched over {whole[2:]}, or over {whole} with the "
                f"batch and the heads, but {{{number}}} is {shape}",
                bottom=number,
                help=_MASK_HELP.get((shape.rank, number)),
            )
        if mask.dtype not in ("bool", reading.query.dtype):
            raise LayerError(
                "wrong-type",
                f"{self.type_name}'s mask holds bool, or {reading.query.dtype} as the query does, "
                f"but {{{number}}} holds {mask.dtype}",
                bottom=number,
            )

    def product_macs(self, reading: Reading, key: int, value: int) -> Size:
        """The multiply-accumulates of all heads' products, given the channels of their keys and of
        their values.
        """
        return reading.scores * self.heads * (key + value)

    def workspace(self, bottoms: Types, tops: Types) -> Size:
        # The scores of all heads, and their softmax.
        return 2 * self.heads * self.reading(bottoms).scores

    def softmax_operations(self, reading: Reading) -> Size:
        """The operations between the two products: scale, mask and softmax."""
        rows = reading.query.shape[0] * reading.query.shape[1]
        return self.heads * ((6 + (reading.mask is not None)) * reading.scores - 2 * rows)

    def brief(self, bottoms: Types) -> str:
        return f"attention, {counted(self.heads, 'head')}"


class Attention(Attending):
    """Scaled dot-product attention: softmax(scale · q · kᵀ + mask) · v in each head.

    The channels of the query are split into `heads`, those of key and value into `kv_heads`, as
    many unless said: with fewer, each serves a group of neighbouring heads (grouped-query
    attention; 1: multi-query). Nothing is learned; MultiHeadAttention has projections too.

    It reads `[query, key, value]`, or one bottom that is all three; and a mask, if one stands
    behind them. The mask is L×S or N×heads×L×S; any of its sizes may be 1 and is then stretched. Of
    booleans, true takes part; real numbers are added to the scores. A place that may take nothing
    from anywhere gets 0. With `causal` place i takes from the places 0 to i alone.
    """

    source: ClassVar[str] = (
        "Vaswani et al. 2017, Attention Is All You Need, section 3.2; groups: Ainslie et al. 2023; "
        "PyTorch's scaled_dot_product_attention"
    )
    shape_rule: ClassVar[str] = "N×L×(heads · channels of a value's head), L places of the query"
    macs_rule: ClassVar[str] = (
        "heads · L · S · (channels of a key's head + channels of a value's head), S keys: both "
        "products; `causal` isn't halved"
    )
    flops_rule: ClassVar[str] = (
        "2 for each multiply-accumulate; 6S − 2 for each place of the query and head, S keys: the "
        "scale and a softmax; S more with a mask"
    )
    nonfinite: ClassVar[str | None] = (
        "a softmax of scores that aren't finite gives NaN or 0, and not the same in all targets"
    )
    example: ClassVar[str] = """
        inputs: {tokens: [N, 256, 384]}
        layers:
          - {name: q, type: InnerProduct, num_output: 384, axis: -1, bottom: tokens}
          - {name: k, type: InnerProduct, num_output: 128, axis: -1, bottom: tokens}
          - {name: v, type: InnerProduct, num_output: 128, axis: -1, bottom: tokens}
          - {name: attention, type: Attention, bottom: [q, k, v], heads: 6, kv_heads: 2,
             causal: true}
    """
    synonyms: ClassVar[tuple[str, ...]] = (
        "ScaledDotProductAttention",
        "scaled_dot_product_attention",
        "GroupQueryAttention",
        "DotProductAttention",
    )
    field_synonyms: ClassVar[dict[str, str]] = {
        "num_heads": "heads",
        "q_num_heads": "heads",
        "num_query_heads": "heads",
        "kv_num_heads": "kv_heads",
        "num_key_value_heads": "kv_heads",
        "is_causal": "causal",
        "dropout_p": "dropout_ratio",
        "dropout": "dropout_ratio",
    }

    heads: Count = Field(1, description="the heads that the query's channels are split into")
    kv_heads: Count | None = Field(None, description="heads of key and value; left out: `heads`")
    scale: float | None = Field(
        None, gt=0, description="the factor of the scores; left out: 1/√(channels of a key's head)"
    )

    def check(self) -> Iterator[LayerError]:
        if self.heads % self.key_heads:
            yield LayerError(
                "group-mismatch",
                f"`kv_heads` must divide `heads`; {counted(self.heads, 'head')} can't share "
                f"{self.key_heads}",
                field="kv_heads",
            )

    @property
    def key_heads(self) -> int:
        """The heads of key and value."""
        return self.heads if self.kv_heads is None else self.kv_heads

    def head_channels(self, reading: Reading) -> tuple[int, int]:
        """The channels of a key's head and of a value's."""
        _, key, value = (
            require_known(self, "the number of channels", each.shape[2])
            for each in (reading.query, reading.key, reading.value)
        )
        return key // self.key_heads, value // self.key_heads

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        reading = self.check_reading(bottoms)
        for number, each in enumerate((reading.query, reading.key, reading.value)):
            heads = self.key_heads if number else self.heads
            channels = each.shape[2]
            assert isinstance(channels, int)  # `check_reading` has seen to it
            if channels % heads:
                raise LayerError(
                    "group-mismatch",
                    f"the {ROLES[number]}'s {counted(channels, 'channel')} can't be split into "
                    f"{counted(heads, 'head')}",
                    field="kv_heads" if number and self.kv_heads is not None else "heads",
                )
        key, value = self.head_channels(reading)
        if reading.query.shape[2] != self.heads * key:
            raise LayerError(
                "shape-mismatch",
                f"a head of the query has {reading.query.shape[2] // self.heads} channels, but one "
                f"of the key {key}",
                field="bottom",
            )
        channels = reading.value.shape[2] if self.kv_heads is None else self.heads * value
        return (reading.query.with_shape(*reading.query.shape[:2], channels),)

    def work(self, bottoms: Types, tops: Types) -> Work:
        reading = self.reading(bottoms)
        return Work(
            {
                Kind.ATTENTION: self.product_macs(reading, *self.head_channels(reading)),
                Kind.ATTENTION_SOFTMAX: self.softmax_operations(reading),
            }
        )


class MultiHeadAttention(Attending):
    """Attention of learned projections: PyTorch's MultiheadAttention, batch first.

    Query, key and value are each multiplied by a learned matrix, to as many channels as the query
    has; those are split into `heads`, each of which attends by itself (see Attention); what they
    give is multiplied by a last matrix. The weights are PyTorch's: the three matrices are one,
    `in_proj_weight`, where key and value have as many channels as the query, else
    `q_proj_weight`, `k_proj_weight` and `v_proj_weight`.

    It reads `[query, key, value]`, or one bottom that is all three; and a mask, if one stands
    behind them, as that of Attention: true takes part. (In PyTorch's, true takes none.)

    Fresh matrices are drawn as `weight_filler` says, the packed one as a whole, all biases as
    `bias_filler` says. (PyTorch draws the first ones by Glorot's rule, `{type: xavier,
    variance_norm: AVERAGE}`, and the last as those of any linear layer.)
    """

    source: ClassVar[str] = (
        "Vaswani et al. 2017, Attention Is All You Need, section 3.2.2; PyTorch's "
        "MultiheadAttention"
    )
    shape_rule: ClassVar[str] = "the query's shape"
    weights_rule: ClassVar[str] = (
        "in_proj_weight: 3E × E, E the query's channels; or q_proj_weight: E × E, k_proj_weight: E "
        "× the key's channels, v_proj_weight: E × the value's; in_proj_bias: 3E; out_proj.weight: "
        "E × E; out_proj.bias: E; the biases unless `bias_term` is false"
    )
    macs_rule: ClassVar[str] = (
        "the products with the matrices, E for each element that one is applied to; and 2 · L · S "
        "· E, L places of the query, S keys: both products of attention"
    )
    flops_rule: ClassVar[str] = (
        "2 for each multiply-accumulate, 1 for each bias added; 6S − 2 for each place of the query "
        "and head, S keys: the scale and a softmax; S more with a mask"
    )
    example: ClassVar[str] = """
        inputs: {tokens: [N, 197, 768]}
        layers:
          - {name: attention, type: MultiHeadAttention, heads: 12}
    """
    synonyms: ClassVar[tuple[str, ...]] = ("MultiheadAttention", "SelfAttention")
    field_synonyms: ClassVar[dict[str, str]] = {
        "num_heads": "heads",
        "dropout": "dropout_ratio",
        "bias": "bias_term",
        "is_causal": "causal",
    }
    field_notes: ClassVar[dict[str, str]] = {
        "embed_dim": "leave it out: it is the channels of the query",
        "kdim": "leave it out: a layer knows it from what it reads",
        "vdim": "leave it out: a layer knows it from what it reads",
        "batch_first": "leave it out: sequences are N×T×C",
        "key_padding_mask": "a mask of the keys is a bottom, N×1×1×S, in which true takes part",
        "attn_mask": "a mask is the last bottom; in one of booleans true takes part",
    }

    bias_term: bool = Field(True, description="whether the products have learned biases")
    weight_filler: Filler = Field(MSRA, description="how fresh matrices are drawn")
    bias_filler: Filler = Field(ZEROS, description="how fresh biases are drawn")

    def check(self) -> Iterator[LayerError]:
        yield from check_bilinear("weight_filler", self.weight_filler, (None, None))
        yield from check_bilinear("bias_filler", self.bias_filler, (None,))

    def channels(self, reading: Reading) -> tuple[int, int, int]:
        """The channels of query, key and value."""
        query, key, value = (
            require_known(self, "the number of channels", each.shape[2])
            for each in (reading.query, reading.key, reading.value)
        )
        return query, key, value

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        reading = self.check_reading(bottoms)
        width = self.channels(reading)[0]
        if width % self.heads:
            raise LayerError(
                "group-mismatch",
                f"the query's {counted(width, 'channel')} can't be split into "
                f"{counted(self.heads, 'head')}",
                field="heads",
            )
        return (reading.query,)

    def weights(self, bottoms: Types) -> tuple[Weight, ...]:
        width, key, value = self.channels(self.reading(bottoms))
        matrix, bias = self.weight_filler, self.bias_filler
        if key == width and value == width:
            projections = [Weight("in_proj_weight", (3 * width, width), matrix)]
        else:
            inputs = zip("qkv", (width, key, value), strict=True)
            projections = [Weight(f"{n}_proj_weight", (width, c), matrix) for n, c in inputs]
        if not self.bias_term:
            return (*projections, Weight("out_proj.weight", (width, width), matrix))
        return (
            *projections,
            Weight("in_proj_bias", (3 * width,), bias),
            Weight("out_proj.weight", (width, width), matrix),
            Weight("out_proj.bias", (width,), bias),
        )

    def work(self, bottoms: Types, tops: Types) -> Work:
        reading = self.reading(bottoms)
        width = self.channels(reading)[0]
        sequences = (reading.query, reading.key, reading.value, reading.query)
        projected = sum((each.shape.elements for each in sequences), start=0)
        places = sum((each.shape[:2].elements for each in sequences), start=0)
        head = width // self.heads
        return Work(
            {
                Kind.PROJECTION: projected * width,
                Kind.PROJECTION_BIAS: places * width if self.bias_term else 0,
                Kind.ATTENTION: self.product_macs(reading, head, head),
                Kind.ATTENTION_SOFTMAX: self.softmax_operations(reading),
            }
        )
