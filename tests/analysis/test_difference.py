"""`netspec.diff`: what makes one network another."""

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import netspec
from netspec import Network, loads
from netspec.analysis.difference.aligning import align
from netspec.analysis.difference.comparing import compare
from netspec.analysis.difference.result import Difference

HEAD = """\
netspec: 1
name: Net
inputs: {data: [N, 3, 16, 16]}
layers:
"""
LAYERS = [
    "{name: conv1, type: Convolution, num_output: 8, kernel_size: 3, pad: 1}",
    "{name: relu1, type: ReLU}",
    "{name: conv2, type: Convolution, num_output: 8, kernel_size: 3, pad: 1}",
    "{name: relu2, type: ReLU}",
    "{name: pool, type: Pooling, pool: MAX, kernel_size: 2, stride: 2}",
    "{name: fc, type: InnerProduct, num_output: 10}",
]


def net(layers: Sequence[str]) -> Network:
    return loads(HEAD + "".join(f"  - {each}\n" for each in layers))


def diff(before: Sequence[str], after: Sequence[str]) -> Difference:
    return compare(net(before), net(after))


def said(found: Difference) -> dict[str, Any]:
    """What there is to say, without the figures."""
    made = found.to_json()
    names = ("inputs", "outputs", "added", "removed", "moved", "changed")
    return {name: made[name] for name in names if made[name]}


def test_nothing_differs() -> None:
    found = diff(LAYERS, LAYERS)
    assert not found
    assert said(found) == {}
    assert found.totals["params"] == (224 + 584 + 5130,) * 2


@pytest.mark.parametrize("name", ["resnet50", "googlenet", "swin_t", "ssd300"])
def test_a_stock_network_doesnt_differ_from_itself(name: str) -> None:
    """Read twice, so that no object is shared."""
    found = netspec.diff(name, name)
    assert not found
    assert said(found) == {}


def test_a_layer_that_is_new() -> None:
    found = diff(LAYERS, [*LAYERS[:1], "{name: bn1, type: BatchNorm}", *LAYERS[1:]])
    assert said(found) == {"added": ["bn1"]}
    assert found.totals["params"] == (5938, 5954)
    assert said(diff([*LAYERS[:1], "{name: bn1, type: BatchNorm}", *LAYERS[1:]], LAYERS)) == {
        "removed": ["bn1"]
    }


def test_a_field() -> None:
    wider = [*LAYERS[:2], LAYERS[2].replace("8", "4"), *LAYERS[3:]]
    found = diff(LAYERS, wider)
    assert said(found) == {
        "changed": [
            {
                "path": "conv2",
                "fields": {"num_output": [8, 4]},
                "top": [[["N", 8, 16, 16]], [["N", 4, 16, 16]]],
                "params": [584, 292],
                "macs": [147456, 73728],
                "flops": [296960, 148480],
                "activations": [2048, 1024],
            },
            {
                "path": "relu2",
                "fields": {},
                "top": [[["N", 8, 16, 16]], [["N", 4, 16, 16]]],
                "flops": [2048, 1024],
                "activations": [2048, 1024],
            },
            {
                "path": "pool",
                "fields": {},
                "top": [[["N", 8, 8, 8]], [["N", 4, 8, 8]]],
                "flops": [1536, 768],
                "activations": [512, 256],
            },
            {
                "path": "fc",
                "fields": {},
                "params": [5130, 2570],
                "macs": [5120, 2560],
                "flops": [10250, 5130],
            },
        ]
    }


def test_another_type_under_the_same_name() -> None:
    after = [*LAYERS[:1], "{name: relu1, type: ELU}", *LAYERS[2:]]
    made = said(diff(LAYERS, after))
    assert [(each["path"], each["fields"]) for each in made["changed"]] == [
        ("relu1", {"type": ["ReLU", "ELU"]})
    ]


def test_another_name() -> None:
    renamed = [each.replace("conv2", "second") for each in LAYERS]
    found = diff(LAYERS, renamed)
    assert said(found) == {"moved": [{"from": "conv2", "to": "second"}]}


