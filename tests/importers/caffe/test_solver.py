"""Solvers as recipes: each field, the forks' too, and mistakes at their places."""

import pytest

from netspec.caffe_files import recipe_of, tree_of
from netspec.diagnostics import Diagnostics, SourceText, SpecError
from netspec.diagnostics.render import render_text
from netspec.importers.caffe.reading import is_solver
from netspec.importers.caffe.solver import solver_of
from netspec.importers.caffe.text import Message
from netspec.recipes import Recipe, learning_rate, read_recipe, recipe_from

PLAIN = 'net: "n.prototxt" base_lr: 0.1 lr_policy: "fixed" max_iter: 100\n'


def tree(text: str) -> Message:
    return tree_of(SourceText("solver.prototxt", text), Diagnostics())


def imported(text: str) -> tuple[str, list[str]]:
    """The recipe of a solver, without its comments, and what is warned of."""
    diagnostics = Diagnostics()
    made = recipe_of(tree(text), diagnostics)
    lines = [line for line in made.splitlines() if not line.startswith("#")]
    return "\n".join(lines) + "\n", [each.message for each in diagnostics.sorted()]


def recipe(text: str) -> Recipe:
    diagnostics = Diagnostics()
    made = recipe_from(solver_of(tree(text), diagnostics).values, diagnostics)
    diagnostics.raise_errors()
    assert made is not None
    return made


def refused(text: str) -> str:
    with pytest.raises(SpecError) as found:
        recipe_of(tree(text), Diagnostics())
    errors = [each for each in found.value.diagnostics if each.severity == "error"]
    return "\n".join(render_text(each) for each in errors)


SOLVER = """\
# the network
net: "models/net.prototxt"
test_iter: 50   test_iter: 20
test_state: { stage: "seen" }
test_state: { stage: "new" stage: "hard" }
test_interval: 500
test_initialization: false
test_compute_loss: true
base_lr: 0.01
lr_policy: 'multistep'
gamma: .1
stepvalue: [3000, 6000]
type: "Nesterov"
momentum: 0.9
weight_decay: 5e-4
regularization_type: "L1"
clip_gradients: 35
iter_size: 4
max_iter: 9000
display: 20
average_loss: 10
snapshot: 1000
snapshot_prefix: "out/net"
snapshot_after_train: false
snapshot_format: HDF5
random_seed: 7
weights: "start.caffemodel"
solver_mode: CPU
"""

RECIPE = """\
# Made by `netspec import` from solver.prototxt.
# Left out, as it says how Caffe runs: `snapshot_format: HDF5` (line 25), `solver_mode: CPU` (line
# 28).
recipe: 1
net: models/net.prototxt
test_stage:
- - seen
- - new
  - hard
base_lr: 0.01
lr_policy: multistep
gamma: 0.1
stepvalue: [3000, 6000]
optimizer: Nesterov
momentum: 0.9
weight_decay: 0.0005
regularization_type: L1
clip_gradients: 35.0
iter_size: 4
max_iter: 9000
display: 20
average_loss: 10
test_iter: [50, 20]
test_interval: 500
test_initialization: false
test_compute_loss: true
snapshot: 1000
snapshot_prefix: out/net
snapshot_after_train: false
weights:
- start.caffemodel
seed: 7
"""


def test_all_that_a_recipe_has() -> None:
    diagnostics = Diagnostics()
    made = recipe_of(tree(SOLVER), diagnostics)
    assert made == RECIPE
    assert not diagnostics.sorted()
    assert read_recipe(SourceText("recipe.yaml", made)) == recipe(SOLVER)


def test_what_is_the_default_is_left_out() -> None:
    text = (
        PLAIN
        + 'type: "SGD" iter_size: 1 clip_gradients: -1 random_seed: -1 momentum: 0 delta: 1e-8'
    )
    made, told = imported(text)
    assert made == "recipe: 1\nnet: n.prototxt\nbase_lr: 0.1\nlr_policy: fixed\nmax_iter: 100\n"
    assert not told


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("solver_type: ADAM momentum: 0.9", "optimizer", "Adam"),
        ("solver_type: 2", "optimizer", "AdaGrad"),
        ('type: "RMSProp" rms_decay: 0.98', "rms_decay", 0.98),
        ('type: "AdaDelta" momentum: 0.95 delta: 1e-6', "delta", 1e-6),
        ('type: "Adam" momentum: 0.9 momentum2: 0.99', "momentum2", 0.99),
        ("clip_gradients: 0", "clip_gradients", 0),
        ("warmup_iter: 5 warmup_start_lr: 0.01", "warmup_iter", 5),
    ],
)
def test_single_fields(text: str, key: str, value: object) -> None:
    assert getattr(recipe(PLAIN + text), key) == value


