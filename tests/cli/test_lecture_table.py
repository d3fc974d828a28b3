"""The table of VGG-16 that lectures show, row by row, from one command.

Stanford's CS231n, lecture on architectures: "memory" and "params" of each row, without biases; the
numbers are its products written out. It prints a total of 24M for the memory; the rows sum to
15,237,608.
"""

import csv
import io

from tests.cli.conftest import Run

ROWS = [
    # the row, its output's channels and size, memory, params
    ("INPUT", 3, 224, 224 * 224 * 3, 0),
    ("CONV3-64", 64, 224, 224 * 224 * 64, (3 * 3 * 3) * 64),
    ("CONV3-64", 64, 224, 224 * 224 * 64, (3 * 3 * 64) * 64),
    ("POOL2", 64, 112, 112 * 112 * 64, 0),
    ("CONV3-128", 128, 112, 112 * 112 * 128, (3 * 3 * 64) * 128),
    ("CONV3-128", 128, 112, 112 * 112 * 128, (3 * 3 * 128) * 128),
    ("POOL2", 128, 56, 56 * 56 * 128, 0),
    ("CONV3-256", 256, 56, 56 * 56 * 256, (3 * 3 * 128) * 256),
    ("CONV3-256", 256, 56, 56 * 56 * 256, (3 * 3 * 256) * 256),
    ("CONV3-256", 256, 56, 56 * 56 * 256, (3 * 3 * 256) * 256),
    ("POOL2", 256, 28, 28 * 28 * 256, 0),
    ("CONV3-512", 512, 28, 28 * 28 * 512, (3 * 3 * 256) * 512),
    ("CONV3-512", 512, 28, 28 * 28 * 512, (3 * 3 * 512) * 512),
    ("CONV3-512", 512, 28, 28 * 28 * 512, (3 * 3 * 512) * 512),
    ("POOL2", 512, 14, 14 * 14 * 512, 0),
    ("CONV3-512", 512, 14, 14 * 14 * 512, (3 * 3 * 512) * 512),
    ("CONV3-512", 512, 14, 14 * 14 * 512, (3 * 3 * 512) * 512),
    ("CONV3-512", 512, 14, 14 * 14 * 512, (3 * 3 * 512) * 512),
    ("POOL2", 512, 7, 7 * 7 * 512, 0),
    ("FC", 4096, 1, 4096, 7 * 7 * 512 * 4096),
    ("FC", 4096, 1, 4096, 4096 * 4096),
    ("FC", 1000, 1, 1000, 4096 * 1000),
]
TYPES = {"INPUT": "Input", "CONV3": "Convolution", "POOL2": "Pooling", "FC": "InnerProduct"}
OPTIONS = ("--compact", "--columns", "type,top,activations,weights", "--format", "csv")


def test_the_table_of_vgg16(run: Run) -> None:
    out = run("summary", "vgg16", *OPTIONS).out
    rows = list(csv.DictReader(io.StringIO(out)))
    assert len(rows) == len(ROWS)
    for row, (name, channels, size, memory, params) in zip(rows, ROWS, strict=True):
        assert row["type"] == TYPES[name.partition("-")[0]]
        flat = f"Nx{channels}" if name == "FC" else f"Nx{channels}x{size}x{size}"
        assert row["top"] == flat
        assert (int(row["activations"]), int(row["weights"])) == (memory, params)
    assert sum(int(row["activations"]) for row in rows) == 15_237_608
    assert sum(int(row["weights"]) for row in rows) == 138_344_128


def test_its_total(run: Run) -> None:
    lines = run("summary", "vgg16", "--compact").out.splitlines()
    assert "activations  15,237,608" in lines