def test_into_a_scope() -> None:
    inner = ", ".join(LAYERS[:2])
    found = diff(LAYERS, [f"{{name: stem, layers: [{inner}]}}", *LAYERS[2:]])
    assert said(found) == {
        "moved": [
            {"from": "conv1", "to": "stem.conv1"},
            {"from": "relu1", "to": "stem.relu1"},
        ]
    }
    assert found.text().splitlines()[2] == "> conv1 … relu1 → stem.conv1 … stem.relu1, 2 layers"


def test_out_of_one_block_into_another() -> None:
    def blocks(first: str, second: str) -> Network:
        return loads(
            "netspec: 1\nname: Net\ninputs: {data: [N, 3, 16, 16]}\nblocks:\n"
            f"  one: {{layers: [{first}]}}\n  two: {{layers: [{second}]}}\n"
            "layers: [{name: a, type: one}, {name: b, type: two}]\n"
        )

    conv = "{name: conv, type: Convolution, num_output: 4, kernel_size: 1}"
    relu = "{name: act, type: ReLU}"
    pool = "{name: pool, type: Pooling, kernel_size: 2}"
    found = compare(blocks(f"{conv}, {relu}", pool), blocks(conv, f"{relu}, {pool}"))
    made = said(found)
    assert made["moved"] == [{"from": "a.act", "to": "b.act"}]
    assert "changed" not in made
    assert "\n> a.act → b.act\n" in found.text()  # both blocks are still there: none has moved


def test_numbered_layers_that_one_comes_between() -> None:
    """All behind it bear other names; still they are the same."""
    layers = [each.replace("name: ", f"name: '{n}', was: ") for n, each in enumerate(LAYERS)]
    plain = [each.split(", was: ")[0] + each[each.index(", type") :] for each in layers]
    more = [*LAYERS[:3], "{name: bn, type: BatchNorm}", *LAYERS[3:]]
    numbered = [
        f"{{name: '{number}'{each[each.index(', type') :]}" for number, each in enumerate(more)
    ]
    made = said(diff(plain, numbered))
    assert made["added"] == ["3"]
    assert made["moved"] == [{"from": str(n), "to": str(n + 1)} for n in range(3, 6)]
    assert "changed" not in made


def test_what_torchvision_calls_vgg16_bn() -> None:
    """Thirteen BatchNorms between; torchvision's names are numbers."""
    found = netspec.diff("vgg16", "vgg16_bn")
    made = said(found)
    assert len(made["added"]) == 13
    assert {node.type for node in found.added} == {"BatchNorm"}
    assert made.keys() == {"added", "moved"}
    # He et al. and torchvision alike: 138,357,544 and 138,365,992.
    assert found.totals["params"] == (138_357_544, 138_365_992)


def test_other_wiring() -> None:
    extra = "{name: sum, type: Eltwise, bottom: [relu2, %s]}"
    before = [*LAYERS[:4], extra % "relu1", *LAYERS[4:]]
    after = [*LAYERS[:4], extra % "conv1", *LAYERS[4:]]
    assert said(diff(before, after)) == {
        "changed": [{"path": "sum", "fields": {"bottom": [["relu2", "relu1"], ["relu2", "conv1"]]}}]
    }


def test_what_training_makes_of_weights() -> None:
    frozen = [each.replace("10}", "10, param: [{lr_mult: 0}, {lr_mult: 2}]}") for each in LAYERS]
    found = diff(LAYERS, frozen)
    assert said(found) == {"changed": [{"path": "fc", "fields": {"lr_mult": [None, [0.0, 2.0]]}}]}
    assert found.totals["trainable_params"] == (5938, 5938 - 5120)


def test_both_phases() -> None:
    loss = "{name: loss, type: EuclideanLoss, phase: TRAIN, bottom: [conv1, conv2]}"
    last = "{name: fc, type: InnerProduct, num_output: 10, bottom: pool}"
    found = diff(LAYERS, [*LAYERS[:5], loss, last])
    assert said(found) == {"added": ["loss"]}


