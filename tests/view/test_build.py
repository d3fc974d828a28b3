"""What stands in a drawing: which layers share a box, what is open, what the wires carry."""

import pytest

from netspec import load, loads
from netspec.graph import Phase
from netspec.graph.tree import leaves
from netspec.view.build import scene_of
from netspec.view.folding import Folding
from netspec.view.scene import Box, Kind, Scene, boxes, links
from tests.checking import HEAD, IMAGE
from tests.view.networks import BRANCHES, NETWORKS, PHASES, RESIDUAL, TWO_ENDS
from tests.view.seen import check_scene

FOLDINGS = {
    "first": Folding(),
    "depth 1": Folding(depth=1),
    "depth 2": Folding(depth=2),
    "everything": Folding(everything=True),
    "opened": Folding(opened=frozenset({"basic", "layer2.3"})),
    "closed": Folding(closed=frozenset({"layer1", "fire"})),
}


LOSS = """\
netspec: 1
name: Loss
inputs: {data: [N, 8], label: {shape: [N], dtype: int64, phase: TRAIN}}
layers:
  - {name: fc, type: InnerProduct, num_output: 4, bottom: data}
  - {name: loss, type: SoftmaxWithLoss, bottom: [fc, label], phase: TRAIN}
outputs: [fc, loss]
"""


def scene(text: str, folding: Folding | None = None, phase: str = "TEST") -> Scene:
    return scene_of(loads(text), folding or Folding(), phase)


def titles(found: Scene) -> list[str]:
    return [_said(box) for box in found.frame.boxes]


def _said(box: Box) -> str:
    times = f" ×{box.count}" if box.count > 1 else ""
    return f"{box.title}{times}{' / ' if box.about else ''}{box.about}"


@pytest.mark.parametrize("folding", FOLDINGS.values(), ids=FOLDINGS)
@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("name", NETWORKS)
def test_every_layer_is_there_once(name: str, phase: Phase, folding: Folding) -> None:
    net = loads(NETWORKS[name])
    check_scene(scene_of(net, folding, phase), net.phase(phase))


def test_a_phase_has_its_own_layers_and_scopes() -> None:
    """GoogLeNet's auxiliary classifiers, of 8 layers each, and three losses are there in training
    alone: Szegedy et al. 2014, section 5. With them goes the classifiers' dropout.
    """
    net = load("googlenet")
    for phase, count in (("TEST", 142), ("TRAIN", 142 + 2 * 7 + 3)):
        view = net.phase(phase)
        assert len([*leaves(view.root)]) == count
        check_scene(scene_of(net, Folding(everything=True), phase), view)
    assert titles(scene(PHASES)) == ["data", "fc 4"]
    trained = scene(PHASES, phase="TRAIN")
    assert [box.path for box in trained.frame.boxes] == ["data", "label", "fc", "head", "loss"]


def test_a_residual_network_as_papers_draw_it() -> None:
    found = scene(RESIDUAL)
    assert titles(found) == [
        "data",
        "basic ×2 / layer1.0 … 1",
        "layer2",
        "global avg pool",
        "fc 10",
    ]
    first = found.frame.boxes[1].inside
    assert first is not None
    assert [_said(box) for box in first.boxes] == [
        "3×3 conv, 16 / BN · ReLU",
        "3×3 conv, 16 / BN",
        "+ / ReLU",
    ]
    assert [box.kind for box in first.boxes] == [Kind.LAYER, Kind.LAYER, Kind.SIGN]
    second = found.frame.boxes[2].inside
    assert second is not None
    assert [_said(box) for box in second.boxes] == ["basic / layer2.0", "basic ×3 / layer2.1 … 3"]
    assert [box.inside for box in second.boxes] == [None, None]


def test_levels() -> None:
    assert titles(scene(RESIDUAL, Folding(depth=1)))[1] == "basic ×2 / layer1.0 … 1"
    everything = scene(RESIDUAL, Folding(everything=True))
    assert all(box.count == 1 for box in boxes(everything.frame))
    assert all(box.inside is not None for box in boxes(everything.frame) if box.kind is Kind.BLOCK)
    opened = scene(RESIDUAL, Folding(depth=1, opened=frozenset({"layer2.0"})))
    inside = {box.path: box.inside is not None for box in boxes(opened.frame)}
    assert inside["layer2.0"]
    assert not inside["layer1.0"]
    closed = scene(RESIDUAL, Folding(closed=frozenset({"layer2"})))
    assert closed.frame.boxes[2].inside is None


def test_costs_are_those_of_the_summary() -> None:
    net = loads(RESIDUAL)
    for folding in [*FOLDINGS.values()][:4]:
        found = scene_of(net, folding).frame.boxes
        assert sum(box.costs.params for box in found) == net.params
        assert sum(box.costs.macs for box in found) == net.macs
    image = scene(BRANCHES).frame.boxes[1]
    assert image.costs.memory == 4 * (4 + 8 + 8 + 16) * 32 * 32


