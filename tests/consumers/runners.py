"""Runs ONNX files in one consumer: a script for the environment that has it, without netspec.

    python runners.py CONSUMER < LINES

Each line names a file; beside `x.onnx` stand the inputs, `x.npz`, named and in order. What it gives
goes to `x.CONSUMER.npz`, in the order of the outputs. A line of JSON answers each: the path, and
the error if there is one. A consumer's own programs are found by PATH.
"""

import json
import os
import re
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Runner = Callable[[Path, dict[str, Array]], Sequence[Array]]
PATIENCE = 900
"""Seconds that a program of a consumer may take."""


def program(*command: str, folder: Path | None = None) -> None:
    """Run a program of the environment; RuntimeError with the line that says what is wrong."""
    done = subprocess.run(
        command,
        check=False,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=PATIENCE,
    )
    if done.returncode:
        lines = done.stdout.strip().splitlines() or [f"it ends with {done.returncode}"]
        raise RuntimeError(next((each for each in lines if "rror" in each), lines[-1]))


def onnxruntime(path: Path, inputs: dict[str, Array]) -> Sequence[Array]:
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.log_severity_level = 4
    session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    read = {each.name for each in session.get_inputs()}  # a smaller file may have lost some
    given = {name: each for name, each in inputs.items() if name in read}
    found: Sequence[Array] = session.run(None, given)
    return found


def openvino(path: Path, inputs: dict[str, Array]) -> Sequence[Array]:
    import openvino as ov

    core = ov.Core()
    hint = {"INFERENCE_PRECISION_HINT": "f32"}
    compiled = core.compile_model(core.read_model(str(path)), "CPU", hint)
    found = compiled([*inputs.values()])  # by name it may not know one that is given back
    return [np.array(found[each]) for each in compiled.outputs]


def tract(path: Path, inputs: dict[str, Array]) -> Sequence[Array]:
    import tract

    loaded = tract.onnx().load(str(path))
    names = [loaded.input_name(number) for number in range(loaded.input_count())]
    kinds = {"float32": "f32", "float16": "f16", "int64": "i64", "bool": "bool"}
    for number, name in enumerate(names):
        given = inputs[name]
        fact = ",".join(map(str, [*given.shape, kinds[given.dtype.name]]))
        loaded.set_input_fact(number, fact)
    runnable = loaded.into_model().into_runnable()
    return [each.to_numpy() for each in runnable.run([inputs[name] for name in names])]


def mnn(path: Path, inputs: dict[str, Array]) -> Sequence[Array]:
    # Not `mnnconvert`, nor MNN.tools, which would install a package with whatever `pip` there is,
    # and report the conversion to its makers.
    import _tools
    import MNN

    converted = str(path.with_suffix(".mnn"))
    Path(converted).unlink(missing_ok=True)
    _tools.mnnconvert(["-", "-f", "ONNX", "--modelFile", str(path), "--MNNModel", converted])
    if not Path(converted).exists():
        raise RuntimeError("it isn't converted")
    outputs = json.loads(path.with_suffix(".json").read_text())
    module = MNN.nn.load_module_from_file(converted, list(inputs), outputs)
    plain = MNN.expr.NCHW
    kinds = {"float32": MNN.expr.float, "int64": MNN.expr.int, "bool": MNN.expr.int}
    given = [
        MNN.expr.const(
            np.ascontiguousarray(each if each.dtype == np.float32 else each.astype(np.int32)),
            list(each.shape),
            plain,
            kinds[each.dtype.name],
        )
        for each in inputs.values()
    ]
    found = []
    for each in module.forward(given):
        whole = MNN.expr.convert(each, plain)
        found.append(np.array(whole.read()).reshape(whole.shape))
    return found


_FLOAT32 = """\
        net.opt.use_fp16_packed = net.opt.use_fp16_storage = net.opt.use_fp16_arithmetic = False
        net.opt.use_bf16_storage = False
"""


def ncnn(path: Path, inputs: dict[str, Array]) -> Sequence[Array]:
    """By pnnx, and the script that it writes, with the inputs for the random ones there."""
    import torch

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "net.onnx").write_bytes(path.read_bytes())
        program("pnnx", "net.onnx", "fp16=0", folder=folder)
        script = folder / "net_ncnn.py"
        if not script.exists():
            raise RuntimeError("pnnx gives no net_ncnn.py")
        script.write_text(script.read_text().replace("as net:", f"as net:\n{_FLOAT32}", 1))
        unknown = re.findall(
            r"^(\S+[._]\S+) +\S+ +\d+ \d+ ", _text(folder / "net.ncnn.param"), re.M
        )
        if unknown:
            raise RuntimeError(f"ncnn has no {', '.join(sorted(set(unknown)))}")
        waiting = iter(inputs.values())

        def drawn(*_: Any, **__: Any) -> Any:
            return torch.from_numpy(next(waiting))

        torch.rand = torch.randint = drawn
        here = os.getcwd()
        os.chdir(folder)
        try:
            found = runpy.run_path(str(script))["test_inference"]()
        finally:
            os.chdir(here)
        return [each.numpy() for each in (found if isinstance(found, tuple) else (found,))]


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def iree(path: Path, inputs: dict[str, Array]) -> Sequence[Array]:
    import iree.runtime
    import onnx

    with tempfile.TemporaryDirectory() as name:
        imported, compiled = f"{name}/net.mlir", f"{name}/net.vmfb"
        program("iree-import-onnx", str(path), "-o", imported)
        program(
            "iree-compile",
            imported,
            "--iree-hal-target-device=local",
            "--iree-hal-local-target-device-backends=llvm-cpu",
            "--iree-llvmcpu-target-cpu=host",
            "-o",
            compiled,
        )
        module = iree.runtime.load_vm_flatbuffer_file(compiled, driver="local-task")
        graph = onnx.load(str(path), load_external_data=False).graph
        found = module[graph.name](*(inputs[each.name] for each in graph.input))
        several = found if isinstance(found, tuple | list) else (found,)
        return [each.to_host() for each in several]


