"""What other frameworks call a pooling, and what is to be said of each besides."""

_AVERAGES, _NORMS = "with `pool: AVE`", "with `pool: L2`"
_ALL = "with `pool: {}, global_pooling: true`"
_FLAT = _ALL + ", then `Flatten`"
IN_AXES = {
    f"{name}{axes}{letter}": note
    for axes in (2, 1, 3)
    for letter, names in {
        "d": {
            "MaxPool": "",
            "AvgPool": _AVERAGES,
            "LPPool": _NORMS,
            "AdaptiveAvgPool": f"{_AVERAGES} and `output_size`",
            "AdaptiveMaxPool": "with `pool: MAX` and `output_size`",
        },
        "D": {
            "Pooling": "",
            "MaxPooling": "",
            "AveragePooling": _AVERAGES,
            "GlobalAveragePooling": _FLAT.format("AVE"),
            "GlobalMaxPooling": _FLAT.format("MAX"),
            "GlobalAvgPool": _FLAT.format("AVE"),
            "GlobalMaxPool": _FLAT.format("MAX"),
            "AdaptiveAveragePooling": f"{_AVERAGES} and `output_size`",
            "AdaptiveMaxPooling": "with `pool: MAX` and `output_size`",
        },
    }.items()
    for name, note in names.items()
}
OTHERS = {
    "MaxPool": "",
    "AveragePool": _AVERAGES,
    "LpPool": _NORMS,
    "GlobalAveragePool": _ALL.format("AVE"),
    "GlobalMaxPool": _ALL.format("MAX"),
    "GlobalLpPool": _ALL.format("L2"),
    "Pool": "",
}
"""What others call it, and what is to be said besides."""
