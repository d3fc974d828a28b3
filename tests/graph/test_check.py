"""What holds of every graph, and of what every pass gives; and that it's seen where it doesn't."""

from collections.abc import Callable
from dataclasses import replace

import pytest

import netspec
from netspec.graph import Graph, Node, Scope
from netspec.graph.check import faults
from netspec.lower.onnx.passes.precision import cast
from netspec.lower.onnx.passes.simplify import simplified, without_unread
from tests.stock import every_network
from tests.whole import check_whole

TEXT = """netspec: 1
name: Net
inputs: {data: [N, 3, 8, 8], label: {shape: [N], dtype: int64}}
blocks:
  convolved: {layers: [{name: conv, type: Convolution, num_output: 3, kernel_size: 1}]}
  normed: {layers: [{name: bn, type: BatchNorm}]}
  active: {layers: [{name: bn, type: BatchNorm}, {name: relu, type: ReLU},
           {name: drop, type: Dropout}]}
layers:
  - {name: a, type: convolved, bottom: data}
  - {name: b, type: normed}
  - {name: c, type: convolved}
  - {name: d, type: active}
  - {name: one.drop, type: Dropout}
  - {name: e, reuse: c}
  - {name: two.fc, type: InnerProduct, num_output: 3, param: [{name: w}]}
  - {name: off, type: InnerProduct, num_output: 3, param: [{name: w}], bottom: e, phase: TRAIN}
  - {name: one.side, type: Dropout, bottom: two.fc}
  - {name: loss, type: SoftmaxWithLoss, bottom: [off, label], phase: TRAIN}
outputs: one.side
"""


def net() -> Graph:
    return netspec.loads(TEXT)


@pytest.mark.parametrize("name", every_network())
def test_stock_networks(name: str) -> None:
    check_whole(netspec.load(name))


def test_a_network_of_every_construct() -> None:
    check_whole(net())


def test_a_part() -> None:
    for outputs in (["off"], ["d"], ["e", "b"], ["two.fc"]):
        check_whole(netspec.loads(TEXT, outputs=outputs))


def test_scopes_follow_what_stands_in_them() -> None:
    graph, _ = simplified(without_unread(net().phase("TEST")), {})
    assert [node.path for node in graph.nodes] == [
        *("a.conv", "c.conv", "d.bn", "d.relu", "e.conv", "two.fc", "one.side")
    ]
    scopes = {scope.path: scope for scope in graph.root.members if isinstance(scope, Scope)}
    assert [*scopes] == ["a", "c", "d", "e", "two", "one"]
    assert [blob.name for blob in scopes["a"].outputs] == ["b.bn"]
    assert [blob.name for blob in scopes["c"].inputs] == ["b.bn"]
    assert [blob.name for blob in scopes["d"].outputs] == ["d.relu"]
    assert graph.parameters[1].name == "a.conv.bias"


def test_names_follow_what_a_scope_reads_and_gives() -> None:
    text = """netspec: 1
name: Net
inputs: {x: [N, 3], h: [N, 3], c: [N, 3]}
blocks:
  cell:
    inputs: [x, h, c]
    outputs: [sum, product, x_relu]
    layers:
      - {name: x_relu, type: ReLU}
      - {name: sum, type: Eltwise, bottom: [h, c]}
      - {name: product, type: Eltwise, operation: PROD, bottom: [h, c]}
layers:
  - {name: a, type: cell, bottom: [x, h, c], top: [s, p, r]}
  - {name: b, type: cell, bottom: [r, s, p]}
  - {name: d, type: Eltwise, bottom: [p, b.sum]}
outputs: [d, b.product, b.x_relu]
"""
    whole, made = netspec.loads(text), netspec.loads(text, outputs=["d"])
    check_whole(whole)
    check_whole(made)
    assert _names(whole) == [
        (("x", "h", "c"), ("s", "p", "r")),
        (("x", "h", "c"), ("sum", "product", "x_relu")),
    ]
    assert _names(made) == [(("h", "c"), ("s", "p")), (("h", "c"), ("sum",))]


def _names(graph: Graph) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    scopes = [member for member in graph.root.members if isinstance(member, Scope)]
    return [(scope.input_names, scope.output_names) for scope in scopes]


def test_parameters_follow_the_layers() -> None:
    graph = cast(net(), "float16")
    assert {each.dtype for each in graph.parameters} == {"float16", "int64"}
    assert {blob.type.dtype for scope in (graph.root,) for blob in scope.outputs} == {"float16"}


def test_a_view_says_nothing_of_the_other_phase() -> None:
    graph = net()
    assert [*graph.losses] == [*graph.phase("TRAIN").losses] == ["loss"]
    assert [*graph.phase("TEST").losses] == []


def test_a_module_whose_first_use_is_gone_is_held_by_the_next() -> None:
    view = net().phase("TEST")
    without = view.with_nodes(
        (node for node in view.nodes if node.path == "e.conv"),
        inputs=(view.makers["one.drop"].tops[0],),
        results=view.makers["e.conv"].tops,
    )
    assert [each.name for each in without.parameters] == ["c.conv.weight", "c.conv.bias"]
    assert faults(without) == []


