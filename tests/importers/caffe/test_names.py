"""Names that specs can have, as near to Caffe's as may be."""

from netspec.importers.caffe.names import Names, class_name
from netspec.language.names import problem
from tests.importers.caffe.networks import DATA, spec


def named(*called: str, type: str = "Convolution") -> list[str]:
    names = Names(called)
    return [names.give(each, type) for each in called]


def test_a_beginning_in_common_is_a_scope() -> None:
    assert named("inception_3a/1x1", "inception_3a/relu_1x1", "pool1/3x3_s2") == [
        "inception_3a.conv_1x1",
        "inception_3a.relu_1x1",
        "pool1.conv_3x3_s2",
    ]


def test_a_beginning_that_is_a_layer_is_none() -> None:
    assert named("conv2", "conv2/dw", "conv2/dw/bn", "relu2/dw") == [
        "conv2",
        "conv2_dw",
        "conv2_dw_bn",
        "relu2.dw",
    ]


def test_what_no_name_may_hold() -> None:
    assert named("a b", "fc:8", "conv-1", "x.y", "1", "", "/", "é") == [
        "a_b",
        "fc_8",
        "conv-1",
        "x_y",
        "conv_1",
        "conv",
        "conv_2",
        "conv_3",
    ]


def test_a_reserved_name() -> None:
    assert named("input", "forward", "lambda", "_x") == ["input_", "forward_", "lambda_", "x"]


def test_each_name_once() -> None:
    made = named("a/b", "a_b", "a b", "a", "a/b", "a/b/c", "A")
    assert len(set(made)) == len(made)
    paths = [each.split(".") for each in made]
    scopes = {".".join(path[:end]) for path in paths for end in range(1, len(path))}
    assert scopes.isdisjoint(made)
    assert all(problem(part) is None for path in paths for part in path)


def test_class_names() -> None:
    assert [class_name(each) for each in ("VGG 16-layers", "3D", "", "ResNet-50")] == [
        "VGG_16_layers",
        "Net_3D",
        "Net",
        "ResNet_50",
    ]


def test_a_network_whose_name_is_empty_is_called_as_the_file() -> None:
    text = 'name: ""\n' + DATA + 'layer { name: "r" type: "ReLU" bottom: "data" top: "r" }'
    made = spec(text).text
    assert "\nname: net\n" in made
    assert "Caffe calls" not in made
