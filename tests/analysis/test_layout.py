"""Columns fitted into a width."""

import pytest

from netspec.analysis.layout import Give, Strip, fit, lines, total_width

PATHS = Strip("name", "layer", ("features.0.conv.weight", "fc"), least=14, give=Give.MIDDLE)
SIZES = Strip("macs", "MACs", ("1,234", "1792*H*W + 1024*H + 12"), right=True, least=10)
SHARE = Strip("share", "share", ("12.5%", "1.0%"), right=True)
BAR = Strip(
    "", "", ("##########", "#"), least=4, give=Give.DRAW, draw=lambda w: ("#" * w, "#"), tail=True
)
STRIPS = (PATHS, SIZES, SHARE, BAR)


def shown(width: int | None) -> list[str]:
    strips, _ = fit(STRIPS, width)
    return ["".join(line).rstrip() for line in lines(strips)]


def test_all_of_it() -> None:
    assert shown(None) == [
        "layer                                     MACs  share",
        "features.0.conv.weight                   1,234  12.5% ##########",
        "fc                      1792*H*W + 1024*H + 12   1.0% #",
    ]
    assert shown(64) == shown(None)


def test_bars_grow_short_before_formulas_lose_their_end_before_paths_lose_their_middle() -> None:
    assert shown(60)[1:] == [
        "features.0.conv.weight                   1,234  12.5% ######",
        "fc                      1792*H*W + 1024*H + 12   1.0% #",
    ]
    assert shown(56)[2] == "fc                      1792*H*W + 1024*H +…   1.0% #"
    assert shown(50) == [
        "layer                             MACs  share",
        "features.0.conv.weight           1,234  12.5% ####",
        "fc                      1792*H*W + 10…   1.0% #",
    ]
    assert shown(40) == [
        "layer                   MACs  share",
        "featur…nv.weight       1,234  12.5% ####",
        "fc                1792*H*W …   1.0% #",
    ]


@pytest.mark.parametrize("width", range(1, 80))
def test_nothing_is_wider(width: int) -> None:
    strips, gone = fit(STRIPS, width)
    assert total_width(strips) <= max(width, 14)
    names = [each.name for each in strips if each.name]
    assert names + gone == ["name", "macs", "share"]


def test_what_is_spared_goes_first() -> None:
    _, gone = fit(STRIPS, 25, ["macs"])
    assert gone == ["macs"]
    _, gone = fit(STRIPS, 20, ["macs"])
    assert gone == ["macs", "share"]
