"""Images of each format as a script reads them, beside what Pillow and the files say."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import netspec
from netspec.diagnostics import SpecError
from tests.lower.training.images import (
    RECIPE,
    drawn,
    spec,
    write_cifar10,
    write_cifar100,
    write_folder,
    write_mnist,
)
from tests.lower.training.scripts import assert_same, loaded, script, steps_of

Image = pytest.importorskip("PIL.Image")

SETS = {
    "cifar10": (write_cifar10, (3, 32, 10), 15),
    "cifar100": (write_cifar100, (3, 32, 100), 6),
    "mnist": (write_mnist, (1, 28, 10), 6),
}


@pytest.mark.parametrize("name", SETS)
def test_published_files(name: str, tmp_path: Path) -> None:
    write, sizes, count = SETS[name]
    write(tmp_path)
    text = f"{RECIPE}data: {{format: {name}}}\ntest_interval: 5\n"
    with loaded(netspec.loads(spec(*sizes)), text) as made:
        kind = made.__dict__["Mnist" if name == "mnist" else "Cifar"]
        items = kind(tmp_path, train=True)
        images, labels = items[[(0, 1), (3, 0)]]
        assert len(items) == count
        assert "PIL" not in script(netspec.loads(spec(*sizes)), text)
        steps_of(made, tmp_path / "run", tmp_path)
    if name == "mnist":
        pixels, right = drawn(6, 28, 28)[[1, 0], None], [1, 0]
    elif name == "cifar10":
        pixels, right = drawn(3, 3073)[[1, 0], 1:].reshape(2, 3, 32, 32), [1, 0]
    else:
        pixels, right = drawn(6, 3074)[[1, 0], 2:].reshape(2, 3, 32, 32), [19, 0]
    assert torch.equal(images, torch.from_numpy(pixels) / 255)
    assert labels.tolist() == right


def test_a_folder_of_folders(tmp_path: Path) -> None:
    """Classes and images in the order of their names, folders within behind."""
    write_folder(tmp_path / "train")
    (tmp_path / "train" / "cat" / "notes.txt").write_text("no image")
    values = "scale: 1, mean: [10, 20, 30], std: 2"
    text = f"{RECIPE}data: {{format: folder, train: train, {values}}}\n"
    text = text.replace("std: 2", "std: [2]")
    with loaded(netspec.loads(spec(3, 12, 2)), text) as made:
        items = made.__dict__["Images"](tmp_path / "train", train=True)
        images, labels = items[[(0, index) for index in range(6)]]
        steps_of(made, tmp_path / "run", tmp_path)
    assert items.classes == ["ant", "cat"]
    assert labels.tolist() == [0, 0, 0, 1, 1, 1]
    found = [str(each.relative_to(tmp_path / "train" / "ant")) for each in items.paths[:3]]
    assert found == ["0.png", "2.png", "more/1.png"]
    pixels = torch.from_numpy(drawn(2, 3, 12, 12, 3)[[1, 0]][:, [0, 2, 1]])
    mean = torch.tensor([10.0, 20.0, 30.0])
    assert torch.equal(images, ((pixels.flatten(0, 1) - mean) / 2).permute(0, 3, 1, 2))


def test_grey_images_of_coloured_files(tmp_path: Path) -> None:
    write_folder(tmp_path / "train")
    text = f"{RECIPE}data: {{format: folder, train: train}}\n"
    with loaded(netspec.loads(spec(1, 12, 2)), text) as made:
        items = made.__dict__["Images"](tmp_path / "train", train=True)
        (images, _) = items[[(0, 0)]]
    grey = np.asarray(Image.open(tmp_path / "train" / "ant" / "0.png").convert("L"))
    assert torch.equal(images[0, 0], torch.from_numpy(grey.copy()) / 255)


def test_what_torchvision_reads(tmp_path: Path) -> None:
    """The same order of classes and files, the same pixels."""
    try:
        from torchvision.datasets import ImageFolder
        from torchvision.transforms import CenterCrop, Compose, Normalize, Resize, TenCrop, ToTensor
    except (ImportError, RuntimeError):
        pytest.skip("no torchvision of this PyTorch's kind")
    write_folder(tmp_path / "train", side=20)
    mean, std = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
    text = f"{RECIPE}data: {{format: folder, train: train, test: train, resize: 17, "
    text += f"mean: {mean}, std: {std}}}\ntest_interval: 1\n"
    known = netspec.loads(spec(3, 12, 2))
    with loaded(known, text) as made:
        items = made.__dict__["Images"](tmp_path / "train", train=False)
        images, labels = items[[(0, index) for index in range(6)]]
    theirs = ImageFolder(
        tmp_path / "train",
        Compose([Resize(17), CenterCrop(12), ToTensor(), Normalize(mean, std)]),
    )
    assert items.classes == theirs.classes
    assert [label for _, label in theirs] == labels.tolist()
    assert torch.equal(images, torch.stack([image for image, _ in theirs]))
    with loaded(known, text + "test_crops: {type: ten}\n") as made:
        items = made.__dict__["Images"](tmp_path / "train", train=False)
        (images, _) = items[[(0, 2)]]
    image = Resize(17)(Image.open(items.paths[2]))
    crops = [Normalize(mean, std)(ToTensor()(each)) for each in TenCrop(12)(image)]
    assert torch.equal(images[0], torch.stack(crops))


AUGMENTED = """\
test_interval: 3
display: 1
augment: {{scale: [13, 18], flip: true, brightness: 0.4, contrast: 0.4, saturation: 0.4,
  autoaugment: imagenet, cutout: 4, mixup: 0.4}}