def tvm(path: Path, inputs: dict[str, Array]) -> Sequence[Array]:
    import onnx
    import tvm
    from tvm import relax
    from tvm.relax.frontend.onnx import from_onnx

    model = onnx.load(str(path))
    compiled = tvm.compile(from_onnx(model, keep_params_in_input=False), target="llvm")
    machine = relax.VirtualMachine(compiled, tvm.cpu())
    given = [tvm.runtime.tensor(inputs[each.name]) for each in model.graph.input]
    found = machine["main"](*given)
    several = [found] if hasattr(found, "numpy") else list(found)
    return [each.numpy() for each in several]


def onnx2torch(path: Path, inputs: dict[str, Array]) -> Sequence[Array]:
    import onnx
    import torch

    # torchvision's wheels want another build of torch; onnx2torch asks for little of it.
    if not hasattr(torch.ops.torchvision, "nms"):
        for name in ("nms", "qnms"):
            torch.library.define(f"torchvision::{name}", "(Tensor a, Tensor b, float c) -> Tensor")
    import onnx2torch

    module = onnx2torch.convert(str(path)).eval()
    names = [each.name for each in onnx.load(str(path), load_external_data=False).graph.input]
    with torch.no_grad():
        found = module(*(torch.from_numpy(inputs[name]) for name in names))
    return [each.numpy() for each in (found if isinstance(found, tuple | list) else (found,))]


def onnxslim(path: Path, inputs: dict[str, Array]) -> Sequence[Array]:
    import onnx
    import onnxslim

    return _smaller(path, onnxslim.slim(onnx.load(str(path))), inputs)


def onnxsim(path: Path, inputs: dict[str, Array]) -> Sequence[Array]:
    import onnx
    import onnxsim

    model, same = onnxsim.simplify(onnx.load(str(path)))
    if not same:
        raise RuntimeError("its own check fails")
    return _smaller(path, model, inputs)


def web(path: Path, inputs: dict[str, Array]) -> Sequence[Array]:
    """In node, whose WebAssembly is Chromium's."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        asked = {}
        for number, (blob, values) in enumerate(inputs.items()):
            (folder / f"in{number}").write_bytes(np.ascontiguousarray(values).tobytes())
            kind = values.dtype.name
            asked[blob] = {"type": kind, "dims": values.shape, "file": f"in{number}"}
        (folder / "task.json").write_text(json.dumps({"path": str(path), "inputs": asked}))
        script = str(Path(__file__).with_name("web.mjs"))
        program("node", script, str(folder))
        outputs = json.loads((folder / "outputs.json").read_text())
        return [
            np.fromfile(folder / f"out{number}", each["type"]).reshape(each["dims"])
            for number, each in enumerate(outputs)
        ]


def _smaller(path: Path, model: Any, inputs: dict[str, Array]) -> Sequence[Array]:
    """What ONNX Runtime makes of a model that was made smaller."""
    import onnx

    smaller = path.with_suffix(".smaller.onnx")
    onnx.save(model, str(smaller))
    try:
        return onnxruntime(smaller, inputs)
    finally:
        smaller.unlink()


RUNNERS: dict[str, Runner] = {
    each.__name__: each
    for each in (
        onnxruntime,
        openvino,
        tract,
        mnn,
        ncnn,
        iree,
        tvm,
        onnx2torch,
        onnxslim,
        onnxsim,
        web,
    )
}


def said(error: BaseException) -> str:
    """What an error says, in a line; an error in Rust begins with where, and ends with why."""
    text = str(error).strip() or type(error).__name__
    causes = text.partition("Stack backtrace")[0].strip().splitlines()
    lines = [each.strip() for each in causes if each.strip()]
    if "Caused by:" in lines:
        lines = lines[-1:]
    if lines[0].startswith("Exception from"):  # OpenVINO's, from the outside in
        lines = lines[-1:]
    return lines[0][:300]


def main() -> None:
    name = sys.argv[1]
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # where the consumers' own words go
    for line in sys.stdin:
        path = Path(line.strip())
        error = None
        try:
            inputs = dict(np.load(path.with_suffix(".npz")))
            found = RUNNERS[name](path, inputs)
            np.savez(path.with_suffix(f".{name}.npz"), *found)
        except Exception as problem:
            error = said(problem)
        print(json.dumps({"path": str(path), "error": error}), file=answers, flush=True)


if __name__ == "__main__":
    main()