def test_makers_and_readers() -> None:
    text = """netspec: 1
name: Net
inputs: {data: [N, 3]}
layers:
  - {name: a, type: ReLU, bottom: data}
  - {name: b, type: Eltwise, bottom: [a, a]}
outputs: b
"""
    graph = netspec.loads(text)
    assert {name: node.path for name, node in graph.makers.items()} == {"a": "a", "b": "b"}
    assert {name: [node.path for node in nodes] for name, nodes in graph.readers.items()} == {
        "data": ["a"],
        "a": ["b", "b"],
    }


def _without_last(graph: Graph) -> Graph:
    return replace(graph, nodes=graph.nodes[:-1])


def _backwards(graph: Graph) -> Graph:
    return replace(graph, nodes=graph.nodes[::-1])


def _flat(graph: Graph) -> Graph:
    return replace(graph, root=replace(graph.root, members=graph.nodes))


def _edited(graph: Graph, path: str, edit: Callable[[Node], Node]) -> Graph:
    """The graph with one of its layers edited."""
    nodes = [edit(node) if node.path == path else node for node in graph.nodes]
    return graph.with_nodes(nodes)


def _renamed_top(graph: Graph) -> Graph:
    old = graph.makers["a.conv"]
    top = replace(old.tops[0], name="data")
    return replace(graph, nodes=(replace(old, tops=(top,)), *graph.nodes[1:]))


def _other_bottom(graph: Graph) -> Graph:
    data = replace(graph.inputs[0], type=graph.inputs[1].type)
    return _edited(graph, "a.conv", lambda node: replace(node, bottoms=(data,)))


def _wrong_owner(graph: Graph) -> Graph:
    def edit(node: Node) -> Node:
        weight, *rest = node.parameters
        return replace(node, parameters=(replace(weight, owner="nobody"), *rest))

    return _edited(graph, "two.fc", edit)


def _unlike_owner(graph: Graph) -> Graph:
    def edit(node: Node) -> Node:
        weight, *rest = node.parameters
        return replace(node, parameters=(replace(weight, owner="a.conv.weight"), *rest))

    return _edited(graph, "two.fc", edit)


FAULTS: list[tuple[Callable[[Graph], Graph], str]] = [
    (_without_last, "the list lacks the layer `loss`"),
    (_backwards, "`loss` reads `off`, which nothing has made"),
    (_flat, "`a.conv` stands in the scope ``"),
    (
        lambda g: _edited(g, "two.fc", lambda node: replace(node, module="e.conv")),
        "`two.fc` applies `e.conv`, which holds nothing",
    ),
    (_renamed_top, "the blob `data` is there twice"),
    (_renamed_top, "the tree doesn't hold the layer `a.conv` as the list does"),
    (_other_bottom, "`a.conv` reads another `data` than was made"),
    (_wrong_owner, "`two.fc.weight` has the values of `nobody`, which isn't there"),
    (_unlike_owner, "`two.fc.weight` can't have the values of `a.conv.weight`"),
    (
        lambda g: replace(g, view=netspec.Phase.TEST),
        "`off` is of another phase than the view",
    ),
    (
        lambda g: _edited(g, "two.fc", lambda node: replace(node, phase=netspec.Phase.TRAIN)),
        "what `two.fc` gives is of another phase",
    ),
    (
        lambda g: _edited(g, "two.fc", lambda node: replace(node, module="one.fc")),
        "`two.fc` applies `one.fc`, which isn't there",
    ),
    (
        lambda g: _edited(g, "two.fc", lambda node: replace(node, parameters=())),
        "`off.weight` has the values of `two.fc.weight`, which isn't there",
    ),
    (lambda g: replace(g, losses={"data": 1.0}), "the loss `data` is no blob of the TRAIN phase"),
    (lambda g: replace(g, result_names={"off": "x"}), "`off` is no result"),
    (
        lambda g: replace(g, results=g.results * 2),
        "the result `one.side` is there twice",
    ),
    (
        lambda g: replace(g, root=replace(g.root, outputs=())),
        "the outermost scope reads or gives something else than the network",
    ),
    (
        lambda g: replace(g, left_out={"a.conv.bias": None}),
        "`a.conv.bias` is left out, but it or its heir says otherwise",
    ),
    (
        lambda g: replace(g, root=replace(g.root, input_names=("x",))),
        "the scope `` has other names than inputs",
    ),
    (
        lambda g: replace(g, root=replace(g.root, output_names=("x", "y"))),
        "the scope `` has other names than outputs",
    ),
]


@pytest.mark.parametrize(("breaks", "said"), FAULTS)
def test_a_fault_is_seen(breaks: Callable[[Graph], Graph], said: str) -> None:
    assert said in faults(breaks(net()))