test_crops: {{type: ten, scales: [13, 15]}}
data: {{format: folder, train: train, test: train}}
workers: {workers}
"""


def test_resuming_with_other_workers_is_exact(tmp_path: Path) -> None:
    """Epochs of 6 items in batches of 4: the third step is in the middle of one."""
    write_folder(tmp_path / "train")
    runs: list[Path] = []
    for workers in (0, 2):
        text = RECIPE + AUGMENTED.format(workers=workers)
        with loaded(netspec.loads(spec(3, 12, 2)), text) as made:
            train, write = made.__dict__["train"], made.__dict__["write"]

            def keep(state: dict[str, Any], path: Path, write: Any = write) -> None:
                write(state, path)
                shutil.copy(path, tmp_path / f"{state['step']}.pt")

            made.__dict__["write"] = keep
            out = tmp_path / f"whole{workers}"
            if runs:
                out.mkdir()
                shutil.copy(tmp_path / "3.pt", out / "checkpoint.pt")
            assert train(out, tmp_path) == 0
            runs.append(out)
    assert_same(*runs)


def test_epochs_differ_and_are_of_the_seed(tmp_path: Path) -> None:
    write_cifar10(tmp_path)
    text = f"{RECIPE}data: {{format: cifar10}}\naugment: {{pad: 4, flip: true}}\n"
    found = []
    for seed in (5, 5, 6):
        with loaded(
            netspec.loads(spec(3, 32, 10)), text.replace("seed: 5", f"seed: {seed}")
        ) as made:
            items = made.__dict__["Cifar"](tmp_path, train=True)
            found.append([items[[(epoch, 0)]][0] for epoch in (0, 1)])
    assert torch.equal(found[0][0], found[1][0])
    assert not torch.equal(found[0][0], found[0][1])
    assert not torch.equal(found[0][0], found[2][0])


def test_a_crop_with_pad_is_a_part_of_the_padded_image(tmp_path: Path) -> None:
    write_cifar10(tmp_path)
    text = f"{RECIPE}data: {{format: cifar10}}\naugment: {{pad: 4, flip: true}}\n"
    with loaded(netspec.loads(spec(3, 32, 10)), text) as made:
        items = made.__dict__["Cifar"](tmp_path, train=True)
        seen = items[[(epoch, 0) for epoch in range(40)]][0]
    padded = torch.nn.functional.pad(items.images[0] / 255, (4, 4, 4, 4))
    windows = padded.unfold(1, 32, 1).unfold(2, 32, 1).permute(1, 2, 0, 3, 4).flatten(0, 1)
    windows = torch.cat([windows, windows.flip(-1)])
    places = [int((windows == each).flatten(1).all(1).nonzero()) for each in seen]
    assert len({*places}) > 20
    assert {place >= 81 for place in places} == {True, False}


def test_mixup_and_cutout(tmp_path: Path) -> None:
    """Labels of several images are shares, of which the image is the same mixture."""
    write_cifar10(tmp_path)
    text = f"{RECIPE}data: {{format: cifar10}}\naugment: {{mixup: 1.0}}\n"
    with loaded(netspec.loads(spec(3, 32, 10)), text) as made:
        items = made.__dict__["Cifar"](tmp_path, train=True)
        images, labels = items[[(0, index) for index in range(3)]]
        steps_of(made, tmp_path / "run", tmp_path)
    torch.testing.assert_close(labels.sum(1), torch.ones(3))
    # The five files hold the same three images, of classes 0, 1 and 2.
    mixed = torch.einsum("nc,cijk->nijk", labels[:, :3], items.images[:3] / 255)
    torch.testing.assert_close(images, mixed)
    text = text.replace("mixup: 1.0", "cutout: 8")
    with loaded(netspec.loads(spec(3, 32, 10)), text) as made:
        seen = made.__dict__["Cifar"](tmp_path, train=True)[[(1, index) for index in range(9)]][0]
    gone = (seen == 0).all(1).flatten(1).sum(1)
    assert gone.max() == 64
    assert gone.min() >= 16


def test_autoaugment_is_the_papers(tmp_path: Path) -> None:
    """Beside torchvision's table and its operations, on an image of noise."""
    try:
        from torchvision.transforms import autoaugment as theirs
    except (ImportError, RuntimeError):
        pytest.skip("no torchvision of this PyTorch's kind")
    image = Image.fromarray(drawn(40, 50, 3))
    for name in ("cifar10", "imagenet"):
        text = f"{RECIPE}data: {{format: cifar10}}\naugment: {{autoaugment: {name}}}\n"
        policy = theirs.AutoAugment(theirs.AutoAugmentPolicy(name))
        with loaded(netspec.loads(spec(3, 32, 10)), text) as made:
            pairs, changed = made.__dict__["POLICY"], made.__dict__["changed"]
        known = [tuple((one, p, level or 0) for one, p, level in pair) for pair in policy.policies]
        assert pairs == known
        space = policy._augmentation_space(10, (40, 50))
        for kind, _, level in {each for pair in pairs for each in pair}:
            magnitudes, signed = space[kind]
            for sign in (1, -1):
                most = float(magnitudes[level] if magnitudes.ndim else magnitudes)
                right = theirs._apply_op(
                    image,
                    kind,
                    most * (sign if signed else 1),
                    theirs.InterpolationMode.NEAREST,
                    None,
                )
                mine = changed(image, kind, sign * level / 9)
                # Their factors are of 32 bits: a value in a thousand is rounded otherwise.
                apart = np.abs(np.asarray(mine, dtype=int) - np.asarray(right, dtype=int))
                assert apart.max() <= (level > 0), (kind, level, sign)


