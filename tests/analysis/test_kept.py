"""What autograd keeps of a layer, in words: held against the formulas that PyTorch derives by."""

import pytest

from netspec import loads
from netspec.analysis.kept import kept_by
from netspec.layers import CATALOGUE
from netspec.layers.page import example

FORMULAS = {
    # PyTorch 2.13, tools/autograd/derivatives.yaml: what the formula of its gradient names
    "Convolution": "its bottom and `weight`",  # convolution: input, weight
    "InnerProduct": "its bottom and `weight`",  # addmm: mat1, mat2
    "ReLU": "its top",  # relu: threshold_backward(grad, result, 0)
    "Sigmoid": "its top",  # sigmoid: result
    "TanH": "its top",  # tanh: result
    "Exp": "its top",  # exp: result
    "Softmax": "its top",  # _softmax: result
    "GELU": "its bottom",  # gelu: self
    "PReLU": "its bottom and `weight`",  # _prelu_kernel: self, weight
    "Pooling": "its bottom and N×96×27×27 of int64",  # max_pool2d_with_indices: self, result1
    "MatMul": "its first bottom and its second bottom",  # bmm: self, mat2
    "Concat": "nothing",  # cat: sizes alone
    "Reshape": "nothing",  # view
    "Eltwise": "nothing",  # add: alpha alone
}


@pytest.mark.parametrize("name", FORMULAS)
def test_what_is_kept(name: str) -> None:
    network = loads(example(CATALOGUE[name]))
    node = next(node for node in network.nodes if node.type == name)
    kept = kept_by(network, node)
    assert {*kept.split(" and ")} == {*FORMULAS[name].split(" and ")}


def test_several_pieces_of_its_own() -> None:
    """layer_norm: input, weight, bias, mean and rstd; of an LSTM's many it's how many."""
    norm, lstm = (loads(example(CATALOGUE[name])) for name in ("LayerNorm", "LSTM"))
    kept = kept_by(norm, norm.nodes[0])
    assert kept == "its bottom, `weight`, `bias` and N×56×56 of float32 twice"
    node = next(node for node in lstm.nodes if node.type == "LSTM")
    assert kept_by(lstm, node).endswith(" tensors of its own")


def test_a_layer_alone_of_those_before_it() -> None:
    network = loads(
        "netspec: 1\nname: Net\ninputs: {data: [N, 3, 8, 8]}\nlayers:\n"
        "  - {name: conv, type: Convolution, num_output: 4, kernel_size: 3}\n"
        "  - {name: relu, type: ReLU}\n  - {name: tanh, type: TanH}\n"
    )
    assert [kept_by(network, node) for node in network.nodes][1:] == ["its top", "its top"]
