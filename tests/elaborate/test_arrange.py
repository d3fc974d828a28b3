"""`state_order`: a state_dict that isn't in the order of execution."""

from itertools import pairwise

import pytest

from netspec import loads
from netspec.graph import Graph
from netspec.lower.flat import to_flat
from tests.checking import IMAGE, check, found

MERGE = (
    IMAGE
    + """blocks:
  merge:
    args: {channels: 8, scaled: true}
    state_order: [reduction, scale, norm]
    layers:
      - {name: norm, type: BatchNorm}
      - {name: reduction, type: Convolution, num_output: $channels, kernel_size: 2, stride: 2}
      - {name: scale, type: Scale, when: $scaled}
layers:
  - {name: stages, type: merge, repeat: 2}
  - {name: last, type: merge, scaled: false}
"""
)
GROUP = (
    IMAGE
    + """layers:
  - name: pair
    state_order: ORDER
    layers:
      - {name: a, type: BatchNorm}
      - {name: b, type: BatchNorm, when: false}
      - {name: c, type: BatchNorm}
"""
)


def layers(network: Graph) -> list[str]:
    """The layers that hold parameters, in the order of the state_dict."""
    return list(dict.fromkeys(each.name.rpartition(".")[0] for each in network.parameters))


def test_what_it_names_comes_first_and_the_rest_as_written() -> None:
    network = loads(MERGE)
    assert layers(network) == [
        *("stages.0.reduction", "stages.0.scale", "stages.0.norm"),
        *("stages.1.reduction", "stages.1.scale", "stages.1.norm"),
        *("last.reduction", "last.norm"),
    ]
    assert [node.path for node in network][:2] == ["stages.0.norm", "stages.0.reduction"]


def test_an_entry_that_is_not_there_has_a_place_that_nothing_takes() -> None:
    assert layers(loads(GROUP.replace("ORDER", "[c, b]"))) == ["pair.c", "pair.a"]


def test_one_class_has_the_order_for_all_uses_of_a_block() -> None:
    source = loads(MERGE).to_source("torch")
    assert source.count("class Merge(") == 1
    places = [source.index(f"self.{name} =") for name in ("reduction", "scale", "norm")]
    assert all(a < b for a, b in pairwise(places))
    assert list(loads(MERGE).to_torch().state_dict()) == [p.name for p in loads(MERGE).parameters]


def test_the_flat_spec_says_it_for_every_scope() -> None:
    network = loads(MERGE)
    flat = to_flat(network)
    assert loads(flat).parameters == network.parameters
    assert flat.endswith(
        "state_order:\n- stages.0.reduction\n- stages.0.scale\n"
        "- stages.1.reduction\n- stages.1.scale\n- last.reduction\n"
    )


def test_a_phase_and_chosen_outputs_keep_it() -> None:
    assert layers(loads(MERGE).phase("TEST")) == layers(loads(MERGE))
    network = loads(MERGE, outputs=["stages.0"])
    assert layers(network) == ["stages.0.reduction", "stages.0.scale", "stages.0.norm"]


def test_a_path_names_a_layer_within() -> None:
    text = IMAGE + (
        "state_order: [inner.b, last]\n"
        "layers:\n"
        "  - {name: inner.a, type: BatchNorm}\n"
        "  - {name: inner.b, type: BatchNorm}\n"
        "  - {name: last, type: BatchNorm}\n"
    )
    assert layers(loads(text)) == ["last", "inner.b", "inner.a"]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("[«d]", ("unknown-name", "no layer here is called `d`")),
        ("[«a.x]", ("unknown-name", "no layer here is called `a.x`")),
        ("[c, «c]", ("duplicate-name", "`c` is named before")),
        ("«$c", ("bad-value", "`state_order` can't be an expression")),
        ("«c", ("wrong-type", "`state_order` should be a list")),
    ],
)
def test_mistakes(order: str, expected: tuple[str, str]) -> None:
    check(GROUP.replace("ORDER", order), expected)


def test_a_mistake_brings_no_other() -> None:
    """Nor is what the network gives then called unread."""
    text = (
        "state_order: [b, «b, «x]\nlayers:\n  - {name: a, type: ReLU}\n  - {name: b, type: ReLU}\n"
    )
    check(IMAGE + text, ("duplicate-name", "`b` is named before"), ("unknown-name", "called `x`"))


def test_instances_of_a_repeat_have_their_own_order() -> None:
    text = IMAGE + (
        "state_order: [«stage.1]\nlayers:\n  - {name: stage, type: BatchNorm, repeat: 2}\n"
    )
    check(text, ("unknown-name", "no layer here is called `stage.1`"))


def test_a_group_without_a_scope_has_none() -> None:
    text = IMAGE + (
        "layers:\n"
        "  - scope: false\n"
        "    «state_order: [a]\n"
        "    layers: [{name: a, type: BatchNorm}]\n"
    )
    message = "a group with `scope: false` opens no scope and has no `state_order`"
    check(text, ("field-conflict", message))


def test_a_scope_of_dotted_names_stands_where_its_first_layer_does() -> None:
    """One that isn't there has no part in it."""
    text = IMAGE + (
        "layers:\n"
        "  - {name: a.b, type: BatchNorm, when: false}\n"
        "  - {name: c, type: BatchNorm, bottom: data}\n"
        "  - {name: a.d, type: BatchNorm}\n"
    )
    assert layers(loads(text)) == ["c", "a.d"]


@pytest.mark.parametrize("order", ["3", "c", "true", "{a: 1}", "[3]", "[null]"])
def test_one_of_the_whole_network_that_is_no_list_of_names(order: str) -> None:
    spec = IMAGE + f"layers: [{{name: a, type: ReLU}}]\nstate_order: {order}\n"
    assert [each.code for each in found(spec)] == ["wrong-type"]
