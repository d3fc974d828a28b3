"""What isn't trained: said for as much as can be at once."""

import netspec
from tests.lower.torch.checks import checked_source

HEAD = """
netspec: 1
name: Net
inputs: {data: [N, 4, 8, 8]}
vars: {depth: 3}
blocks:
  unit:
    args: {lr: 1}
    layers:
      - {name: conv, type: Convolution, num_output: 4, kernel_size: 1, bias_term: false,
         param: [{lr_mult: $lr}]}
      - {name: bn, type: BatchNorm, use_global_stats: true, param: [{lr_mult: 0}, {lr_mult: 0}]}
layers:
"""


def frozen(layers: str) -> list[str]:
    """The lines of the constructor that freeze something, and the loops around them."""
    lines = checked_source(netspec.loads(HEAD + layers)).splitlines()
    places = [at for at, line in enumerate(lines) if "requires_grad_(False)" in line]
    loops = [at - 2 for at in places if "isinstance" in lines[at - 1]]
    return [lines[at].strip() for at in sorted([*places, *loops])]


def test_a_kind_of_layers_that_are_never_trained() -> None:
    assert frozen("  - {name: body, type: unit, repeat: $depth}\n") == [
        "for module in self.modules():",
        "module.requires_grad_(False)",
    ]


def test_a_scope_of_which_nothing_is_trained() -> None:
    layers = "  - {name: stem, type: unit, lr: 0, repeat: $depth}\n  - {name: body, type: unit}\n"
    assert frozen(layers) == [
        "self.stem.requires_grad_(False)",
        'self.get_submodule("body.bn").requires_grad_(False)',
    ]


def test_counts_stay_open_where_no_element_is_named() -> None:
    source = netspec.loads(HEAD + "  - {name: body, type: unit, repeat: $depth}\n").to_source()
    assert "def __init__(self, depth: int = 3) -> None:" in source


def test_a_kind_of_which_some_are_trained() -> None:
    layers = "".join(
        f"  - {{name: a{n}, type: Convolution, num_output: 4, kernel_size: 1, "
        f"param: [{{lr_mult: {n // 4}}}, {{lr_mult: {n // 4}}}]}}\n"
        for n in range(5)
    )
    assert frozen(layers) == [f"self.a{n}.requires_grad_(False)" for n in range(4)]


def test_weights_that_others_have_too() -> None:
    """`first` is as trained as `second`, whose bias isn't."""
    layers = (
        "  - {name: first, type: Convolution, num_output: 4, kernel_size: 1, param: [{name: w}]}\n"
        "  - {name: second, type: Convolution, num_output: 4, kernel_size: 1, "
        "param: [{name: w}, {lr_mult: 0}]}\n"
    )
    assert frozen(layers) == ['self.get_parameter("second.bias").requires_grad_(False)']