def test_inputs_and_outputs() -> None:
    a = netspec.load("resnet18")
    b = netspec.load("resnet18", inputs={"data": ["N", 3, 128, 128]}, num_classes=5)
    found = netspec.diff(a, b)
    made = said(found)
    assert made["inputs"] == {"data": [["N", 3, 224, 224], ["N", 3, 128, 128]]}
    assert made["outputs"] == {"fc": [["N", 1000], ["N", 5]]}
    assert found.name_b == "resnet18 (num_classes=5, data=Nx3x128x128)"
    assert found.text().splitlines()[2:4] == [
        "~ input data: N×3×224×224 → N×3×128×128",
        "~ output fc: N×1000 → N×5",
    ]


def test_blocks_that_are_new_are_one_line() -> None:
    lines = netspec.diff("resnet50", "resnet101").text().splitlines()
    assert lines[:4] == [
        "resnet50 → resnet101",
        "",
        "+ layer3.6 … layer3.22: 17 × bottleneck, 170 layers, 18,992,128 parameters, "
        "3,712,221,184 MACs",
        "",
    ]
    # torchvision's own counts.
    assert lines[4] == "parameters         25,557,032      44,549,160  +18,992,128 (+74.3%)"


def test_a_change_of_a_block_is_told_once() -> None:
    lines = netspec.diff("resnet50", "resnet50_v1").text().splitlines()
    assert lines[2:6] == [
        "~ conv1 of bottleneck, in layer2.0, layer3.0, layer4.0: stride 1 → 2 "
        "(MACs 308,281,344 → 77,070,336)",
        "~ conv2 of bottleneck, in layer2.0, layer3.0, layer4.0: stride 2 → 1",
        "~ 6 layers behind these: the first, layer2.0.bn1, gives N×128×56×56 → N×128×28×28",
        "",
    ]
    narrow = netspec.diff(netspec.load("resnet50"), netspec.load("resnet50", group_width=48))
    line = narrow.text().splitlines()[2]
    assert line.startswith(
        "~ conv1 of bottleneck, in layer1.0 … layer1.2, layer2.0 … layer2.3, layer3.0 … layer3.5, "
        "layer4.0 … layer4.2: num_output 64 → 48, 128 → 96, 256 → 192, 512 → 384 (parameters "
    )


def test_markdown() -> None:
    wider = [each.replace("num_output: 10", "num_output: 20") for each in LAYERS]
    found = compare(net(LAYERS), net([*wider, "{name: soft_max, type: Softmax}"]), "a|b", "new")
    assert found.markdown() == (
        "### a\\|b → new\n"
        "\n"
        "| | a\\|b | new | change |\n"
        "|---|---:|---:|---:|\n"
        "| parameters | 5,938 | 11,068 | +5,130 (+86.4%) |\n"
        "| MACs | 207,872 | 212,992 | +5,120 (+2.5%) |\n"
        "| FLOPs | 425,482 | 435,830 | +10,348 (+2.4%) |\n"
        "| activations | 8,714 | 8,744 | +30 (+0.3%) |\n"
        "| weight bytes | 23,752 B | 44,272 B | +20,520 B (+86.4%) |\n"
        "| inference peak | 49,352 B | 69,872 B | +20,520 B (+41.6%) |\n"
        "| depth | 3 | 3 |  |\n"
        "| layers | 6 | 7 | +1 (+16.7%) |\n"
        "\n"
        "**Gone**\n"
        "\n"
        "- output fc: N×10\n"
        "\n"
        "**New**\n"
        "\n"
        "- output soft\\_max: N×20\n"
        "- soft\\_max: Softmax, N×20\n"
        "\n"
        "**Changed**\n"
        "\n"
        "- fc: num\\_output 10 → 20 (gives N×10 → N×20, parameters 5,130 → 10,260, "
        "MACs 5,120 → 10,240)\n"
    )
    assert diff(LAYERS, LAYERS).markdown().endswith("\n\nThe layers are the same.\n")


def test_long_lists_are_cut() -> None:
    many = [f"{{name: r{number}x, type: ReLU}}" for number in range(150)]
    found = diff(LAYERS, [*LAYERS, *many])
    assert len(found.added) == 150
    lines = found.text().splitlines()
    assert "+ … and 51 more" in lines
    assert len(lines) < 125
    assert "<details><summary>131 more</summary>" in found.markdown()


