"""What the Python interface is given: Python's own types and what stands for them, and mistakes."""

import copy
import enum
import pickle
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import netspec
from netspec import public
from netspec.arguments import plain
from netspec.diagnostics import SpecError

SPEC = """
netspec: 1
name: Net
inputs: {data: [N, 4]}
vars: {width: 3, eps: 0.5, deep: true, sizes: [1, 2], kind: MAX}
blocks:
  unit:
    args: {sizes: [1]}
    layers: [{name: fc, type: InnerProduct, num_output: "$(sizes[0])"}]
layers:
  - {name: fc, type: InnerProduct, num_output: $width}
  - {name: relu, type: ReLU, negative_slope: $eps, when: $deep}
  - {name: unit, type: unit, sizes: $sizes}
"""


class Width(enum.IntEnum):
    SMALL = 2


class Kind(str, enum.Enum):  # noqa: UP042 (whose `str` is another one)
    AVE = "AVE"


class Own:
    """A thing of one's own."""


NET = netspec.loads(SPEC)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (np.int64(5), 5),
        (np.uint8(5), 5),
        (np.array(5), 5),
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),
        (np.str_("x"), "x"),
        (np.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
        ((1, [np.int8(2), (3,)]), [1, [2, [3]]]),
        (range(2), [0, 1]),
        (torch.tensor(5), 5),
        (torch.tensor([0.5]), [0.5]),
        (torch.Size([1, 2]), [1, 2]),
        (netspec.Shape((1, 2)), [1, 2]),
        (Width.SMALL, 2),
        (Kind.AVE, "AVE"),
        (None, None),
    ],
)
def test_plain(given: object, expected: object) -> None:
    found = plain(given)
    assert found == expected
    assert type(found) is type(expected)


def test_vars_of_numpy() -> None:
    net = netspec.loads(
        SPEC, width=np.int64(5), eps=np.float64(0.25), deep=np.True_, sizes=np.array([7, 8])
    )
    assert net.variables == {
        "width": 5,
        "eps": 0.25,
        "deep": True,
        "sizes": [7, 8],
        "kind": "MAX",
    }
    assert net.overrides == "deep=True, eps=0.25, sizes=[7, 8], width=5"
    assert netspec.loads(SPEC, width=Width.SMALL).params == 4 * 2 + 2 + 2 * 1 + 1
    assert not any(node.type == "ReLU" for node in netspec.loads(SPEC, deep=np.False_))


@pytest.mark.parametrize(
    "shape",
    [[2, 4], (np.int64(2), 4), np.array([2, 4]), torch.Size([2, 4]), netspec.Shape((2, 4))],
    ids=str,
)
def test_shapes(shape: Any) -> None:
    net = netspec.loads(SPEC, inputs={"data": shape})
    assert net.inputs[0].shape == (2, 4)
    assert net.overrides == "data=2x4"


@pytest.mark.parametrize("shape", [None, 3, "1x4", {1, 4}, [], [[1, 4]] * 9], ids=str)
def test_what_is_no_shape(shape: Any) -> None:
    message = "the shape of `data` should be a list of 1 to 8 sizes, not "
    with pytest.raises(SpecError, match=message):
        netspec.loads(SPEC, inputs={"data": shape})


@pytest.mark.parametrize("size", [None, 2.0, True, 0, -1, "n", [4]], ids=str)
def test_what_is_no_size(size: Any) -> None:
    with pytest.raises(SpecError, match="a size is a positive integer, an upper-case word"):
        netspec.loads(SPEC, inputs={"data": [size, 4]})


def test_what_is_given_is_copied() -> None:
    inputs, sizes = {"data": [2, 4]}, [1, 2]
    net = netspec.loads(SPEC, inputs=inputs, sizes=sizes)
    before = net.to_source()
    inputs["data"].append(5)
    sizes.clear()
    assert net.variables["sizes"] == [1, 2]
    assert net.to_source() == before


@pytest.mark.parametrize("value", [None, b"5", {1}, Own(), 10**30, Decimal(1), Fraction(1, 2)])
def test_a_var_of_another_type(value: object) -> None:
    with pytest.raises(SpecError, match=r"`width` can't be set to .*: a var is a number"):
        netspec.loads(SPEC, width=value)


def test_a_mapping_is_a_row_of_a_table() -> None:
    with pytest.raises(SpecError, match=r"`num_output` should be an integer, not a mapping"):
        netspec.loads(SPEC, width={})


def test_a_list_without_end() -> None:
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(ValueError, match=r"^`sizes` is nested without end$"):
        netspec.loads(SPEC, sizes=endless)
    with pytest.raises(ValueError, match=r"^`data` is nested without end$"):
        netspec.loads(SPEC, inputs={"data": endless})  # type: ignore[dict-item]
    with pytest.raises(ValueError, match=r"^`depth` is nested without end$"):
        NET.summary(depth=endless)  # type: ignore[arg-type]


