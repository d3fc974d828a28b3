"""The text of training scripts: short, as a formatter leaves it, and nothing that isn't asked."""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

import netspec
from netspec.diagnostics import SpecError
from netspec.recipes import Recipe, learning_rate
from tests.lower.training.scripts import LENET, loaded, script

GOLDEN = Path(__file__).parent.parent.parent / "golden" / "training" / "lenet_digits.py"

CIFAR_GOLDEN = GOLDEN.with_name("resnet20_cifar10.py")

DIGITS = """\
recipe: 1
data: {format: digits}
batch_size: 64
loss: {ip2: {type: softmax}}
base_lr: 0.01
lr_policy: inv
gamma: 0.0001
power: 0.75
momentum: 0.9
weight_decay: 0.0005
epochs: 12
display: 20
test_interval: 100
snapshot: 100
seed: 1
"""
RATES = {
    "fixed": "",
    "step": "gamma: 0.5\nstepsize: 7\n",
    "multistep": "gamma: 0.5\nstepvalue: [4, 4, 30]\n",
    "exp": "gamma: 0.9\n",
    "inv": "gamma: 0.01\npower: 0.75\n",
    "poly": "power: 0.9\n",
    "sigmoid": "gamma: 0.25\nstepsize: 20\n",
    "cosine": "min_lr: 0.01\n",
    "cyclic": "min_lr: 0.01\nstepsize: 6\n",
    "1/t": "gamma: 0.5\n",
    "one-cycle": "min_lr: 0.01\nstepsize: 15\n",
}
OTHERS = {
    "nesterov": "optimizer: Nesterov\nlr_policy: exp\ngamma: 0.9\nregularization_type: L1\n",
    "elastic": "regularization_type: ELASTIC\nl1_ratio: 0.25\nlr_policy: fixed\n",
    "adam": "optimizer: Adam\nmomentum2: 0.99\nlr_policy: fixed\n",
    "adamw": "optimizer: AdamW\nlr_policy: cosine\nwarmup_iter: 5\nwarmup_start_lr: 0.001\n",
    "adadelta": "optimizer: AdaDelta\nlr_policy: fixed\nclip_gradients: 35\nclip_value: 1\n",
    "passes": "lr_policy: fixed\niter_size: 3\nclip_gradients: 35\ndisplay: 2\naverage_loss: 5\n",
    "events": "lr_policy: fixed\ndisplay: 5\ntest_interval: 5\ntest_iter: [2]\nworkers: 2\n",
    "in epochs": "lr_policy: multistep\ngamma: 0.1\nstepvalue_epochs: [30, 60]\n"
    "warmup_epochs: 0.5\ntest_interval_epochs: 1\nsnapshot_epochs: 10\ndisplay: 5\n",
    "step in epochs": "lr_policy: step\ngamma: 0.1\nstepsize_epochs: 30\n",
    "cycle": "lr_policy: one-cycle\nstepsize: 5\nmin_momentum: 0.8\n",
    "cycles": "lr_policy: one-cycle\nstepsize: 5\nmin_momentum: 0.8\noptimizer: Adam\n",
    "plateau": "lr_policy: plateau\ngamma: 0.5\nplateau: {figure: accuracy, better: more}\n"
    "test_interval: 5\nema: 0.99\n",
    "bfloat16": "lr_policy: fixed\nprecision: bfloat16\nweights: [a.safetensors]\n"
    "freeze: [conv1.*]\ntest_interval: 5\n",
    "board": "lr_policy: fixed\ndisplay: 5\ntest_interval: 5\ntensorboard: true\nworkers: 2\n",
    "float16": "lr_policy: fixed\nprecision: float16\niter_size: 2\nclip_value: 1\n"
    "regularization_type: L1\n",
    "last": "lr_policy: fixed\nsnapshot_after_train: false\ntest_interval: 3\n"
    "test_initialization: false\n",
}
START = """\
recipe: 1
data: {format: digits}
batch_size: 8
loss: {ip2: {label_smoothing: 0.1}}
base_lr: 0.1
momentum: 0.9
weight_decay: 0.01
max_iter: 40
"""

TWO = """\
netspec: 1
name: Two
inputs: {x: [N, 4]}
layers:
  - {name: kind, type: InnerProduct, num_output: 3}
  - {name: colour, type: InnerProduct, bottom: x, num_output: 2}
outputs: [kind, colour]
"""


