"""`netspec summary`: each of its options, and what is said of wrong ones."""

import json

import pytest

from netspec import loads
from netspec.analysis.columns.catalogue import COUNTING, MODULES, column
from netspec.analysis.conventions import CONVENTIONS
from tests.cli.conftest import Run

SPEC = """\
netspec: 1
name: Tiny
inputs: {data: [N, 3, 8, 8]}
layers:
  - {name: conv, type: Convolution, num_output: 2, kernel_size: 3}
  - {name: norm, type: BatchNorm}
  - {name: fc, type: InnerProduct, num_output: 4, param: [{lr_mult: 0}]}
"""


OPEN = """\
netspec: 1
name: Open
inputs: {data: [N, 3, H, H]}
layers: [{name: conv, type: Convolution, num_output: 2, kernel_size: 3, pad: 1}]
"""


def layers(run: Run, *options: str) -> list[dict[str, object]]:
    made = json.loads(run("summary", "-", "--format", "json", *options, stdin=SPEC).out)
    found: list[dict[str, object]] = made["layers"]
    return found


def test_columns_as_asked_for(run: Run) -> None:
    out = run("summary", "-", "--columns", "macs,name,buffers", stdin=SPEC).out
    assert out.splitlines()[2:7] == [
        " MACs  layer  buffers",
        "---------------------",
        "1,944  conv",
        "       norm         4",
        "  288  fc",
    ]


def test_columns_beside_those_that_json_has(run: Run) -> None:
    conv, _, fc = layers(run, "--columns", "trainable_params,share")
    usual = ["name", "type", "bottom", "top", "params", "macs", "flops", "activations"]
    usual += ["activation_bytes", "read_bytes", "written_bytes", "receptive_field"]
    assert [*fc] == [*usual, "trainable_params", "share"]
    assert (fc["params"], fc["trainable_params"]) == (292, 4)
    assert (conv["share"], fc["share"]) == (1944 / 2232, 288 / 2232)


def test_a_column_that_is_not_there(run: Run) -> None:
    result = run("summary", "-", "--columns", "name,mac", stdin=SPEC)
    assert result.status == 2
    assert result.out == ""
    words = " ".join(result.err.split())
    said = "Invalid value for --columns: no column is called 'mac'; did you mean `macs`? "
    assert f"{said}The columns are {', '.join(MODULES)}" in words
    result = run("summary", "-", "--columns", "", stdin=SPEC)
    assert "no column is called ''; the columns are name, " in " ".join(result.err.split())


@pytest.mark.parametrize("name", MODULES)
def test_every_column_stands_under_its_name(name: str) -> None:
    found = column(name)
    assert found.name == name
    assert found.heading
    assert found.about


def test_a_batch(run: Run) -> None:
    one, three = layers(run), layers(run, "--batch", "3")
    for each, all in zip(one, three, strict=True):
        for name in ("macs", "flops", "activations"):
            assert all[name] == 3 * int(str(each[name]))
        assert all["params"] == each["params"]
    assert three[0]["top"] == [[3, 2, 6, 6]]
    made = json.loads(run("summary", "-", "--format", "json", "--batch", "3", stdin=SPEC).out)
    assert (made["batch"], made["totals"]["macs"]) == (3, 3 * 2232)
    assert (made["inputs"], made["outputs"]) == ({"data": [3, 3, 8, 8]}, {"fc": [3, 4]})


def test_a_batch_that_the_network_has_already(run: Run) -> None:
    fixed = ("--input", "data=8x3x8x8", "--columns", "name,macs")
    assert "1,944" in run("summary", "-", *fixed, stdin=SPEC).out
    assert "15,552" in run("summary", "-", *fixed, "--batch", "8", stdin=SPEC).out
    result = run("summary", "-", *fixed, "--batch", "4", stdin=SPEC)
    said = "for --batch: the batch is 8 here: the input `data` is 8×3×8×8"
    assert (result.status, said in " ".join(result.err.split())) == (2, True)


def test_formulas_of_a_batch(run: Run) -> None:
    made = json.loads(run("summary", "-", "--batch", "2", "--format", "json", stdin=OPEN).out)
    assert made["layers"][0]["top"] == [[2, 2, "H", "H"]]
    assert made["layers"][0]["macs"] == "108*H*H"


def names(run: Run, *options: str) -> list[str]:
    return [str(each["name"]) for each in layers(run, *options)]


def test_sorting(run: Run) -> None:
    assert names(run, "--sort", "macs") == ["conv", "fc", "norm"]
    assert names(run, "--sort", "-params") == ["norm", "conv", "fc"]
    assert names(run, "--sort", "type") == ["norm", "conv", "fc"]
    assert names(run, "--sort", "-type") == ["fc", "conv", "norm"]
    assert names(run, "--sort", "top") == ["conv", "norm", "fc"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--convention", "fv"), "for --convention: no convention is called 'fv'; the conventions"),
        (("--convention", "fvcor"), "'fvcor'; did you mean `fvcore`? The conventions are macs,"),
        (("--explain", "macs"), "Option '--explain' requires 2 arguments"),
        (("--explain", "macs", "tho"), "only macs, flops, torch, fvcore, torchinfo, ptflops, thop"),
        (("--explain", "macs", "tho"), "calflops_macs; did you mean `thop`?"),
        (("--explain", "macs", "macs"), "for --explain: 'macs' is one convention; two are"),
        (("--explain", "macs", "thop", "--depth", "1"), "for --explain: of the table's options it"),
        (("--explain", "macs", "thop", "--convention", "thop"), "it takes --phase and --format"),
        (("--explain", "macs", "thop", "--format", "csv"), "for --format: 'csv' isn't for --expl"),
        (("--sort", "size"), "for --sort: no column is called 'size'; the columns are name, type,"),
        (("--sort", "--macs"), "for --sort: no column is called '-macs'; did you mean `macs`?"),
        (("--sort", "top,macs"), "for --sort: no column is called 'top,macs'"),
        (("--batch", "0"), "for '--batch': "),
        (("--format", "xml"), "'xml' is not one of 'table', 'json', 'csv', 'markdown'"),
    ],
)
def test_wrong_usage(run: Run, options: tuple[str, ...], said: str) -> None:
    result = run("summary", "-", *options, stdin=SPEC)
    assert said in " ".join(result.err.split())
    assert (result.status, result.out) == (2, "")


