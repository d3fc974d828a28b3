"""What each verb prints and where."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

SPEC = """\
netspec: 1
name: Tiny
inputs: {data: [N, 3, 8, 8]}
vars: {classes: 4}
layers:
  - {name: conv, type: Convolution, num_output: 2, kernel_size: 3}
  - {name: fc, type: InnerProduct, num_output: $classes}
"""


def test_summary_json(run: Run) -> None:
    result = run("summary", "-", "--format", "json", stdin=SPEC)
    made = json.loads(result.out)
    assert made["name"] == "Tiny"
    assert made["phase"] == "TEST"
    assert made["inputs"] == {"data": ["N", 3, 8, 8]}
    assert made["outputs"] == {"fc": ["N", 4]}
    assert made["totals"] == {
        "params": 56 + 292,
        "trainable_params": 56 + 292,
        "buffers": 0,
        "macs": 1944 + 288,
        "flops": 2 * 1944 + 72 + 2 * 288 + 4,
        "activations": 76,
        "activation_bytes": 4 * 76,
        "weight_bytes": 4 * (56 + 292),
        "inference_peak_bytes": 4 * (3 * 64 + 56 + 292 + 72 + 4),
        "depth": 2,
        "layers": 2,
    }
    assert made["layers"][0] == {
        "name": "conv",
        "type": "Convolution",
        "bottom": ["data"],
        "top": [["N", 2, 6, 6]],
        "params": 56,
        "macs": 1944,
        "flops": 3960,
        "activations": 72,
        "activation_bytes": 4 * 72,
        "read_bytes": 4 * (3 * 8 * 8 + 56),
        "written_bytes": 4 * 72,
        "receptive_field": {"size": [3, 3], "stride": [1, 1], "start": [0, 0]},
    }
    assert made["parameters"][0] == {
        "name": "conv.weight",
        "shape": [2, 3, 3, 3],
        "layer": "conv",
        "trainable": True,
    }
    assert result.status == 0


def test_summary_table_adds_up(run: Run) -> None:
    lines = run("summary", "alexnet", "--exact").out.splitlines()
    rows = [line for line in lines[4:] if line][:22]
    numbers = [
        [
            int(word.replace(",", ""))
            for word in row.split()
            if word[0].isdigit() and "×" not in word and "%" not in word
        ]
        for row in rows
    ]
    assert sum(row[0] for row in numbers if row) == 60_965_224
    assert sum(row[1] for row in numbers if row) == 724_406_816
    assert "parameters   60,965,224" in lines
    assert "MACs         724,406,816" in lines


def test_summary_folds(run: Run) -> None:
    out = run("summary", "alexnet_owt", "--depth", "1").out
    assert "\nfeatures    group    N×256×6×6         2.47 M  655.57 M  91.8%\n" in out
    assert "features.0" not in out


def test_overrides(run: Run) -> None:
    options = ["--set", "classes=7", "--input", "data=1x3x16x16", "--format", "json"]
    made = json.loads(run("summary", "-", *options, stdin=SPEC).out)
    assert made["inputs"] == {"data": [1, 3, 16, 16]}
    assert made["outputs"] == {"fc": [1, 7]}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--set", "clases=7"], "did you mean `classes`?"),
        (["--input", "image=1x3x8x8"], "its inputs are `data`"),
    ],
)
def test_overrides_of_nothing(run: Run, options: list[str], message: str) -> None:
    result = run("summary", "-", *options, stdin=SPEC)
    assert result.status == 1
    assert "error[unknown-var]" in result.err
    assert message in result.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["summary", "-", "--input", "data=abc-3"],
        ["summary", "-", "--set", "classes"],
        ["summary"],
        ["nonsense"],
        ["summary", "-", "--format", "xml"],
    ],
)
def test_wrong_usage_exits_2(run: Run, arguments: list[str]) -> None:
    assert run(*arguments, stdin=SPEC).status == 2


def test_check_prints_to_standard_output(run: Run) -> None:
    result = run("check", "-", stdin=SPEC.replace("kernel_size", "kernel"))
    assert result.out.startswith("error[unknown-field]: ")
    assert "<stdin>:6:52" in result.out
    assert result.err == ""
    assert result.status == 1


def test_check_json(run: Run) -> None:
    assert json.loads(run("check", "-", "--format", "json", stdin=SPEC).out) == []
    found = json.loads(
        run("check", "-", "--format", "json", stdin=SPEC.replace("kernel_size", "kernel")).out
    )
    assert [each["code"] for each in found] == ["unknown-field"]
    assert {
        "severity",
        "message",
        "file",
        "line",
        "column",
        "end_line",
        "end_column",
        "path",
        "notes",
        "help",
    } <= set(found[0])
    assert (found[0]["line"], found[0]["column"], found[0]["end_column"]) == (6, 52, 58)


def test_check_github(run: Run) -> None:
    out = run("check", "-", "--format", "github", stdin=SPEC.replace("kernel_size", "kernel")).out
    assert out.startswith("::error file=<stdin>,line=6,endLine=6,col=52,endColumn=58,title=")


def test_check_several(run: Run, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(SPEC)
    bad.write_text(SPEC.replace("[N, 3, 8, 8]", "[N, 3, 2, 2]"))
    result = run("check", str(good), str(bad))
    assert result.out.count("error[size-underflow]") == 1
    assert result.status == 1


def test_compile_to_standard_output(run: Run) -> None:
    result = run("compile", "-", "-o", "-", "--to", "torch", stdin=SPEC)
    assert "class Tiny(nn.Module):" in result.out or result.status == 0


def test_compile_names_unknown_targets(run: Run) -> None:
    result = run("compile", "lenet", "-o", "net.txt")
    assert result.status == 1
    assert "end the name in one of .py, .onnx, .yaml, .yml, .safetensors" in result.err


def test_a_failed_compile_leaves_the_old_file(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text("old")
    assert run("compile", "-", "-o", str(path), stdin=SPEC.replace("fc", "class")).status == 1
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_weights_that_do_not_fit(run: Run, tmp_path: Path) -> None:
    weights, model = tmp_path / "w.safetensors", tmp_path / "net.onnx"
    assert run("compile", "-", "-o", str(weights), stdin=SPEC).status == 0
    other = SPEC.replace("classes: 4", "classes: 5").replace("name: conv", "name: first")
    result = run("compile", "-", "-o", str(model), "--weights", str(weights), stdin=other)
    assert result.status == 1
    for code in ("weights-missing", "weights-extra", "weights-shape"):
        assert f"error[{code}]" in result.err
    assert not model.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["compile", "--opset", "12"], "opset 12 is not between 13 and 28"),
        (["compile", "--dtype", "float64"], "'float64' is not one of"),
        (["compile", "--reference-weights"], "only the weights of a .safetensors file"),
        (["compile", "--no-weights", "--weights", "w.npz"], "a model without weights takes none"),
        (["compile", "--for", "tract", "--dtype", "bfloat16"], "is known to take float32 and"),
        (["verify", "--opset", "29"], "opset 29 is not between 13 and 28"),
        (["verify", "--reference-weights"], "only the weights of a .safetensors file"),
    ],
)
def test_wrong_options_of_onnx_exit_2(
    run: Run, tmp_path: Path, arguments: list[str], message: str
) -> None:
    verb, *options = arguments
    path = tmp_path / "x.onnx"
    output = ["-o", str(path)] if verb == "compile" else []
    result = run(verb, "-", *output, *options, stdin=SPEC)
    assert result.status == 2
    assert message in result.err
    assert not path.exists()


ONNX = "it is for ONNX files, and none is asked for"
TORCH = "it is for PyTorch source, and none is asked for"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--dtype float16 -o x.safetensors", f"--dtype: {ONNX}"),
        ("--dtype float32 -o x.yaml", f"--dtype: {ONNX}"),
        ("--no-weights -o x.safetensors", f"--no-weights: {ONNX}"),
        ("--fold-batchnorm -o x.py -o x.yaml", f"--fold-batchnorm: {ONNX}"),
        ("--reference-weights --weights w.safetensors -o x.py", f"--reference-weights: {ONNX}"),
        ("--opset 13 -o x --to torch", f"--opset: {ONNX}"),
        (
            "--weights nosuch.npz -o x.py",
            "--weights: it is for ONNX files and files of weights, and none is asked for",
        ),
        ("--seed 0 -o x.py", "--seed: it is for ONNX files and files of weights, and none is"),
        ("--seed 5 --weights w.npz -o x.onnx", "--seed: it has no use beside `--weights`"),
        ("--seed 5 --weights w.npz -o x.safetensors", "--seed: it has no use beside `--weights`"),
        ("--seed 5 --no-weights -o x.onnx", "--seed: it has no use beside `--no-weights`"),
        ("--inference -o x.onnx", f"--inference: {TORCH}"),
        ("--channels-last -o x.onnx -o x.yaml", f"--channels-last: {TORCH}"),
    ],
)
def test_options_that_no_target_takes(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("compile", "-", *arguments.split(), stdin=SPEC)
    assert message in " ".join(result.err.split())
    assert result.status == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    ["--dtype float16 -o x.onnx -o x.py", "--seed 5 --no-weights -o x.onnx -o x.safetensors"],
)
def test_options_that_one_of_the_targets_takes(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("compile", "-", *arguments.split(), stdin=SPEC).status == 0


def test_compile_refers_to_weights(run: Run, tmp_path: Path) -> None:
    weights, model = tmp_path / "w.safetensors", tmp_path / "x.onnx"
    assert run("compile", "-", "-o", str(weights), stdin=SPEC).status == 0
    options = ["--weights", str(weights), "--reference-weights"]
    assert run("compile", "-", "-o", str(model), *options, stdin=SPEC).status == 0
    assert model.stat().st_size < 2_000
    result = run("compile", "-", "-o", "-", "--to", "onnx", *options, stdin=SPEC)
    assert "a model on standard output can't refer to weights" in result.err
    assert result.status == 2


def test_compile_does_not_write_over_the_weights_it_reads(run: Run, tmp_path: Path) -> None:
    weights, model = tmp_path / "w.safetensors", tmp_path / "x.onnx"
    assert run("compile", "-", "-o", str(weights), "--seed", "3", stdin=SPEC).status == 0
    before = weights.read_bytes()
    options = ["--weights", str(weights), "--reference-weights"]
    outputs = ["-o", str(model), "-o", str(weights)]
    result = run("compile", "-", *outputs, *options, stdin=SPEC)
    assert result.err.startswith(f"error[cannot-write]: can't write `{weights}`: it is the file ")
    assert result.status == 1
    assert not model.exists()
    assert weights.read_bytes() == before


def test_compile_gives_other_outputs(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.onnx"
    assert run("compile", "-", "-o", str(path), "--output", "conv", stdin=SPEC).status == 0
    assert b"fc.weight" not in path.read_bytes()
    result = run("compile", "-", "-o", str(path), "--output", "cnv", stdin=SPEC)
    assert "did you mean `conv`" in result.err
    assert result.status == 1


def test_version(run: Run) -> None:
    assert run("--version").out == "netspec 0.2.0\n"


def test_what_is_known_of_channels_last_stands_with_the_option(run: Run) -> None:
    words = " ".join(run("compile", "--help").out.split())
    assert "PyTorch 2.13 itself can crash in such training steps of tiny networks" in words
    assert "on a CPU with AVX2 but not AVX-512" in words


def test_an_onnx_file_without_the_types_of_its_values(run: Run, tmp_path: Path) -> None:
    import onnx

    path = tmp_path / "net.onnx"
    assert run("compile", "-", "-o", str(path), "--no-value-info", stdin=SPEC).status == 0
    model = onnx.load(path)
    assert not model.graph.value_info
    assert model.graph.output
    result = run("compile", "-", "-o", str(tmp_path / "n.py"), "--no-value-info", stdin=SPEC)
    assert (result.status, "it is for ONNX files" in result.err) == (2, True)


def test_an_opset_before_the_element_type(run: Run, tmp_path: Path) -> None:
    options = ["-o", str(tmp_path / "net.onnx"), "--opset", "21", "--dtype", "bfloat16"]
    result = run("compile", "-", *options, stdin=SPEC)
    assert result.status == 1
    assert "ONNX's Conv takes bfloat16 from opset 22 on; this is opset 21" in result.err
    assert "<stdin>:6:24" in result.err