def check_text(text: str) -> None:
    """As a formatter leaves it, and clean under a linter's defaults, beside its network."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "net.py").write_text("class Net: ...\n")
        (Path(folder) / "train.py").write_text(text)
        for command in (["format", "--diff"], ["check", "--quiet"]):
            program = [sys.executable, "-m", "ruff", *command, "--isolated", "train.py"]
            done = subprocess.run(program, cwd=folder, capture_output=True, text=True, check=False)
            assert done.stdout == ""


def test_lenet_on_digits() -> None:
    """`UPDATE_GOLDEN=1` writes it anew."""
    text = script(netspec.load("lenet"), DIGITS)
    check_text(text)
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(text)
    assert text == GOLDEN.read_text()
    assert len(text.splitlines()) < 290


CIFAR = """\
recipe: 1
data: {format: cifar10, train: cifar-10-batches-bin,
  mean: [0.4914, 0.4822, 0.4465], std: [0.247, 0.2435, 0.2616]}
augment: {pad: 4, flip: true}
batch_size: 128
loss: {fc: {}}
base_lr: 0.1
lr_policy: multistep
gamma: 0.1
stepvalue: [32000, 48000]
momentum: 0.9
weight_decay: 0.0001
max_iter: 64000
test_interval: 500
workers: 2
seed: 1
"""


def test_resnet_on_cifar() -> None:
    text = script(netspec.load("resnet20"), CIFAR)
    check_text(text)
    if os.environ.get("UPDATE_GOLDEN"):
        CIFAR_GOLDEN.write_text(text)
    assert text == CIFAR_GOLDEN.read_text()


IMAGES = {
    "folder": "{format: folder, train: a, test: b, resize: 256}\naugment: {scale: [256, 480], "
    "flip: true, brightness: 0.4, contrast: 0.4, saturation: 0.4, mixup: 0.2}\n"
    "test_crops: {type: ten, scales: [224, 256]}\nworkers: 2\n",
    "skipping": "{format: folder, train: a, test: b, unreadable: skip}\naugment: {crop: true}\n",
    "exact": "{format: folder, train: a, test: b, std: [0.3]}\n",
    "middle": "{format: folder, train: a, test: b, resize: 300, unreadable: skip}\n"
    "augment: {cutout: 16, autoaugment: imagenet}\n",
    "scaled": "{format: folder, train: a, test: b}\naugment: {scale: [256, 480]}\n"
    "test_crops: {scales: [224, 256, 384]}\n",
}


@pytest.mark.parametrize("data", IMAGES.values(), ids=IMAGES)
def test_scripts_of_images_are_formatted(data: str) -> None:
    text = CIFAR.partition("batch_size")[2].replace("workers: 2\n", "")
    check_text(script(netspec.load("resnet18"), f"recipe: 1\ndata: {data}batch_size{text}"))


@pytest.mark.parametrize("more", OTHERS.values(), ids=OTHERS)
def test_other_recipes_are_formatted(more: str) -> None:
    check_text(script(netspec.load("lenet"), START + more))


@pytest.mark.parametrize(
    "more", ["", "sync_batchnorm: true\nsharding: true\niter_size: 2\n", "freeze: [conv1.*]\n"]
)
def test_statistics_are_formatted(more: str) -> None:
    text = START.replace("ip2", "fc").replace("digits", "npz, train: a.npz, test: a.npz")
    check_text(
        script(netspec.load("resnet20"), f"{text}lr_policy: fixed\ntest_interval: 5\n{more}")
    )


@pytest.mark.parametrize("policy", RATES)
@pytest.mark.parametrize("warm", ["", "warmup_iter: 5\nwarmup_start_lr: 0.01\n"])
def test_rates_are_the_recipes(policy: str, warm: str) -> None:
    text = f"{START}lr_policy: {policy}\n{RATES[policy]}{warm}"
    known = netspec.load("lenet")
    check_text(script(known, text)) if not warm else None
    with loaded(known, text) as made:
        rate = made.__dict__.get("rate")
        assert (rate is None) == (policy == "fixed" and not warm)
        if rate is None:
            return
        many = (40,) if rate.__code__.co_argcount == 2 else ()
        recipe = Recipe.model_validate(netspec_values(text))
        for step in range(40):
            assert rate(step, *many) == pytest.approx(learning_rate(recipe, step), rel=1e-5)


def netspec_values(text: str) -> dict[str, object]:
    """The recipe's values, read by another reader."""
    import yaml

    made = yaml.safe_load(text)
    assert isinstance(made, dict)
    return made