def test_no_patterns_and_a_single_one() -> None:
    weights = {name: tensor for name, tensor in NET.to_torch().state_dict().items() if "fc" in name}
    NET.to_torch(weights=weights, fresh=None)  # type: ignore[arg-type]
    del weights["fc.bias"]
    with pytest.warns(netspec.SpecWarning, match=r"fc\.bias"):
        NET.to_torch(weights=weights, fresh="fc.*")


WEIGHTS = "`weights` should be a module, a state dict, a mapping of arrays or a file"
MISTAKES: dict[str, tuple[Callable[[Any], object], Any, str]] = {
    "load bytes": (netspec.load, b"lenet", "`spec` should be a str or a path, not b'lenet'"),
    "load nothing": (netspec.load, None, "`spec` should be a str or a path, not None"),
    "load an object": (netspec.load, Own(), "`spec` should be a str or a path, not a Own"),
    "loads bytes": (netspec.loads, b"a: 1", "`text` should be a str, not b'a: 1': decode it"),
    "loads nothing": (netspec.loads, None, "`text` should be a str, not None"),
    "variant": (
        lambda given: netspec.loads(SPEC, variant=given),
        3,
        "`variant` should be a str, not 3",
    ),
    "inputs": (
        lambda given: netspec.loads(SPEC, inputs=given),
        [[1, 4]],
        "`inputs` should be a mapping of names to shapes, not a list",
    ),
    "a name in inputs": (
        lambda given: netspec.loads(SPEC, inputs=given),
        {3: [1, 4]},
        "`a name in inputs` should be a str, not 3",
    ),
    "outputs as text": (
        lambda given: netspec.loads(SPEC, outputs=given),
        "fc",
        "`outputs` should be a list of names: ['fc'], not 'fc'",
    ),
    "outputs": (
        lambda given: netspec.loads(SPEC, outputs=given),
        3,
        "`outputs` should be a list of names, not 3",
    ),
    "an output": (
        lambda given: netspec.loads(SPEC, outputs=given),
        ["fc", 3],
        "`outputs[1]` should be a str, not 3",
    ),
    "convention": (NET.count, 3, "`convention` should be a str, not 3"),
    "explained": (lambda one: NET.explain(one, "flops"), None, "`one` should be a str, not None"),
    "depth": (NET.summary, "1", "`depth` should be an integer, not '1'"),
    "depth true": (NET.summary, True, "`depth` should be an integer, not True"),
    "depth 0": (NET.summary, 0, "`depth` should be at least 1, not 0"),
    "columns": (
        lambda given: NET.summary(columns=given),
        "name,macs",
        "`columns` should be a list of names: ['name,macs'], not 'name,macs'",
    ),
    "sort": (lambda given: NET.summary(sort=given), 3, "`sort` should be a str, not 3"),
    "exact": (lambda given: NET.summary(exact=given), 1, "`exact` should be True or False, not 1"),
    "compact": (
        lambda given: NET.summary(compact=given),
        "no",
        "`compact` should be True or False, not 'no'",
    ),
    "batch": (lambda given: NET.summary(batch=given), 0, "`batch` should be at least 1, not 0"),
    "batch 1.5": (
        lambda given: NET.summary(batch=given),
        1.5,
        "`batch` should be an integer, not 1.5",
    ),
    "phase": (NET.phase, None, "`phase` should be a str, not None"),
    "no phase": (NET.phase, "x", "`phase` should be 'TRAIN' or 'TEST', not 'X'"),
    "init": (
        lambda given: NET.to_torch(init=given),
        "no",
        "`init` should be True or False, not 'no'",
    ),
    "inference": (
        lambda given: NET.to_torch(inference=given),
        1,
        "`inference` should be True or False, not 1",
    ),
    "channels_last": (
        lambda given: NET.to_source(channels_last=given),
        None,
        "`channels_last` should be True or False, not None",
    ),
    "weights": (lambda given: NET.to_torch(weights=given), 3, f"{WEIGHTS}, not 3"),
    "a list of weights": (
        lambda given: NET.to_onnx("x.onnx", weights=given),
        [1],
        f"{WEIGHTS}, not a list",
    ),
    "weights_prefix": (
        lambda given: NET.to_torch(weights={}, weights_prefix=given),
        b"auto",
        "`weights_prefix` should be a str, not b'auto': decode it",
    ),
    "fresh": (
        lambda given: NET.to_onnx("x.onnx", weights={}, fresh=given),
        True,
        "`fresh` should be a list of names, not True",
    ),
    "a pattern of fresh": (
        lambda given: NET.to_onnx("x.onnx", weights={}, fresh=given),
        ["fc.*", None],
        "`fresh[1]` should be a str, not None",
    ),
    "target": (NET.to_source, ["torch"], "`target` should be a str, not a list"),
    "no target": (NET.to_source, "tf", "`target` should be 'torch', not 'tf'"),
    "path": (NET.to_onnx, b"x.onnx", "`path` should be a str or a path, not b'x.onnx'"),
    "opset": (
        lambda given: NET.to_onnx("x.onnx", opset=given),
        "20",
        "`opset` should be an integer, not '20'",
    ),
    "opset 12": (
        lambda given: NET.to_onnx("x.onnx", opset=given),
        12,
        "opset 12 is not between 13 and ",
    ),
    "dtype": (
        lambda given: NET.to_onnx("x.onnx", dtype=given),
        np.float32,
        "`dtype` should be a str, not a type",
    ),
    "seed": (
        lambda given: NET.to_onnx("x.onnx", seed=given),
        -1,
        "`seed` should be at least 0, not -1",
    ),
    "no_weights": (
        lambda given: NET.to_onnx("x.onnx", no_weights=given),
        "yes",
        "`no_weights` should be True or False, not 'yes'",
    ),
}