def test_what_changes_nothing_is_a_comment() -> None:
    made = recipe_of(tree(PLAIN + "gamma: 0.5 stepsize: 10 power: 2 test_iter: 5"), Diagnostics())
    assert "# `gamma: 0.5`: `lr_policy: fixed` doesn't read it.\n" in made
    assert "# `test_iter: [5]`: there is no `test_interval`.\n" in made
    assert "\ngamma" not in made


def test_what_forks_add() -> None:
    """What is about how a solver runs is no warning, what changes the result is."""
    made, told = imported(PLAIN + 'eval_type: "detection" ap_version: "11point"')
    assert "eval" not in made
    assert not told
    made, told = imported(PLAIN + "local_lr_auto: true local_gw_ratio: 0.001 larc: false")
    assert told == ["a recipe has no words for `local_lr_auto`, which changes what is learned"]
    made, told = imported('net: "n" base_lr: 1 lr_policy: "plateau" max_iter: 9 plateau_winsize: 5')
    assert "lr_policy" not in made
    assert told == [
        "there is no `lr_policy`: nothing is trained before one is chosen",
        "a recipe has no `lr_policy` called `plateau`, which changes what is learned",
        "a recipe has no words for `plateau_winsize`, which changes what is learned",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            'net: "n" base_lr: 1 lr_policy: "poly" max_iter: 9',
            "`lr_policy: poly` without `power`, which is 0 then, is a constant rate",
        ),
        (
            'net: "n" base_lr: 1 lr_policy: "step" stepsize: 5 max_iter: 9',
            "`lr_policy: step` without `gamma`, which is 0 then, ends at a rate of 0",
        ),
        (
            'net: "n" base_lr: 1 lr_policy: "multistep" gamma: 0.1 max_iter: 9',
            "`lr_policy: multistep` without `stepvalue` is a constant rate",
        ),
        (
            'net: "n" base_lr: 1 lr_policy: "multistep" gamma: 0.1 stepvalue: [5, 5] max_iter: 9',
            "`stepvalue` doesn't rise: each counts an iteration after the one before at least",
        ),
        (
            'net: "n" lr_policy: "fixed" max_iter: 9',
            "there is no `base_lr`, which is 0 then: nothing is learned",
        ),
        (
            'net: "n" base_lr: 1 lr_policy: "fixed"',
            "there is no `max_iter`: not one iteration is done",
        ),
        (PLAIN + "test_interval: 5", "`test_interval` without `test_iter`: nothing is tested"),
        (
            PLAIN + "test_iter: 5",
            "`test_iter` without `test_interval`: nothing is tested, and Caffe stops here",
        ),
        (
            PLAIN + 'type: "Adam"',
            "Adam without `momentum`, which is 0 then, forgets all but the last gradient",
        ),
    ],
)
def test_what_a_real_caffe_does_without_a_word(text: str, said: str) -> None:
    assert imported(text)[1] == [said]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("moment: 0.9", "unknown-field]: no field of SolverParameter is called `moment`"),
        ("momentum: high", "wrong-type]: `momentum` should be a number, not `high`"),
        ("iter_size: 0", "bad-value]: `iter_size` should be at least 1, not 0"),
        ("average_loss: 0", "bad-value]: `average_loss` should be at least 1, not 0"),
        ('type: "adam"', "bad-value]: `type` should be `SGD`, `Nesterov`, `AdaGrad`, `RMSProp`, "),
        (
            'type: "SGD" solver_type: ADAM',
            "field-conflict]: `type` and the old `solver_type` both name the optimizer",
        ),
        (
            'type: "RMSProp" momentum: 0.9',
            "field-conflict]: RMSProp has no momentum, but `momentum` is 0.9",
        ),
        ("solver_type: SAG", "bad-value]: `solver_type` should be "),
        (
            'regularization_type: "L3"',
            "bad-value]: `regularization_type` should be 'L2', 'L1' or 'ELASTIC', ",
        ),
        ("rms_decay: 1", "bad-value]: `rms_decay` should be less than 1.0, not 1"),
        (
            "momentum: 1e39",
            "bad-value]: `momentum` should be at most 3.4028234663852886e+38, not 1e+39",
        ),
        ("momentum: nan", "bad-value]: `momentum` should be a finite number"),
        (
            'train_net: "t"',
            "field-conflict]: `net` and `train_net` both name the network to train",
        ),
        (
            "test_interval: 5 test_iter: 1 test_state {} test_state {}",
            "field-conflict]: `test_stage` is of 2 tests, `test_iter` of 1",
        ),
    ],
)
def test_mistakes(text: str, said: str) -> None:
    told = refused(PLAIN + text)
    assert told.startswith(f"error[{said}")
    assert "--> solver.prototxt:2:" in told or "--> solver.prototxt:1:" in told


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (
            '"step" gamma: 0.5',
            "missing-field]: `stepsize` is missing, which `lr_policy: step` needs",
        ),
        ('"sigmoid" gamma: 1 stepsize: 0', "bad-value]: `stepsize` should be at least 1 with"),
        ('"poly" power: 1', "missing-field]: `max_iter` is missing, which `lr_policy: poly` needs"),
        ('"exp" gamma: -0.5', "bad-value]: `gamma` should be at least 0 with `lr_policy: exp`"),
    ],
)
def test_mistakes_of_policies(policy: str, said: str) -> None:
    assert refused(f'net: "n" base_lr: 1 lr_policy: {policy}').startswith(f"error[{said}")


