"""docs/consumers.md, of what is chosen for each consumer and what was measured.

python -m tests.consumers.page
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from netspec.listed import listed
from netspec.lower.onnx.consumers import CONSUMERS, MEASURED, Consumer

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "consumers.md"
MAX_SAID = 110
"""Characters of what a consumer says that the page quotes."""

_START = """\
# Who reads the ONNX files

```console
$ netspec compile alexnet -o alexnet.onnx --for openvino
```

`--for NAME` (`consumer="NAME"` in `to_onnx`) writes a file for one program, as its preset says, and
checks beforehand what that program will refuse or compute otherwise: open sizes, an operator, an
operator with an attribute, a layer. Each is an error at its place in the spec, and no file is
written. An `--opset` or `--dtype` that it doesn't take is wrong usage. What can't be told by these
stands below and isn't checked.

Tried in an environment of its own for each: a file for every field of every layer ({layers}), and
{networks} networks with fresh weights, some made narrower:
{names}.
{brief}, which are slow, had a file for each layer ({fewer}) and the networks below 50 MB.
Taken are those whose numbers are ONNX Runtime's to a thousandth of the largest.

`make consumers` does all of it again, `make consumers ONLY="tract web"` that of some. It says what
each fetches, from 28 MB (tract) to some hundreds, and keeps it in build/consumers; one takes four
to fifteen minutes on two busy cores.

<!-- Made by `make consumers`, from netspec/lower/onnx/consumers.py and what was measured. -->
"""
_REST = """\
- **{rest}**: one small network alone, which they take
  (convolution, ReLU, pooling, InnerProduct). `--for` does what the preset says and knows of nothing
  that they refuse.
"""
_END = """\
## Not measured

{rest}- **Core ML**: coremltools reads no ONNX since version 6. Its way is PyTorch: `to_torch`,
  traced.
- **Browsers**: onnxruntime-web was run in node, whose WebAssembly is Chromium's; WebGPU and WebNN
  weren't.
- **GPU providers, TensorRT, bfloat16**: not tried.
- **MNN's command** `mnnconvert` installs a package with the first `pip` of the PATH and reports to
  its makers what it converts; its module `_tools`, which was called instead, does neither.

## Tried otherwise

ONNX Runtime 1.17.3 reads opsets up to 20, 1.20.1 up to 21; 1.21 to 1.24 miscount the padding of
windows one column wide at opset 19 and later. Its static quantizer (1.31.1) takes convolutions,
poolings, InnerProduct, Upsample and LRN, QDQ and QOperator within 0.04 of the range; LRN, L2 and
STOCHASTIC stay in float32. onnxoptimizer 0.4.2 takes all files and keeps the numbers.
onnxconverter-common's float16 takes the same layers, or `--dtype float16`, which also knows what
must stay in float32.

MaxPool leaves NaN out in ONNX Runtime, PyTorch's carries it. OpenVINO computes in float32 with
`INFERENCE_PRECISION_HINT` set so; a maximum of −∞ alone is −3.4e38 there. tract's sizes are fixed
with `set_input_fact`, which needs a file without types of values.

Of a mean over one axis that is an input, as at opset 18 and later, pnnx makes one over none, hence
opset 17 for ncnn. IREE refuses GRU and RNN and miscomputes LRN where the batch is a symbol; with
sizes given it took a file of each.
"""


def measured() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(MEASURED.read_text(encoding="utf-8"))
    return found


def page(found: Mapping[str, Any]) -> str:
    """The page, of what was measured of each consumer."""
    names = max((list(each["networks"]) for each in found.values()), key=len)
    layers = [each["layers"][1] for each in found.values()]
    brief = [each.title for name, each in CONSUMERS.items() if each.brief and name in found]
    start = _START.format(
        layers=max(layers),
        fewer=min(layers),
        networks=len(names),
        names=listed(names, "and"),
        brief=listed(brief, "and"),
    )
    known = [(each, found[name]) for name, each in CONSUMERS.items() if name in found]
    sections = [start, "\n".join(_table(known)), *("\n".join(_section(*each)) for each in known)]
    rest = [each.called for name, each in CONSUMERS.items() if name not in found]
    end = _END.format(rest=_REST.format(rest=listed(rest)) if rest else "")
    return "\n".join([*(f"{each}\n" for each in sections), end])


def _table(known: list[tuple[Consumer, Any]]) -> Iterator[str]:
    yield "| `--for` | consumer | preset | opsets | layers | networks |"
    yield "|---|---|---|---|---|---|"
    for consumer, found in known:
        layers = "{} of {}".format(*found["layers"])
        networks = found["networks"]
        count = f"{sum(said is None for said in networks.values())} of {len(networks)}"
        oldest, newest = consumer.opsets
        yield (
            f"| `{consumer.name}` | {consumer.called} | {_preset(consumer)} | {oldest} to {newest} "
            f"| {layers} | {count} |"
        )


def _preset(consumer: Consumer) -> str:
    choices = [
        *([f"opset {consumer.preset}"] if consumer.preset else []),
        *([] if consumer.symbols else ["sizes must be given"]),
        *([] if consumer.value_info else ["no types of values"]),
    ]
    return ", ".join(choices) or "nothing"


def _section(consumer: Consumer, found: Mapping[str, Any]) -> Iterator[str]:
    """What a consumer doesn't take."""
    yield f"## {consumer.called}"
    yield ""
    others = [each.removeprefix("npm:") for each in consumer.packages[1:]]
    beside = f" With {listed(others, 'and')}." if others else ""
    yield f"Element types: {listed(list(consumer.dtypes), 'and')}.{beside}"
    refused = {f"`{form}`": how for form, how in found["refused"].items()}
    refused |= {f"the layer {name}": how for name, how in found["layers refused"].items()}
    for how in ("refuses", "miscomputes"):
        if forms := [form for form, each in refused.items() if each == how]:
            yield ""
            yield f"It {how} {listed(forms, 'and')}; `--for {consumer.name}` says so."
    told = found["networks refused"]
    rows = [("layer", *each) for each in found["rest"].items()]
    rows += [
        ("network", name, [said])
        for name, said in found["networks"].items()
        if said and name not in told
    ]
    if rows:
        yield ""
        yield "| | not checked beforehand | what is said |"
        yield "|---|---|---|"
        for kind, name, said in rows:
            yield f"| {kind} | {name} | {'; '.join(map(_quoted, said))} |"
    if not refused and not rows:
        yield ""
        yield "It takes all that was tried."


def _quoted(said: str) -> str:
    text = " ".join(said.replace("|", "/").split())
    short = text if len(text) <= MAX_SAID else f"{text[:MAX_SAID]}…"
    return short.replace("<", "&lt;").replace("[", "\\[")


def main() -> None:
    PAGE.write_text(page(measured()), encoding="utf-8")


if __name__ == "__main__":
    main()