def test_several_crops_are_averaged(tmp_path: Path) -> None:
    write_folder(tmp_path / "train", side=16)
    text = f"{RECIPE}data: {{format: folder, train: train, test: train}}\ntest_interval: 1\n"
    text += "augment: {crop: true}\ntest_crops: {type: ten}\n"
    with loaded(netspec.loads(spec(3, 12, 2)), text) as made:
        items = made.__dict__["Images"](tmp_path / "train", train=False)
        model = sys.modules["net"].__dict__["Net"]()
        figures = made.__dict__["test"](model, items)
        images, labels = items[[(0, index) for index in range(6)]]
        assert images.shape == (6, 10, 3, 12, 12)
        with torch.no_grad():
            shares = torch.stack([model(each).softmax(1).mean(0) for each in images])
    right = shares[range(6), labels]
    assert figures["loss"] == pytest.approx(float(-right.log().mean()), rel=1e-5)
    assert figures["accuracy"] == pytest.approx(float((shares.argmax(1) == labels).float().mean()))


def no_folder(folder: Path) -> None:
    shutil.rmtree(folder)


def empty_class(folder: Path) -> None:
    shutil.rmtree(folder / "ant")
    (folder / "ant").mkdir()


def another_class(folder: Path) -> None:
    (folder / "bee").mkdir()


