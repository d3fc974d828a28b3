"""`netspec list`: what it shows, and of which networks."""

import json

import pytest

from netspec.stock import stock_names
from netspec.stock_table import stock_networks
from tests.cli.conftest import Run


def names(run: Run, *arguments: str) -> list[str]:
    result = run("list", *arguments, "--format", "json")
    assert result.status == 0
    return [each["name"] for each in json.loads(result.out)]


def test_every_stock_network(run: Run) -> None:
    out = run("list").out
    assert names(run) == list(stock_names())
    assert all(f"\n      {name} " in out for name in stock_names())


def test_by_task_and_year(run: Run) -> None:
    lines = run("list", "residual learning").out.splitlines()
    assert lines[:4] == [
        "CLASSIFICATION",
        "",
        "2015  He et al. 2015, Deep Residual Learning for Image Recognition, Table 1",
        "      resnet18      N×3×224×224  11,689,512   1,814,073,344 MACs",
    ]
    headings = [line for line in run("list").out.splitlines() if line.isupper()]
    assert headings == sorted(headings)
    assert "CLASSIFICATION" in headings
    videos = run("list", "--task", "video").out.splitlines()
    years = [int(line[:4]) for line in videos if line[:2] == "20"]
    assert years == sorted(years)


def test_json(run: Run) -> None:
    networks = {each["name"]: each for each in json.loads(run("list", "--format", "json").out)}
    assert networks["alexnet_owt"] == {
        "name": "alexnet_owt",
        "file": "specs/alexnet.yaml",
        "inputs": {"data": ["N", 3, 224, 224]},
        "params": 61_100_840,
        "macs": 714_188_480,
        "doc": "AlexNet in a single tower, as in torchvision.",
        "source": "Krizhevsky 2014, One Weird Trick for Parallelizing Convolutional Neural "
        "Networks",
        "task": "classification",
        "year": 2014,
    }
    assert networks["yolov3"]["inputs"] == {"data": ["N", 3, "32*H", "32*W"]}
    assert networks["yolov3"]["macs"] == "194864128*H*W"


def test_words_are_in_the_name_or_what_is_said(run: Run) -> None:
    assert names(run, "ALEXNET_U") == ["alexnet_ungrouped"]
    assert names(run, "zagoruyko", "residual") == ["wide_resnet50_2", "wide_resnet101_2"]
    assert "yolov3" in names(run, "redmon")


def test_tasks_and_parameters(run: Run) -> None:
    small = names(run, "--task", "video", "--max-params", "11_695_440")
    assert {"s3d", "mc3_18"} <= {*small}
    assert "mvit_v1_b" not in small
    assert "mc3_18" not in names(run, "--max-params", "11.6M", "--task", "video")
    assert "lenet" in names(run, "--max-params", "500k", "lenet")
    assert "lenet" not in names(run, "--max-params", "430k", "lenet")


def test_a_long_formula_is_cut(run: Run) -> None:
    line = run("list", "fast_rcnn_vgg16").out.splitlines()[-1]
    assert line.split("  ")[-1].strip() == "(in H, R, W) MACs"
    (network,) = json.loads(run("list", "fast_rcnn_vgg16", "--format", "json").out)
    assert "ceil(H/16)" in network["macs"]


def test_nothing_is_like_that(run: Run) -> None:
    result = run("list", "perceptron-of-1958")
    assert (result.status, result.out) == (0, "")
    assert result.err == "no stock network is like that; `netspec list` shows all\n"


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--task", "painting", "no stock network is for 'painting'; they are for"),
        ("--max-params", "5X", "'5X' is no number such as 5M, 800k or 25557032"),
        ("--max-params", "-5", "'-5' is no number such as 5M, 800k or 25557032"),
    ],
)
def test_wrong_options(run: Run, option: str, value: str, message: str) -> None:
    result = run("list", option, value)
    assert result.status == 2
    assert message in " ".join(result.err.replace("│", " ").split())


def test_every_network_says_what_it_is_for() -> None:
    for network in stock_networks():
        assert network.task
        assert network.year
        assert network.source
        assert (network.doc or "").endswith("."), network.name


def test_recipes(run: Run) -> None:
    out = run("list", "--recipes", "digits").out
    assert out.startswith(
        "lenet_digits: lenet\n    LeNet on the digits that come with scikit-learn"
    )
    told = json.loads(run("list", "--recipes", "cifar", "--format", "json").out)
    assert [(each["name"], each["net"]) for each in told] == [
        ("resnet110_cifar10", "resnet110"),
        ("resnet_cifar10", "resnet20"),
    ]
    assert run("list", "--recipes", "--task", "video").status == 2
    assert "no stock recipe is like that" in run("list", "--recipes", "nothing").err
