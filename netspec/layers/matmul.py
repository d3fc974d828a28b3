"""The product of two blobs as matrices."""

from typing import ClassVar

from pydantic import Field

from netspec.graph.bounds import equal
from netspec.graph.reach import WHOLE, Along, Reach, Step
from netspec.graph.sizes import Size
from netspec.graph.types import Shape, TensorType
from netspec.graph.work import Kind, Work
from netspec.layers.answers import LayerError
from netspec.layers.base import Layer, Types
from netspec.layers.fitting import difference
from netspec.layers.sliding import stretched


class MatMul(Layer):
    """Multiply two blobs as matrices: the last two axes of each.

    y = scale · a · b, a …×M×K, b …×K×P, or with `transpose` …×P×K. The axes before are those of a
    batch of matrices: their sizes are equal, or one is 1 or isn't there, and is then stretched, as
    in NumPy and PyTorch. (A product with a learned matrix is InnerProduct.)
    """

    family: ClassVar[str] = "arithmetic"
    source: ClassVar[str] = "NumPy's and PyTorch's matmul; ONNX's MatMul"
    shape_rule: ClassVar[str] = (
        "the axes before the last two, stretched over each other; then M×P, the rows of the first "
        "and the columns of the second, with `transpose` its rows"
    )
    macs_rule: ClassVar[str] = "K for each element of the top"
    flops_rule: ClassVar[str] = (
        "2 for each multiply-accumulate; 1 for each element of the top for a scale other than 1"
    )
    bottom_count: ClassVar[tuple[int, int | None]] = (2, 2)
    one_type: ClassVar[bool] = True
    example: ClassVar[str] = """
        inputs: {query: [N, 49, 64], key: [N, 49, 64]}
        layers:
          - {name: scores, type: MatMul, bottom: [query, key], transpose: true, scale: 0.125}
    """
    synonyms: ClassVar[tuple[str, ...]] = ("BatchMatMul", "Bmm", "Dot", "mm")
    field_synonyms: ClassVar[dict[str, str]] = {
        "transpose_b": "transpose",
        "adj_y": "transpose",
        "transB": "transpose",
        "alpha": "scale",
    }

    transpose: bool = Field(
        False, description="whether the second's rows, not its columns, are multiplied with"
    )
    scale: float = Field(1.0, description="the factor of the product")

    def reach(self, bottom: int, top: int, bottoms: Types, tops: Types) -> Reach:
        shape, whole = bottoms[bottom].shape, tops[0].shape
        missing = whole.rank - shape.rank
        steps = [*stretched(shape[:-2], whole[missing:-2], missing)]
        kept: Step = Along(whole.rank - (1 if bottom else 2))
        columns_last = bottom == 0 or self.transpose
        return (*steps, *((kept, WHOLE) if columns_last else (WHOLE, kept)))

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        for number, bottom in enumerate(bottoms):
            if bottom.shape.rank < 2:
                raise LayerError(
                    "shape-mismatch",
                    "MatMul needs bottoms of two axes or more, whose last two are a matrix's, but "
                    f"reads {bottom.shape}",
                    bottom=number,
                )
        one, other = bottoms[0].shape, bottoms[1].shape
        inner, columns = (-1, -2) if self.transpose else (-2, -1)
        if not equal(one[-1], other[inner]):
            raise self._mismatch(one, other)
        batch = self._batch(one, other)
        return (bottoms[0].with_shape(*batch, one[-2], other[columns]),)

    def _batch(self, one: Shape, other: Shape) -> tuple[Size, ...]:
        """The sizes before the last two, of both together."""
        rank = max(one.rank, other.rank)
        found: list[Size] = []
        heres, theres = ((1,) * (rank - each.rank) + each.sizes[:-2] for each in (one, other))
        for here, there in zip(heres, theres, strict=True):
            if here != 1 and there != 1 and not equal(here, there):
                raise LayerError(
                    "shape-mismatch",
                    f"MatMul can't stretch the batches of {{0}}, {one}, and {{1}}, {other}, over "
                    "each other",
                    field="bottom",
                    help="sizes before the last two must be equal or 1, counted from the back",
                )
            found.append(there if here == 1 else here)
        return tuple(found)

    def _mismatch(self, one: Shape, other: Shape) -> LayerError:
        """The error of matrices that don't fit, with what `transpose` would make of them."""
        lines = "columns" if self.transpose else "rows"
        inner, turned = (-1, -2) if self.transpose else (-2, -1)
        differ = difference(Shape((one[-1],)), Shape((other[inner],)))
        return LayerError(
            "shape-mismatch",
            f"MatMul needs as many columns in {{0}} as {lines} in {{1}}, but they are {one} and "
            f"{other}{differ}",
            field="bottom",
            help=f"`transpose: {str(not self.transpose).lower()}` would fit"
            if equal(one[-1], other[turned])
            else None,
        )

    def work(self, bottoms: Types, tops: Types) -> Work:
        elements = tops[0].shape.elements
        return Work(
            {
                Kind.MATMUL: elements * bottoms[0].shape[-1],
                Kind.ELEMENTWISE: elements if self.scale != 1 else 0,
            }
        )

    def brief(self, bottoms: Types) -> str:
        return "matmul"