def test_losses_of_the_network_itself() -> None:
    text = START.replace("loss: {ip2: {label_smoothing: 0.1}}\n", "") + "lr_policy: fixed\n"
    text = text.replace("format: digits", "format: npz, train: a.npz")
    made = script(netspec.load("googlenet"), text)
    check_text(made)
    assert (
        """\
    data, label = batch
    given = model(data, label=label)
    loss = given["loss"]
    loss = loss + 0.3 * given["loss1"]
    loss = loss + 0.3 * given["loss2"]
    return loss
"""
        in made
    )


def test_several_tasks() -> None:
    text = START.replace("format: digits", "format: npz, train: a.npz, test: b.npz").replace(
        "{ip2: {label_smoothing: 0.1}}", "{kind: {label: k}, colour: {label: c, weight: 0.5}}"
    )
    made = script(netspec.loads(TWO), text + "lr_policy: fixed\ntest_interval: 10\n")
    check_text(made)
    assert 'loss = loss + 0.5 * F.cross_entropy(given["colour"], c)\n' in made
    assert '"kind_loss", "kind_accuracy", "colour_loss", "colour_accuracy"' in made


@pytest.mark.slow
def test_a_type_checker_agrees(tmp_path: Path) -> None:
    known = netspec.load("lenet")
    (tmp_path / "net.py").write_text(known.to_source())
    (tmp_path / "train.py").write_text(script(known, DIGITS + "iter_size: 2\nworkers: 2\n"))
    program = [sys.executable, "-m", "mypy", "--ignore-missing-imports", "train.py"]
    done = subprocess.run(program, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


REFUSED = {
    "lr_policy: fixed\nloss: {ip2: {}}\nbatch_size: 8\ndata: {format: digits}\n": [
        ("recipe.yaml:1:1", "`max_iter` (or `epochs`) is missing, which training needs", None),
    ],
    "max_iter: 5\n": [
        (
            "recipe.yaml:1:1",
            "`data`, `batch_size` and `lr_policy` are missing, which training needs",
            None,
        ),
        (
            "recipe.yaml:1:1",
            "the network has no loss, and the recipe has no `loss`",
            "say `loss:` with what `ip2` is to be compared by",
        ),
    ],
    LENET.partition("\n")[2].replace("{ip2:", "{ip3:"): [
        ("recipe.yaml:4:7", "the network has no output `ip3`", "it has `ip2`"),
    ],
    LENET.partition("\n")[2] + "test_net: [a]\nweights: [a.caffemodel]\n": [
        (
            "recipe.yaml:11:11",
            "a script trains and tests one network, but `test_net` asks for others",
            "leave it out",
        ),
        (
            "recipe.yaml:12:10",
            "`weights` are of Caffe's own form, .caffemodel",
            "`netspec import` makes a .safetensors of it",
        ),
    ],
    LENET.partition("\n")[2].replace("digits", "npz, train: a.npz") + "test_interval: 5\n": [
        (
            "recipe.yaml:11:16",
            "`test_interval` asks for tests, but `data` has no `test`",
            None,
        ),
    ],
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_cannot_be_trained(text: str) -> None:
    with pytest.raises(SpecError) as found:
        script(netspec.load("lenet"), "recipe: 1\n" + text)
    told = [(str(each.span), each.message, each.help) for each in found.value.diagnostics]
    assert told == REFUSED[text]


def test_weights_that_nothing_trains() -> None:
    """An auxiliary output without a loss: its weights would get no gradient."""
    text = START.replace("{ip2: {label_smoothing: 0.1}}", "{kind: {}}") + "lr_policy: fixed\n"
    with pytest.raises(SpecError) as found:
        script(netspec.loads(TWO), text.replace("format: digits", "format: npz, train: a.npz"))
    (told,) = found.value.diagnostics
    assert told.message == "no loss depends on `colour.weight` and `colour.bias`"
    assert told.help == "give the output that does a loss, or `freeze` them"