def test_a_shape_is_told_where_it_changes_and_once() -> None:
    told = [link.wire.shapes for link in links(scene(BRANCHES).frame) if link.wire.told]
    assert sorted(told) == ["3×32×32", "4×32×32", "8×32×32", "8×32×32"]


def test_links_go_through_borders() -> None:
    found = [(each.source.path, each.target.path) for each in links(scene(BRANCHES).frame)]
    assert set(found) == {
        ("data", "fire.squeeze"),
        ("fire.squeeze", "fire.left"),
        ("fire.squeeze", "fire.right"),
        ("fire.left", "fire.concat"),
        ("fire.right", "fire.concat"),
    }


def test_several_outputs_are_boxes() -> None:
    found = scene(TWO_ENDS)
    assert titles(found)[-2:] == ["one", "other"]
    assert [box.kind for box in found.frame.boxes[-2:]] == [Kind.OUTPUT, Kind.OUTPUT]


def test_what_others_read_stays_by_itself() -> None:
    """A rectifier is part of a convolution only where nothing else reads what that gives."""
    assert titles(scene(TWO_ENDS))[1:4] == ["3×3 conv, 4", "ReLU", "2×2 max pool"]


def test_a_scope_with_one_box_is_left_out() -> None:
    text = (
        IMAGE
        + "layers:\n  - name: outer\n    layers:\n      - name: inner\n        layers:\n"
        + "          - {name: conv, type: Convolution, num_output: 4, kernel_size: 3}\n"
        + "          - {name: bn, type: BatchNorm}\n"
    )
    assert titles(scene(text, Folding(depth=1))) == ["data", "3×3 conv, 4 / BN"]


def test_groups_in_a_block_have_no_frame() -> None:
    found = scene_of(load("googlenet"))
    block = next(box for box in found.frame.boxes if box.inside is not None)
    assert block.inside is not None
    assert [_said(box) for box in block.inside.boxes] == [  # Szegedy et al. 2014, Table 1
        "1×1 conv, 64 / ReLU",
        "1×1 conv, 96 / ReLU",
        "3×3 conv, 128 / ReLU",
        "1×1 conv, 16 / ReLU",
        "5×5 conv, 32 / ReLU",
        "3×3 max pool",
        "1×1 conv, 32 / ReLU",
        "concat",
    ]


def test_equal_neighbours_that_are_branches_stay_apart() -> None:
    text = (
        IMAGE
        + """\
blocks:
  tower:
    layers:
      - {name: a, type: Convolution, num_output: 4, kernel_size: 1}
      - {name: b, type: Convolution, num_output: 4, kernel_size: 1}
layers:
  - {name: one, type: tower, bottom: data}
  - {name: two, type: tower, bottom: data}
  - {name: sum, type: Eltwise, bottom: [one, two]}
"""
    )
    assert titles(scene(text)) == ["data", "tower / one", "tower / two", "+"]


@pytest.mark.parametrize(
    ("layer", "title"),
    [
        ("{type: Convolution, num_output: 8, kernel_size: [1, 3], stride: 2}", "1×3 conv, 8, /2"),
        ("{type: Convolution, num_output: 3, kernel_size: 3, group: 3}", "3×3 dw conv, 3"),
        (
            "{type: Convolution, num_output: 6, kernel_size: 3, stride: [1, 2], dilation: 2}",
            "3×3 conv, 6, /1×2, dilated 2",
        ),
        ("{type: Deconvolution, num_output: 8, kernel_size: 4, stride: 2}", "4×4 deconv, 8, ×2"),
        ("{type: Pooling, pool: AVE, output_size: 7}", "avg pool to 7×7"),
        ("{type: Upsample, scale: 2, mode: BILINEAR}", "bilinear ×2"),
        ("{type: Dropout}", "dropout 0.5"),
        ("{type: LRN}", "LRN"),
    ],
)
def test_words(layer: str, title: str) -> None:
    assert titles(scene(f"{IMAGE}layers:\n  - {layer}\n"))[1] == title


def test_a_sum_of_sizes_stands_in_brackets() -> None:
    text = HEAD + "inputs: {data: [N, 3, T, 8]}\nlayers:\n  - {type: Convolution, num_output: 4, "
    found = scene(text + "kernel_size: [2, 1]}\n  - {type: InnerProduct, num_output: 5, axis: 3}\n")
    assert [link.wire.shapes for link in links(found.frame)] == ["3×T×8", "4×(T - 1)×8"]


def test_a_loss_gives_a_scalar() -> None:
    told = [link.wire.shapes for link in links(scene(LOSS, phase="TRAIN").frame)]
    assert told == ["8", "4", "N", "4", "scalar"]


def test_a_formula_is_told_as_far_as_there_is_room() -> None:
    text = HEAD + "inputs: {data: [N, 3, H, W]}\nlayers:\n  - {type: Pooling, pool: MAX, "
    found = scene(text + "kernel_size: 2, stride: 2}\n")
    assert found.caption == "no parameters · no MACs"
    assert scene_of(load("fast_rcnn_vgg16")).caption == "134.69 M parameters"