def wrong_size(folder: Path) -> None:
    Image.new("RGB", (12, 11)).save(folder / "cat" / "0.png")


def no_image(folder: Path) -> None:
    (folder / "cat" / "0.png").write_bytes(b"not a picture")


SPOILT = {
    no_folder: "can't read {train}: No such file or directory",
    empty_class: "{train}/ant has no images",
    another_class: "{train} has folders of 3 classes, and the network tells 2 apart",
    wrong_size: "{train}/cat/0.png is of 12 x 11 pixels, and the network takes 12 x 12",
    no_image: "can't read {train}/cat/0.png: cannot identify image file '{train}/cat/0.png'",
}


@pytest.mark.parametrize("spoil", SPOILT)
def test_folders_that_cannot_be_trained_with(spoil: Any, tmp_path: Path) -> None:
    train = write_folder(tmp_path / "train")
    spoil(train)
    text = f"{RECIPE}data: {{format: folder, train: train}}\n"
    with loaded(netspec.loads(spec(3, 12, 2)), text) as made, pytest.raises(SystemExit) as found:
        made.__dict__["train"](tmp_path / "run", tmp_path)
    assert str(found.value) == SPOILT[spoil].format(train=train)
    assert not (tmp_path / "run").exists()


def test_tests_of_other_classes(tmp_path: Path) -> None:
    write_folder(tmp_path / "train")
    write_folder(tmp_path / "test")
    (tmp_path / "test" / "ant").rename(tmp_path / "test" / "bee")
    text = f"{RECIPE}data: {{format: folder, train: train, test: test}}\ntest_interval: 1\n"
    with loaded(netspec.loads(spec(3, 12, 2)), text) as made, pytest.raises(SystemExit) as found:
        made.__dict__["train"](tmp_path / "run", tmp_path)
    assert str(found.value) == "ant isn't a class of both train and test"


