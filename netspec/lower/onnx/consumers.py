"""Programs that read ONNX files: what each takes, as far as a file can be made to fit.

What is chosen for each stands here. What each refuses all the same was measured, and stands in
`consumers.json`: `make consumers` writes it. Imports nothing heavy, so that the command line can
name them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from netspec.lower.onnx.opsets import NEWEST_OPSET, OLDEST_OPSET

MEASURED = Path(__file__).resolve().parent / "consumers.json"


@dataclass(frozen=True, slots=True)
class Consumer:
    """A program that reads ONNX files, and how one is written for it.

    `packages` are what was measured, the first its version. `opsets` are the oldest and the newest
    that it takes, `preset` the one that is written unless said, `dtypes` what it computes with.
    Without `symbols` all sizes must be known; without `value_info` a file states the types of
    inputs and outputs alone. One that compiles for long is measured in `brief`.
    """

    name: str
    title: str
    packages: tuple[str, ...]
    opsets: tuple[int, int] = (OLDEST_OPSET, NEWEST_OPSET)
    preset: int | None = None
    dtypes: tuple[str, ...] = ("float32", "float16")
    symbols: bool = True
    value_info: bool = True
    brief: bool = False

    @property
    def version(self) -> str:
        """The version that was measured."""
        return re.split("[=@]", self.packages[0])[-1]

    @property
    def called(self) -> str:
        """Its name in a sentence."""
        return f"{self.title} {self.version}"

    def require(self, opset: int, dtype: str) -> None:
        """ValueError for an opset or an element type that it doesn't take."""
        oldest, newest = self.opsets
        if not oldest <= opset <= newest:
            raise ValueError(f"{self.called} takes opsets {oldest} to {newest}, not {opset}")
        if dtype not in self.dtypes:
            taken = " and ".join(self.dtypes)
            raise ValueError(f"{self.called} is known to take {taken}, not {dtype}")


_KNOWN = (
    Consumer("onnxruntime", "ONNX Runtime", ("onnxruntime==1.31.1",), opsets=(13, 26)),
    Consumer("openvino", "OpenVINO", ("openvino==2026.4.1",)),
    Consumer("tract", "tract", ("tract==0.23.9",), value_info=False),
    Consumer("mnn", "MNN", ("MNN==3.6.1",), dtypes=("float32",)),
    Consumer(
        "ncnn",
        "ncnn",
        ("ncnn==1.0.20261020", "pnnx==20261020", "torch==2.13.0"),
        opsets=(13, 26),
        preset=17,
        dtypes=("float32",),
        symbols=False,
        brief=True,
    ),
    Consumer(
        "iree",
        "IREE",
        ("iree-base-compiler==3.13.0", "iree-base-runtime==3.13.0", "onnx==1.23.2"),
        brief=True,
    ),
    Consumer("tvm", "TVM", ("apache-tvm==0.27.0.post1", "onnx==1.23.2"), brief=True),
    Consumer(
        "onnx2torch",
        "onnx2torch",
        ("onnx2torch==1.5.15", "torch==2.13.0", "torchvision==0.28.0", "onnx==1.23.2"),
        opsets=(13, 20),
        preset=13,
    ),
    Consumer("onnxslim", "onnxslim", ("onnxslim==0.1.98", "onnxruntime==1.31.1")),
    Consumer("onnxsim", "onnxsim", ("onnxsim==0.8.1", "onnxruntime==1.31.1")),
    Consumer("web", "onnxruntime-web", ("npm:onnxruntime-web@1.30.0",), opsets=(13, 26)),
)
CONSUMERS: Mapping[str, Consumer] = MappingProxyType({each.name: each for each in _KNOWN})


def consumer_called(name: str) -> Consumer:
    """The consumer of that name; ValueError where there is none."""
    if name not in CONSUMERS:
        raise ValueError(f"{name} is none of {', '.join(CONSUMERS)}")
    return CONSUMERS[name]