def test_the_place_of_a_mistake() -> None:
    assert refused('net: "n"\nbase_lr: 0.1\nlr_policy: "inv"\ngamma: 0.1\niter_size: 0\n') == (
        "error[bad-value]: `iter_size` should be at least 1, not 0\n"
        " --> solver.prototxt:5:12\n"
        "  |\n"
        "5 | iter_size: 0\n"
        "  |            ^\n"
    )


def test_what_is_a_solver() -> None:
    assert is_solver(tree(PLAIN))
    assert is_solver(tree("max_iter: 5"))
    assert not is_solver(tree('name: "Net" layer { name: "a" }'))
    assert not is_solver(tree('input: "data"'))
    assert not is_solver(tree("debug_info: true"))


def rates(policy: str, iterations: tuple[int, ...]) -> list[float]:
    made = recipe(f'net: "n" base_lr: 0.1 lr_policy: {policy}')
    return [learning_rate(made, each) for each in iterations]


def test_rates_of_a_real_caffe() -> None:
    """Facts, measured on a CPU build of BVLC Caffe (9b891540, 2020), in double precision."""
    base = 0.10000000149011612
    assert rates('"fixed" max_iter: 9', (0, 8)) == [base, base]
    step = rates('"step" gamma: 0.5 stepsize: 3', (2, 3, 6, 9))
    assert step == [base, 0.05000000074505806, 0.02500000037252903, 0.012500000186264515]
    assert rates('"exp" gamma: 0.9', (1, 7)) == [0.08999999895691868, 0.047829681843339925]
    inv = rates('"inv" gamma: 0.3 power: 0.75', (1, 2, 7))
    assert inv == [0.0821376908415438, 0.07029266591065421, 0.04280344468578083]
    poly = rates('"poly" power: 0.9 max_iter: 8', (1, 7))
    assert poly == [0.08867623702941252, 0.015389306159097121]
    sigmoid = rates('"sigmoid" gamma: 0.8 stepsize: 4', (0, 4, 7))
    assert sigmoid == [0.003916572158595654, 0.05000000074505806, 0.09168273198949604]
    unsorted = rates('"multistep" gamma: 0.1 stepvalue: 5 stepvalue: 2', (4, 5, 6, 7))
    assert unsorted == [base, 0.010000000298023226, 0.0010000000447034842, 0.0010000000447034842]
