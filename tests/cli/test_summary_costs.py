"""What conventions, devices and the analyses bring to `netspec summary`."""

import json
from typing import Any

import pytest

import netspec
from netspec.analysis.roofline import bound, together
from netspec.analysis.saved import saved
from netspec.devices import device
from tests.cli.conftest import Run


def made(run: Run, *arguments: str) -> dict[str, Any]:
    result = run("summary", *arguments, "--format", "json")
    assert (result.status, result.err) == (0, "")
    found: dict[str, Any] = json.loads(result.out)
    return found


def test_a_convention_takes_the_place_of_macs(run: Run) -> None:
    found = made(run, "resnet50", "--convention", "fvcore")
    # tests/analysis/test_conventions.py has where the number is from.
    assert (found["convention"], found["totals"]["fvcore"]) == ("fvcore", 4_111_512_576)
    assert sum(layer["fvcore"] for layer in found["layers"]) == 4_111_512_576
    out = run("summary", "resnet50", "--convention", "fvcore", "--depth", "1").out
    assert "output shape  parameters  fvcore MACs  share\n" in out
    assert "\nMACs         4,089,184,256\n" in out
    assert "\nfvcore MACs  4,111,512,576\n" in out
    twice = made(run, "resnet50", "--convention", "fvcore", "--batch", "2")
    assert twice["totals"]["fvcore"] == 2 * 4_111_512_576


def test_why_two_conventions_differ(run: Run) -> None:
    out = run("summary", "lenet", "--explain", "macs", "torchinfo").out
    assert out == netspec.load("lenet").explain("macs", "torchinfo")
    found = made(run, "lenet", "--explain", "macs", "torchinfo")
    assert found["totals"] == {"macs": 2_293_000, "torchinfo": 2_308_230}


def test_times_on_a_device(run: Run) -> None:
    options = ("--device", "a100", "--batch", "32", "--precision", "bfloat16")
    found = made(run, "resnet50", *options)
    assert (found["device"], found["precision"], found["batch"]) == ("a100", "bfloat16", 32)
    net = netspec.load("resnet50")
    bounds = [bound(node, device("a100"), 32, "bfloat16") for node in net]
    assert found["totals"]["time"] == together(bounds).time
    assert [layer["time"] for layer in found["layers"]] == [each.time for each in bounds]
    assert [layer["bound"] for layer in found["layers"]] == [each.by for each in bounds]
    out = run("summary", "resnet50", *options, "--depth", "1").out
    assert "share  least time  bound by\n" in out
    assert "\nleast time   " in out


def test_receptive_fields(run: Run) -> None:
    """Of the layers that lectures and papers state them of (tests/analysis/test_receptive.py)."""
    layers = made(run, "vgg16")["layers"]
    fields = {layer["name"]: layer["receptive_field"] for layer in layers}
    assert fields["features.30"] == {"size": [212, 212], "stride": [32, 32], "start": [-90, -90]}
    options = ("--columns", "name,receptive_field", "--sort", "receptive_field")
    rows = run("summary", "vgg16", *options, "--format", "csv").out.splitlines()
    assert rows[-1] == "features.1,3x3"
    assert "features.30,212x212" in rows
    assert "\nlayer4   483×483\n" in run("summary", "resnet50_v1", *options, "--depth", "1").out


def test_what_training_keeps(run: Run) -> None:
    net = netspec.load("vgg11_bn")
    for items in (1, 16):
        options = ("--columns", "saved_bytes", "--batch", str(items), "--phase", "TRAIN")
        layers = made(run, "vgg11_bn", *options)["layers"]
        kept = saved(net, sizes={"N": items})
        assert sum(layer["saved_bytes"] for layer in layers) == kept.total
    half = made(run, "vgg11_bn", *options, "--precision", "bfloat16")["layers"]
    assert (
        sum(layer["saved_bytes"] for layer in half) == saved(net, "bfloat16", sizes={"N": 16}).total
    )


def test_bytes_and_intensity(run: Run) -> None:
    options = ("--columns", "activation_bytes,read_bytes,written_bytes,intensity,flops")
    found = made(run, "resnet18", *options)
    for layer in found["layers"]:
        moved = layer["read_bytes"] + layer["written_bytes"]
        assert layer["intensity"] == (layer["flops"] / moved if moved else None)
        assert layer["activation_bytes"] == 4 * layer["activations"]
    compact = made(run, "resnet18", "--compact")
    assert compact["totals"]["activation_bytes"] == 4 * compact["totals"]["activations"]
    whole = made(run, "resnet18", *options, "--depth", "1")["layers"]
    assert sum(row["read_bytes"] for row in whole) == sum(
        layer["read_bytes"] for layer in found["layers"]
    )


def test_what_a_training_step_takes(run: Run) -> None:
    net = netspec.load("resnet18")
    for optimizer, precision in (("Adam", "float32"), ("momentum", "bfloat16")):
        options = ("--training", "--optimizer", optimizer, "--precision", precision)
        found = made(run, "resnet18", *options, "--batch", "8")
        memory = net.memory(8, optimizer, precision)  # type: ignore[arg-type]
        assert found["training"] == {
            "saved_bytes": memory.saved_bytes,
            "gradient_bytes": memory.gradient_bytes,
            "optimizer_bytes": memory.optimizer_bytes,
            "peak_bytes": memory.peak_bytes,
            "batch": 8,
            "optimizer": optimizer,
            "precision": precision,
        }
        assert found["totals"]["inference_peak_bytes"] == memory.inference_peak_bytes
        assert found["totals"]["weight_bytes"] == memory.weight_bytes
    assert "training" not in made(run, "resnet18")
    out = run("summary", "resnet18", "--optimizer", "sgd").out
    assert "\ntraining       of 1 item, SGD, float32\n  saved        " in out
    assert "\n  optimizer    0 (0 B)\n" in out