@pytest.mark.parametrize(("call", "given", "message"), MISTAKES.values(), ids=MISTAKES.keys())
def test_mistakes(
    call: Callable[[Any], object],
    given: object,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises((TypeError, ValueError)) as caught:
        call(given)
    assert str(caught.value).startswith(message)
    assert not list(tmp_path.iterdir())


def test_phases_and_paths_in_any_form(tmp_path: Path) -> None:
    assert NET.phase("train").view is netspec.Phase.TRAIN
    assert NET.phase(netspec.Phase.TEST) == NET.phase("TEST")
    assert isinstance(NET.phase("TEST"), netspec.Network)
    NET.to_onnx(tmp_path / "x.onnx", opset=np.int64(20), seed=np.int32(1))
    NET.to_onnx(str(tmp_path / "y.onnx"), seed=1)
    assert (tmp_path / "x.onnx").read_bytes() == (tmp_path / "y.onnx").read_bytes()
    assert "Net (TEST)" in NET.summary(np.int64(1))


# --- what comes back


def test_what_users_annotate_with_is_exported() -> None:
    for name in public.__all__:
        assert hasattr(netspec, name)
    assert netspec.Graph is netspec.Network
    assert isinstance(NET, netspec.Network)
    node = next(iter(NET))
    assert isinstance(node, netspec.Node)
    assert isinstance(node.tops[0], netspec.Blob)
    assert isinstance(node.parameters[0], netspec.Parameter)
    assert isinstance(NET.outputs["unit"], netspec.Shape)
    assert isinstance(NET.outputs["unit"][0], netspec.SymbolicSize)
    with pytest.raises(AttributeError, match=r"^module 'netspec' has no attribute 'nothing'$"):
        netspec.nothing  # type: ignore[attr-defined] # noqa: B018
    assert {*public.__all__} <= {*dir(netspec)}


def test_networks_are_hashable() -> None:
    again = netspec.loads(SPEC)
    other = netspec.loads(SPEC, width=5)
    assert {NET, again, other} == {NET, other}
    assert hash(NET) == hash(again)
    for one, same in zip((*NET, NET.root), (*again, again.root), strict=True):
        assert hash(one) == hash(same)
    sliced = (
        "netspec: 1\nname: S\ninputs: {data: [N, 4]}\nlayers: [{type: Slice, slice_point: [1]}]"
    )
    assert {*netspec.loads(sliced)} == {*netspec.loads(sliced)}


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))]
)
def test_networks_are_copied(copied: Callable[[netspec.Network], netspec.Network]) -> None:
    net = netspec.load("resnet18")
    other = copied(net)
    assert other == net
    assert hash(other) == hash(net)
    assert isinstance(other, netspec.Network)
    assert other.variables == net.variables
    assert other.summary() == net.summary()


def test_a_network_cannot_be_changed() -> None:
    net = netspec.loads(SPEC)
    unit = net.root.members[-1]
    assert isinstance(unit.args, netspec.graph.frozen.Frozen)  # type: ignore[union-attr]
    for mapping in (net.variables, net.losses, net.result_names, unit.args):  # type: ignore[union-attr]
        values: Any = mapping
        with pytest.raises(TypeError):
            values["width"] = 9
        with pytest.raises(TypeError):
            del values["width"]
        assert not hasattr(values, "update")
    net.outputs["fc"] = net.outputs["unit"]
    net.variables["sizes"].append(3)
    assert [*net.outputs] == ["unit"]
    assert net.variables["sizes"] == [1, 2]
    assert repr(net.variables) == repr({**net.variables})
    with pytest.raises(AttributeError):
        net.name = "other"  # type: ignore[misc]