def test_formulas() -> None:
    def free(width: int) -> Network:
        conv = f"{{name: c, type: Convolution, num_output: {width}, kernel_size: 1}}"
        return loads(f"netspec: 1\nname: Net\ninputs: {{data: [N, 3, H, W]}}\nlayers: [{conv}]\n")

    found = compare(free(1), free(2))
    made = found.to_json()
    assert made["totals"]["macs"] == ["3*H*W", "6*H*W"]
    assert made["changed"][0]["macs"] == ["3*H*W", "6*H*W"]
    assert "MACs          3*H*W   6*H*W\n" in found.text()


def test_wrong_calls() -> None:
    with pytest.raises(TypeError, match="`b` should be a str or a path, not 3"):
        netspec.diff("lenet", 3)  # type: ignore[arg-type]


numbers = st.lists(st.integers(0, 4), max_size=14)


@given(numbers, numbers)
def test_as_many_items_are_paired_as_can_be(a: list[int], b: list[int]) -> None:
    pairs = align(a, b)
    assert all(a[i] == b[j] for i, j in pairs)
    assert all(x[0] < y[0] and x[1] < y[1] for x, y in pairwise(pairs))
    assert len(pairs) == longest_common(a, b)


def longest_common(a: list[int], b: list[int]) -> int:
    """By the textbook's table."""
    above = [0] * (len(b) + 1)
    for one in a:
        row = [0]
        for number, other in enumerate(b):
            row.append(above[number] + 1 if one == other else max(row[-1], above[number + 1]))
        above = row
    return above[-1]


@given(numbers, numbers)
def test_where_it_would_take_long_pairs_still_rise(a: list[int], b: list[int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("netspec.analysis.difference.aligning.MAX_STEPS", -10_000)
        pairs = align(a, b)
    assert all(a[i] == b[j] for i, j in pairs)
    assert all(x[0] < y[0] and x[1] < y[1] for x, y in pairwise(pairs))


KINDS = [
    "type: ReLU",
    "type: Convolution, num_output: 4, kernel_size: 1",
    "type: Convolution, num_output: 8, kernel_size: 3, pad: 1",
    "type: BatchNorm",
]
names = st.sampled_from("abcdefgh")
layers = st.tuples(names, st.sampled_from(KINDS))
networks = st.lists(layers, min_size=1, max_size=8, unique_by=lambda each: each[0])


@settings(max_examples=60, deadline=None)
@given(networks, networks)
def test_a_difference_makes_one_of_the_other(
    a: list[tuple[str, str]], b: list[tuple[str, str]]
) -> None:
    """What is gone taken away and what is new put in, each layer renamed and changed as is said."""
    first, second = ([f"{{name: {name}, {kind}}}" for name, kind in each] for each in (a, b))
    found = diff(first, second)
    assert bool(found) == (a != b)
    moved = {each.before.path: each.after.path for each in found.moved}
    changed = {each.path: each.after for each in found.changed}
    made = {}
    for node in found.a.nodes:
        if node not in found.removed:
            path = moved.get(node.path, node.path)
            made[path] = changed.get(path, node).layer
    made |= {node.path: node.layer for node in found.added}
    assert made == {node.path: node.layer for node in found.b.nodes}
    json.dumps(found.to_json())
    assert found.text().count("\n") < 40


@settings(max_examples=30, deadline=None)
@given(networks)
def test_a_network_doesnt_differ_from_itself(layers: list[tuple[str, str]]) -> None:
    texts = [f"{{name: {name}, {kind}}}" for name, kind in layers]
    assert not diff(texts, texts)


@settings(max_examples=30, deadline=None)
@given(networks, networks)
def test_the_other_way_round(a: list[tuple[str, str]], b: list[tuple[str, str]]) -> None:
    first, second = ([f"{{name: {name}, {kind}}}" for name, kind in each] for each in (a, b))
    there, back = diff(first, second), diff(second, first)
    assert len(there.added) - len(there.removed) == len(back.removed) - len(back.added)
    assert {n: (y, x) for n, (x, y) in there.totals.items()} == dict(back.totals)
