"""Shapes that don't fit are answered with what would make them fit."""

import pytest

from netspec import SpecError, loads


def crop(large: str, small: str) -> str:
    return f"`type: Crop, bottom: [{large}, {small}]` gives `{large}` the size of `{small}`"


def upsample(small: str, large: str) -> str:
    return f"`type: Upsample, bottom: [{small}, {large}]` gives `{small}` the size of `{large}`"


@pytest.mark.parametrize(
    ("one", "other", "layer", "help"),
    [
        ("N, 3, 8, 8", "N, 3, 7, 7", "Eltwise", crop("a", "b")),
        ("N, 3, 8, 8", "N, 3, 9, 8", "Eltwise, operation: MAX", crop("b", "a")),
        ("N, 3, 8, 8", "N, 5, 7, 8", "Concat", crop("a", "b")),
        ("N, 3, 8, 8", "N, 3, 7, 9", "Eltwise", upsample("b", "a")),
        ("N, 3, 8, 8", "N, 3, 4, 4", "Eltwise", upsample("b", "a")),
        ("N, 3, 4, 4", "N, 5, 8, 8", "Concat", upsample("a", "b")),
        ("N, 3, 4, 4", "N, 3, 8, 8", "Eltwise", "project the shortcut with stride 2"),
        ("N, 3, 8, 8", "N, 5, 1, 1", "Concat", upsample("b", "a")),
        (
            "N, 3, 8, 8",
            "N, 3, 1, 1",
            "Eltwise",
            "`type: Bias, bottom: [a, b]` stretches `b` over `a`",
        ),
        (
            "N, 3, 1, 1",
            "N, 3, 8, 8",
            "Eltwise, operation: PROD",
            "`type: Scale, bottom: [b, a]` stretches `a` over `b`",
        ),
        (
            "N, 3, 8, 8",
            "N, 3",
            "Eltwise, operation: PROD",
            "`type: Scale, bottom: [a, b], axis: 0` stretches `b` over `a`",
        ),
        ("N, 3, 8, 8", "N, 3, 1, 1", "Eltwise, coeff: [1, -1]", upsample("b", "a")),
        ("N, 3, 4, 4", "N, 5, 8, 8", "Eltwise", "project the shortcut to 3 channels with stride 2"),
        ("N, 3, 8, 8", "N, 5, 7, 7", "Eltwise", None),
        ("N, 3, 4, 8, 8", "N, 3, 3, 7, 7", "Eltwise", crop("a", "b")),
        ("N, 3, 2, 4, 4", "N, 5, 4, 8, 8", "Concat", upsample("a", "b")),
        ("N, 3, 2, 4, 4", "N, 3, 4, 8, 8", "Eltwise", "project the shortcut with stride 2"),
        ("N, 3, 8", "N, 3, 7", "Eltwise", None),
    ],
)
def test_what_would_fit(one: str, other: str, layer: str, help: str | None) -> None:
    head = f"netspec: 1\nname: Net\ninputs: {{a: [{one}], b: [{other}]}}\nlayers:\n"
    with pytest.raises(SpecError) as caught:
        loads(f"{head}  - {{name: here, type: {layer}, bottom: [a, b]}}\n")
    (found,) = caught.value.diagnostics
    assert (found.code, found.help) == ("shape-mismatch", help)
    if help is not None and help.startswith("`type: "):
        # What is proposed is accepted.
        proposed = help[1:].partition("`")[0]
        loads(f"{head}  - {{name: here, {proposed}}}\nallow: [unused-input]\n")
