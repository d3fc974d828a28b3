"""FractalNet: the authors' fractalnet.py, which lays its columns out step by step."""

import pytest
import torch
from torch import Tensor, nn

import netspec
from netspec.layers.regularization import Dropout, DropPath
from tests.specs.measuring import depth, of_kind, stock, weighted

FILTERS = (64, 128, 256, 512, 512)


def figures(columns: int) -> tuple[int, int]:
    """Parameters and multiply-accumulates by hand: of all the columns of a stage, which have 1, 2,
    4 and so on convolutions, the first one of each reads what the stage does.
    """
    params = macs = 0
    before = 3
    for number, filters in enumerate(FILTERS):
        weights = 9 * filters * (columns * before + (2**columns - 1 - columns) * filters)
        params += weights + (2**columns - 1) * filters
        macs += weights * (32 // 2**number) ** 2
        before = filters
    return params + 5130, macs + 5120


@pytest.mark.parametrize("columns", [2, 3, 4])
def test_totals(columns: int) -> None:
    """With three columns 33.7 million, as a reimplementation (khanrc/pt.fractalnet) has too, whose
    author notes that the paper's table says 38.6 million.
    """
    network = netspec.load("fractalnet", columns=columns)
    assert (network.params, network.macs) == figures(columns)
    assert depth(network) == 5 * 2 ** (columns - 1) + 1
    assert sum(map(weighted, network)) == 5 * (2**columns - 1) + 1


PATHS = {  # of the convolutions of three columns, from the shortest column on
    (0, 0): "short",
    (1, 0): "fractal.short",
    (1, 1): "long.short",
    (2, 0): "fractal.first",
    (2, 1): "fractal.long",
    (2, 2): "long.first",
    (2, 3): "long.long",
}


def laid_out(stage: nn.Module, data: Tensor) -> Tensor:
    """What a stage gives, by the authors' steps: a convolution in each column that has one there,
    and where several columns end together their mean; before the last one they are pooled.
    """
    last, ordinals = [data] * 3, [0] * 3
    for step in range(4):
        for column in range(3):
            if (step + 1) % 2 ** (2 - column) == 0:
                path = f"fractal.{PATHS[column, ordinals[column]]}"
                last[column] = stage.get_submodule(path)(last[column])
                ordinals[column] += 1
        if step == 1:
            last[1:] = [(last[1] + last[2]) / 2] * 2
    return torch.stack(last).mean(0)


def test_columns_are_averaged_where_they_end_together() -> None:
    stages = [[4, 0], [6, 0.5]]
    module = netspec.load("fractalnet", stages=stages, inputs={"data": ["N", 3, 8, 8]}).to_torch()
    stage = module.eval().get_submodule("stage.0")
    data = torch.randn(2, 3, 8, 8)
    with torch.no_grad():
        torch.testing.assert_close(stage(data), laid_out(stage, data))


def test_what_is_averaged_may_be_dropped_and_nothing_else() -> None:
    drops = of_kind(stock("fractalnet"), DropPath).values()
    assert [each.drop_ratio for each in drops] == [0.15] * 5 * (2 + 3)


def test_dropout_of_each_stage() -> None:
    dropouts = of_kind(stock("fractalnet"), Dropout)
    found = {path.split(".")[1]: each.dropout_ratio for path, each in dropouts.items()}
    assert found == {"0": 0, "1": 0.1, "2": 0.2, "3": 0.3, "4": 0.4}