@pytest.mark.parametrize("workers", [0, 2])
def test_an_image_that_breaks_off(workers: int, tmp_path: Path) -> None:
    """Its head is whole: it is found when its turn comes, and what was saved stays."""
    path = write_folder(tmp_path / "train") / "cat" / "0.png"
    path.write_bytes(path.read_bytes()[:200])
    text = f"{RECIPE}data: {{format: folder, train: train}}\nworkers: {workers}\n"
    text = text.replace("batch_size: 4", "batch_size: 1").replace("max_iter: 5", "max_iter: 6")
    known = netspec.loads(spec(3, 12, 2))
    (tmp_path / "net.py").write_text(known.to_source())
    (tmp_path / "train.py").write_text(script(known, text))
    done = subprocess.run(
        [sys.executable, "train.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("can't read train/cat/0.png: ")
    assert done.stderr.count("\n") == 1


def test_unreadable_images_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_folder(tmp_path / "train") / "cat" / "0.png"
    path.write_bytes(path.read_bytes()[:200])
    text = f"{RECIPE}data: {{format: folder, train: train, unreadable: skip}}\n"
    with loaded(netspec.loads(spec(3, 12, 2)), text) as made:
        items = made.__dict__["Images"](tmp_path / "train", train=True)
    assert len(items) == 5
    assert path not in items.paths
    assert capsys.readouterr().err.startswith(f"left out {path}: ")


def test_published_files_that_cannot_be_read(tmp_path: Path) -> None:
    def told(name: str, sizes: tuple[int, int, int]) -> str:
        with (
            loaded(netspec.loads(spec(*sizes)), f"{RECIPE}data: {{format: {name}}}\n") as made,
            pytest.raises(SystemExit) as found,
        ):
            made.__dict__["train"](tmp_path / "run", tmp_path)
        return str(found.value).replace(str(tmp_path), "DIR")

    missing = "can't read DIR/{}: No such file or directory"
    archive = "; it's in cifar-10-binary.tar.gz"
    assert told("cifar10", (3, 32, 10)) == missing.format("data_batch_1.bin") + archive
    write_cifar10(tmp_path)
    file = tmp_path / "data_batch_3.bin"
    file.write_bytes(file.read_bytes()[:-1])
    size = "DIR/data_batch_3.bin is of 9218 bytes, and should be of records of 3073"
    assert told("cifar10", (3, 32, 10)) == size
    file.write_bytes(bytes([10]) * 3073)
    label = "DIR has a label of 10, and the set's are from 0 to 9"
    assert told("cifar10", (3, 32, 10)) == label
    packed = "DIR/train-images-idx3-ubyte.gz"
    gone = f"can't read {packed}: [Errno 2] No such file or directory: '{packed}'"
    assert told("mnist", (1, 28, 10)) == gone
    write_mnist(tmp_path)
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(b"\0\0\x08\x01\0\0\0\x09" + bytes(9))
    assert told("mnist", (1, 28, 10)) == "DIR has 6 images of train, but 9 labels"
    (tmp_path / "train-images-idx3-ubyte").write_bytes(b"12345678")
    wrong = "DIR/train-images-idx3-ubyte isn't an IDX file of images of 28 x 28"
    assert told("mnist", (1, 28, 10)) == wrong


REFUSED = {
    ("data: {format: cifar10}\n", (3, 24, 10)): (
        "`format: cifar10` is of 32 x 32 pixels, but the input `x` is N×3×24×24",
        "scale them: `resize: 24`",
    ),
    ("data: {format: cifar100}\n", (3, 32, 10)): (
        "`format: cifar100` is of 100 classes, but `fc` is N×10",
        None,
    ),
    ("data: {format: mnist}\n", (3, 28, 10)): (
        "`format: mnist` is N×1×H×W, but the input `x` is N×3×28×28",
        None,
    ),
    ("data: {format: folder, train: a}\n", (4, 28, 10)): (
        "`format: folder` is N×1×H×W or N×3×H×W, but the input `x` is N×4×28×28",
        None,
    ),
    ("data: {format: folder, train: a, mean: [0.5, 0.5]}\n", (3, 28, 10)): (
        "`mean` is of 2 numbers, but the input `x` is N×3×28×28",
        None,
    ),
    ("data: {format: folder, train: a, resize: 20}\n", (3, 28, 10)): (
        "a shorter side of 20 is too short: the input `x` is N×3×28×28",
        None,
    ),
    (
        "data: {format: folder, train: a, test: b}\naugment: {scale: [30, 40]}\ntest_interval: 5\n",
        (3, 28, 10),
    ): (
        "tests need a size, too, where `augment` has a `scale`",
        "say the shorter side in tests: `resize: 35` in `data`",
    ),
    ("data: {format: folder, train: a}\ntest_interval: 5\n", (3, 28, 10)): (
        "`test_interval` asks for tests, but `data` has no `test`",
        None,
    ),
}


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_networks_that_take_other_images(case: tuple[str, tuple[int, int, int]]) -> None:
    text, sizes = case
    with pytest.raises(SpecError) as found:
        script(netspec.loads(spec(*sizes)), RECIPE + text)
    told = [(each.message, each.help) for each in found.value.diagnostics]
    assert told == [REFUSED[case]]
