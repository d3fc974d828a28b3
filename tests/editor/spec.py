"""A spec that the tests of the editor room ask about, and places in it."""

from netspec.diagnostics import Span
from netspec.editor.lines import offsets
from netspec.editor.occurrences import Occurrences
from netspec.editor.snapshot import take

SPEC = """\
netspec: 1
name: Net
inputs: {data: [N, 3, 32, 32]}
vars: {width: 8, block: unit}
variants:
  wide: {width: 16}
blocks:
  unit:
    doc: A unit.
    args: {planes: required, step: 1}
    layers:
      - {name: conv, type: Convolution, num_output: $planes, kernel_size: 3, pad: 1, stride: $step}
      - {name: scale, type: Power, scale: "$(1.0 / input.channels)"}
      - {name: sum, type: Eltwise, bottom: [conv, scale]}
layers:
  - {name: stem, type: Convolution, num_output: $width, kernel_size: 3, pad: 1}
  - {name: body, type: $block, repeat: 2, planes: $width}
  - {name: last, type: unit, planes: "$(stem.channels)"}
  - name: features
    layers:
      - {name: a, type: ReLU}
      - {name: b, type: Eltwise, bottom: [a, stem, body.0.conv]}
  - name: pool
    type: Pooling
    pool: AVE
    global_pooling: true
  - {name: fc, type: InnerProduct, num_output: 10, bottom: features.b}
outputs: [fc, pool]
"""


def read(text: str = SPEC) -> Occurrences:
    """The names of a spec without mistakes."""
    snapshot = take(text, "net.yaml")
    assert snapshot.diagnostics == ()
    return Occurrences(snapshot)


def at(words: str, text: str = SPEC) -> int:
    """Where the `|` among some words of a text stands."""
    before, _, after = words.partition("|")
    assert text.count(before + after) == 1, words
    return text.index(before + after) + len(before)


def words_at(span: Span) -> str:
    """The text of a span, with its line."""
    start, end = offsets(span)
    return f"{span.line}:{span.source.text[start:end]}"