def test_what_fits(run: Run) -> None:
    net = netspec.load("resnet18")
    found = made(run, "resnet18", "--budget", "2 GiB", "--training")
    assert found["budget"] == 2 * 2**30
    items = found["largest_batch"]
    assert net.memory(items).peak_bytes <= 2 * 2**30 < net.memory(items + 1).peak_bytes
    more = made(run, "resnet18", "--budget", "2 GiB")["largest_batch"]
    assert net.memory(more).inference_peak_bytes <= 2 * 2**30
    assert net.memory(more + 1).inference_peak_bytes > 2 * 2**30
    out = run("summary", "resnet18", "--budget", "2GiB", "--optimizer", "SGD").out
    assert "to train in 2.00 GiB\n" in out
    assert f"\nlargest batch  {more:,} to run in 2.00 GiB\n" in (
        run("summary", "resnet18", "--budget", "2GiB").out
    )


def test_memory_at_open_sizes(run: Run) -> None:
    assert made(run, "yolov3")["totals"]["inference_peak_bytes"] is None
    result = run("summary", "yolov3", "--budget", "1GiB")
    assert (result.status, result.out) == (2, "")
    assert " ".join(result.err.split()).endswith(
        "Invalid value for --budget: the most that is alive at once depends on H and W: "
        "`--input data=Nx3x224x224` fixes it"
    )
    found = made(run, "yolov3", "--training", "--batch", "2")
    assert found["totals"]["inference_peak_bytes"] is None
    memory = netspec.load("yolov3").memory(2)
    assert found["training"] == {
        "saved_bytes": str(memory.saved_bytes),
        "gradient_bytes": memory.gradient_bytes,
        "optimizer_bytes": memory.optimizer_bytes,
        "peak_bytes": None,
        "batch": 2,
        "optimizer": "Adam",
        "precision": "float32",
    }
    out = run("summary", "yolov3", "--training").out
    wants = "needs numbers for H and W: `--input data=Nx3x224x224`\n"
    assert f"\ninference peak {wants}" in out
    assert "\n  saved        2193408*H*W + 210432\n" in out
    assert f"\n  peak         {wants}" in out
    # With numbers for the inputs what shows only when it runs is left.
    wants = "depends on what shows only when it runs\n"
    out = run("summary", "ssd300", "--training", "--input", "label=9x6").out
    assert f"\ninference peak {wants}" in out
    assert f"\n  peak         {wants}" in out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            ("--convention", "fv"),
            "--convention: no convention is called 'fv'; the conventions are macs, flops, torch, ",
        ),
        (
            ("--explain", "macs", "flops", "--device", "a100"),
            "--explain: of the table's options it takes --phase and --format alone",
        ),
        (("--device", "a10"), "--device: no device is called `a10`: did you mean `a100`?"),
        (("--columns", "name,time"), "--columns: `time` needs a device: `--device`"),
        (("--budget", "8"), "--budget: '8' has no unit: give it in KiB, MiB, GiB or TiB "),
        (
            ("--budget", "1GiB", "--input", "data=1x1x28x28"),
            "--budget: the batch is 1 in the spec: its inputs hold no symbol",
        ),
        (("--sort", "bound"), "--sort: `bound` needs a device: `--device`"),
        (
            ("--device", "v100", "--precision", "bfloat16"),
            "--device: no peak rate of NVIDIA V100 SXM2 32GB in bfloat16 is known",
        ),
        (
            ("--format", "csv", "--training"),
            "--format: 'csv' has rows alone, and a training step or a budget is of the whole "
            "network: take table or json",
        ),
        (("--format", "markdown", "--budget", "1GiB"), "--format: 'markdown' has rows alone"),
    ],
)
def test_wrong_usage(run: Run, options: tuple[str, ...], said: str) -> None:
    result = run("summary", "lenet", *options)
    assert said in " ".join(result.err.split())
    assert (result.status, result.out) == (2, "")


def test_a_time_needs_numbers(run: Run) -> None:
    result = run("summary", "yolov3", "--device", "a100")
    assert "--device: a time needs numbers, and `H` is none" in " ".join(result.err.split())
    assert (result.status, result.out) == (2, "")
    shape = "data=Nx3x416x416"
    assert run("summary", "yolov3", "--device", "a100", "--input", shape).status == 0


def test_the_same_in_python(run: Run) -> None:
    net = netspec.load("lenet")
    out = run("summary", "lenet", "--device", "a100", "--precision", "float16").out
    assert net.summary(device="a100", precision="float16") == out
    assert net.summary(device=device("a100"), precision="float16") == out
    counted = run("summary", "lenet", "--convention", "thop").out
    assert net.summary(convention="thop") == counted


def test_what_training_keeps_where_numbers_tell(run: Run) -> None:
    """Of proposals so many at the most, of all that there are: a minimum, which is no formula."""
    columns = ("--columns", "name,saved_bytes", "--phase", "TRAIN")
    refused = run("summary", "faster_rcnn_vgg16", *columns)
    assert refused.status == 2
    said = " ".join(refused.err.split())
    assert "`saved_bytes` depends on which of 6000 and 9*H*W is less" in said
    assert said.endswith(": `--input data=1x3x224x224` fixes it")
    assert run("summary", "faster_rcnn_vgg16", *columns, "--input", "data=1x3x224x224").status == 0
