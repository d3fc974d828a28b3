"""What the rows of a summary stand for."""

import netspec
from netspec.analysis.columns.figures import Asked
from netspec.analysis.places import written_over
from netspec.analysis.summary import summarize

HEAD = "netspec: 1\nname: Net\ninputs: {data: [N, 4, 8, 8]}\nlayers:\n"


def over(layers: str) -> dict[str, str]:
    return written_over(netspec.loads(HEAD + layers).phase("TEST"))


def test_a_chain_is_written_over_one_blob() -> None:
    chain = """\
  - {name: conv, type: Convolution, num_output: 4, kernel_size: 1}
  - {name: norm, type: BatchNorm}
  - {name: relu, type: ReLU}
  - {name: pool, type: Pooling, kernel_size: 2, stride: 2}
  - {name: drop, type: Dropout}
  - {name: flat, type: Flatten}
"""
    assert over(chain) == {"norm": "conv", "relu": "conv", "drop": "pool", "flat": "pool"}


def test_the_input_may_be_written_over() -> None:
    assert over("  - {name: relu, type: ReLU}\n") == {"relu": "data"}


def test_what_another_layer_reads_or_the_user_gets_is_not() -> None:
    branches = """\
  - {name: conv, type: Convolution, num_output: 4, kernel_size: 1}
  - {name: left, type: ReLU, bottom: conv}
  - {name: right, type: TanH, bottom: conv}
  - {name: sum, type: Eltwise, bottom: [left, right]}
  - {name: relu, type: ReLU}
"""
    assert over(branches) == {"relu": "sum"}
    given = netspec.loads(HEAD + branches, outputs=["sum", "relu"])
    assert written_over(given.phase("TEST")) == {}


def test_a_layer_with_a_matrix_has_its_own_row() -> None:
    assert over("  - {name: conv, type: Convolution, num_output: 4, kernel_size: 1}\n") == {}


def test_rows_of_scopes_keep_what_is_in_them() -> None:
    net = netspec.loads(
        HEAD + "  - {name: conv, type: Convolution, num_output: 2, kernel_size: 1}\n"
        "  - {name: tail, layers: [{name: relu, type: ReLU}, {name: fc, type: InnerProduct, "
        "num_output: 2}]}\n  - {name: last, type: ReLU}\n"
    )
    rows = summarize(net, depth=1, asked=Asked(compact=True)).places
    assert [row.path for row in rows] == ["data", "conv", "tail"]
    assert [node.path for node in rows[2].nodes] == ["tail.relu", "tail.fc", "last"]
    flat = summarize(net, asked=Asked(compact=True)).places
    assert [row.path for row in flat] == ["data", "conv", "tail.fc"]


def test_every_layer_stands_in_one_row() -> None:
    for name in ("googlenet", "densenet121", "resnet18"):
        net = netspec.load(name)
        for depth in (None, 1, 2):
            made = summarize(net, depth=depth, asked=Asked(compact=True))
            paths = sorted(node.path for row in made.places for node in row.nodes)
            assert paths == sorted(node.path for node in net)
