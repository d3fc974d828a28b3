"""Work by kind: sums, multiples, and what it counts for."""

import copy
import pickle

import pytest

import netspec
from netspec.graph import Kind, Work
from netspec.graph.sizes import symbol
from netspec.graph.work import FLOPS, MACS, NOTHING, Unit, summed

H = symbol("H")


def test_what_is_not_done_is_not_in_it() -> None:
    assert Work({Kind.LINEAR: 6, Kind.LINEAR_BIAS: 0}) == Work({Kind.LINEAR: 6})
    assert Work({Kind.RELU: H - H}) == NOTHING
    assert not NOTHING
    assert str(NOTHING) == "nothing"


def test_sums_and_multiples() -> None:
    one, other = Work({Kind.LINEAR: 6, Kind.RELU: 2 * H}), Work({Kind.RELU: 3})
    assert one + other == Work({Kind.LINEAR: 6, Kind.RELU: 2 * H + 3})
    assert 3 * one == one * 3 == Work({Kind.LINEAR: 18, Kind.RELU: 6 * H})
    assert one * 0 == NOTHING
    assert summed([one, other, one]) == one * 2 + other
    assert summed([]) == NOTHING


def test_it_counts_by_weights() -> None:
    work = Work({Kind.CONVOLUTION: 100 * H, Kind.CONVOLUTION_BIAS: 10, Kind.BATCH_NORM: 5})
    assert work.macs == 100 * H
    assert work.flops == 200 * H + 20
    assert work.weighed({Kind.BATCH_NORM: 4}) == 20
    assert work.weighed({}) == 0


def test_nobody_can_change_it() -> None:
    amounts = {Kind.LINEAR: 6}
    work = Work(amounts)
    amounts[Kind.LINEAR] = 7
    assert work[Kind.LINEAR] == 6
    with pytest.raises(TypeError):
        work[Kind.LINEAR] = 7  # type: ignore[index]
    assert pickle.loads(pickle.dumps(work)) == copy.deepcopy(work) == work
    with pytest.raises(KeyError):
        work[Kind.RELU]


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_says_what_it_is(kind: Kind) -> None:
    assert kind.says
    assert MACS.get(kind, 0) == (kind.unit is Unit.MULTIPLY_ADD)
    assert FLOPS.get(kind, 0) == kind.operations
    if kind.unit is not Unit.ELEMENT:
        assert kind.operations == (2 if kind.unit is Unit.MULTIPLY_ADD else 1)


def test_a_graph_counts_once() -> None:
    graph = netspec.load("alexnet_owt")
    assert graph.work is graph.work
    node = next(iter(graph))
    assert node.work is node.work
    assert graph.work == summed(node.work for node in graph)
    assert (graph.work.macs, graph.work.flops) == (graph.macs, graph.flops)
