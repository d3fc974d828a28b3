"""The hand-made protobuf against protobuf's own."""

import io
import tracemalloc
from functools import partial

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec.diagnostics import SpecError
from netspec.layers.inner_product import InnerProduct
from netspec.lower.ahead import LIMIT
from netspec.lower.onnx.model import write
from netspec.lower.onnx.model.stream import Initializer, Stream, varint
from netspec.lower.values import Array, raw
from tests.graphs import N, chain


def header(name: str, *dims: int) -> onnx.TensorProto:
    return onnx.TensorProto(name=name, dims=dims, data_type=onnx.TensorProto.FLOAT)


def whole(values: Array) -> list[memoryview]:
    return [raw(values)]


@given(st.integers(1, 2**63 - 1))
def test_varint(value: int) -> None:
    tag, encoded = varint(8), varint(value)
    assert onnx.ModelProto(ir_version=value).SerializeToString() == tag + encoded


@given(st.lists(st.integers(0, 300), max_size=4), st.text(max_size=200))
def test_a_written_model_is_what_protobuf_reads(counts: list[int], text: str) -> None:
    model = onnx.ModelProto(producer_name=text, graph=onnx.GraphProto(name=text))
    arrays = [np.arange(count, dtype="<f4") for count in counts]
    initializers = [
        Initializer(header(f"{text}{each.size}", each.size), each.nbytes, partial(whole, each))
        for each in arrays
    ]
    file = io.BytesIO()
    Stream(model, initializers).write(file)

    for each, array in zip(initializers, arrays, strict=True):
        model.graph.initializer.append(each.header)
        model.graph.initializer[-1].raw_data = array.tobytes()
    assert onnx.load_from_string(file.getvalue()) == model


def test_a_file_over_two_gigabytes_is_refused_before_anything_is_written() -> None:
    def unread() -> list[memoryview]:
        raise AssertionError("a weight was asked for")

    file = io.BytesIO()
    with pytest.raises(SpecError, match="the format ends at 2 GB") as caught:
        Stream(onnx.ModelProto(), [Initializer(header("w", 2**29), 2**31, unread)]).write(file)
    assert [each.code for each in caught.value.diagnostics] == ["cannot-write"]
    assert file.getvalue() == b""


def test_weights_of_another_size_than_announced_are_an_error() -> None:
    short = Initializer(header("w", 1), 4, lambda: [memoryview(b"abc")])
    with pytest.raises(ValueError, match="`w` has 3 bytes where 4 were announced"):
        Stream(onnx.ModelProto(), [short]).write(io.BytesIO())


def test_one_weight_is_in_memory_at_a_time() -> None:
    graph = chain((N, 3072), *[InnerProduct(num_output=3072)] * 4)
    tensor = 4 * 3072 * 3072
    assert tensor > LIMIT
    with open("/dev/null", "wb") as nowhere:
        write(graph, nowhere)  # imports and caches are not the weights'
        tracemalloc.start()
        write(graph, nowhere)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 1.2 * tensor