def test_formulas_have_no_order(run: Run) -> None:
    result = run("summary", "-", "--sort", "macs", stdin=OPEN)
    assert " ".join(result.err.split()).endswith(
        "Invalid value for --sort: `macs` of `conv` is 54*H*H, no number: "
        "fix H in the inputs' shapes"
    )
    assert result.status == 2


def test_exact(run: Run) -> None:
    options = ("summary", "lenet", "--columns", "name,macs")
    assert "\nconv2    1.60 M\n" in run(*options).out
    assert "\nconv2  1,600,000\n" in run(*options, "--exact").out


def test_what_is_written_over_has_no_row(run: Run) -> None:
    data, conv, fc = layers(run, "--compact", "--columns", "buffers")
    assert (data["name"], data["type"], data["bottom"]) == ("data", "Input", [])
    assert (data["top"], data["activations"], data["params"]) == ([["N", 3, 8, 8]], 192, 0)
    # The normalization's parameters and operations count, its activations are those of conv.
    assert (conv["params"], conv["activations"], conv["buffers"]) == (56 + 4, 72, 4)
    assert conv["flops"] == 3960 + 2 * 72
    assert fc["bottom"] == ["norm"]


def test_csv(run: Run) -> None:
    out = run("summary", "-", "--format", "csv", "--columns", "name,top,params", stdin=SPEC).out
    assert out == "name,top,params\nconv,Nx2x6x6,56\nnorm,Nx2x6x6,4\nfc,Nx4,292\n"


def test_markdown(run: Run) -> None:
    options = ("--format", "markdown", "--columns", "name,macs")
    assert run("summary", "-", *options, stdin=OPEN).out == (
        "| layer | MACs |\n| --- | ---: |\n| conv | 54\\*H\\*H |\n"
    )


def test_a_convention_in_place_of_macs(run: Run) -> None:
    out = run("summary", "-", "--convention", "fvcore", "--exact", stdin=SPEC).out
    lines = out.splitlines()
    assert lines[2].split()[-3:] == ["fvcore", "MACs", "share"]
    assert [line.split()[-2:] for line in lines[4:7]] == [
        ["1,944", "81.8%"],
        ["144", "6.1%"],
        ["288", "12.1%"],
    ]
    assert [line.split() for line in lines if line.startswith(("fvcore", "MACs"))] == [
        ["fvcore", "MACs", "2,376"],
        ["MACs", "2,232"],
    ]


def test_a_convention_in_json(run: Run) -> None:
    made = json.loads(
        run("summary", "-", "--convention", "torch", "--format", "json", stdin=SPEC).out
    )
    assert made["convention"] == "torch"
    assert made["totals"]["torch"] == 2 * made["totals"]["macs"]
    assert [each["torch"] for each in made["layers"]] == [3888, 0, 576]
    usual = json.loads(run("summary", "-", "--format", "json", stdin=SPEC).out)
    assert (usual["convention"], "torch" in usual["totals"]) == ("macs", False)
    flops = layers(run, "--convention", "flops", "--columns", "share")
    assert sum(float(str(each["share"])) for each in flops) == pytest.approx(1)


def test_every_convention_is_a_column(run: Run) -> None:
    assert {*COUNTING} == {*CONVENTIONS}
    rows = layers(run, "--columns", ",".join(COUNTING), "--batch", "3")
    network = loads(SPEC)
    for name in COUNTING:
        assert sum(int(str(each[name])) for each in rows) == 3 * int(str(network.count(name)))


def test_why_two_conventions_differ(run: Run) -> None:
    out = run("summary", "-", "--explain", "macs", "thop", stdin=SPEC).out
    assert "\nnorm   BatchNorm     0   288        +288  batch norm\n" in out
    made = json.loads(
        run("summary", "-", "--explain", "macs", "thop", "--format", "json", stdin=SPEC).out
    )
    assert made["difference"] == 288
    assert made["totals"] == {"macs": 2232, "thop": 2520}


def test_explained_in_a_phase(run: Run) -> None:
    aux = "  - {name: aux, type: ReLU, phase: TRAIN, allow: [unused-layer]}\n"
    text = SPEC.replace("  - {name: fc,", aux + "  - {name: fc, bottom: norm,")
    asked = ("summary", "-", "--explain", "macs", "flops", "--phase")
    assert "aux" in run(*asked, "train", stdin=text).out
    assert "aux" not in run(*asked, "test", stdin=text).out
