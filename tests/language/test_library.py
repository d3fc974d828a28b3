"""`use`: blocks from other files."""

import os
from pathlib import Path

import pytest

from netspec import load
from netspec.diagnostics import Severity
from tests.checking import HEAD, check, found

LIBRARY = """netspec: 1
blocks:
  unit:
    args: {n: 4}
    layers: [{name: c, type: Convolution, num_output: $n, kernel_size: 1}]
"""
USER = HEAD + "use: lib.yaml\ninputs: {data: [N, 3, 8, 8]}\nlayers: [{name: u, type: unit}]\n"


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return folder / "main.yaml"


def errors(folder: Path, **files: str) -> list[str]:
    path = write(folder, **files)
    return [
        f"{each.span}: {each.code}: {each.message}"
        for each in found(path.read_text(), path)
        if each.severity is Severity.ERROR
    ]


def test_blocks_from_a_file(tmp_path: Path) -> None:
    assert load(write(tmp_path, main=USER, lib=LIBRARY)).params == 16


def test_blocks_from_several_files_and_from_files_that_they_use(tmp_path: Path) -> None:
    main = USER.replace("lib.yaml", "[lib.yaml, sub/more.yaml]")
    more = "netspec: 1\ndoc: more\nuse: ../lib.yaml\nblocks: {pair: {layers: [{type: unit}]}}\n"
    assert load(write(tmp_path, main=main, lib=LIBRARY, sub__more=more)).params == 16


def test_a_librarys_blocks_see_their_args_alone(tmp_path: Path) -> None:
    main = USER.replace("use:", "vars: {width: 4}\nuse:").replace("unit}", "unit, n: $width}")
    lib = LIBRARY.replace("$n", "$(n + width)")
    assert errors(tmp_path, main=main, lib=lib) == [
        "lib.yaml:5:61: unknown-name: nothing here is called `width`"
    ]


def test_a_library_holds_blocks_only(tmp_path: Path) -> None:
    lib = LIBRARY + "vars: {a: 1}\nlayers: []\n"
    assert errors(tmp_path, main=USER, lib=lib) == [
        "lib.yaml:6:1: unknown-field: nothing here is called `vars`",
        "lib.yaml:7:1: unknown-field: nothing here is called `layers`",
    ]


def test_a_block_defined_twice(tmp_path: Path) -> None:
    main = USER.replace("[lib.yaml]", "lib.yaml").replace(
        "use: lib.yaml", "use: [lib.yaml, two.yaml]\nblocks: {unit: {layers: [{type: ReLU}]}}"
    )
    assert errors(tmp_path, main=main, lib=LIBRARY, two=LIBRARY) == [
        "main.yaml:4:10: duplicate-name: block `unit` is defined in lib.yaml:3:3 too",
        "two.yaml:3:3: duplicate-name: block `unit` is defined in lib.yaml:3:3 too",
    ]


def test_a_circle(tmp_path: Path) -> None:
    lib = LIBRARY.replace("blocks:", "use: two.yaml\nblocks:")
    two = "netspec: 1\nuse: lib.yaml\n"
    assert errors(tmp_path, main=USER, lib=lib, two=two) == [
        "two.yaml:2:6: use-cycle: files that use each other: "
        "main.yaml → lib.yaml → two.yaml → lib.yaml"
    ]


def test_a_circle_through_the_spec_itself(tmp_path: Path) -> None:
    lib = LIBRARY.replace("blocks:", "use: main.yaml\nblocks:")
    (error,) = errors(tmp_path, main=USER, lib=lib)
    assert error.startswith("lib.yaml:2:6: use-cycle: files that use each other")
    (error,) = errors(tmp_path, main=USER.replace("lib.yaml", "main.yaml"))
    assert error.startswith("main.yaml:3:6: use-cycle")


def test_paths_stay_under_the_folder_of_the_spec(tmp_path: Path) -> None:
    inside = tmp_path / "in"
    inside.mkdir()
    write(tmp_path, lib=LIBRARY)
    os.symlink(tmp_path / "lib.yaml", inside / "link.yaml")
    os.symlink(tmp_path, inside / "folder")
    for name in ("../lib.yaml", "link.yaml", "folder/lib.yaml", str(tmp_path / "lib.yaml")):
        (error,) = errors(inside, main=USER.replace("lib.yaml", name))
        assert error.startswith("main.yaml:3:6: use-path: `use` stays under the folder"), error


def test_links_within_the_folder_are_fine(tmp_path: Path) -> None:
    write(tmp_path, main=USER.replace("lib.yaml", "link.yaml"), real=LIBRARY)
    os.symlink(tmp_path / "real.yaml", tmp_path / "link.yaml")
    assert load(tmp_path / "main.yaml").params == 16


@pytest.mark.parametrize("name", ["nothing.yaml", ".", "'a\\0b'", "x/../../y.yaml"])
def test_files_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    main = USER.replace("lib.yaml", name.replace("'a\\0b'", '"a\\0b"'))
    (error,) = errors(tmp_path, main=main)
    assert error.startswith("main.yaml:3:6: use-path: "), error


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "lib.yaml")
    (error,) = errors(tmp_path, main=USER)
    assert error.startswith("main.yaml:3:6: use-path: lib.yaml is not a regular file")


def test_a_library_that_is_no_yaml(tmp_path: Path) -> None:
    (error,) = errors(tmp_path, main=USER, lib="netspec: 1\nblocks: {")
    assert error.startswith("lib.yaml:2:10: yaml-syntax: ")


def test_a_spec_without_a_file_has_no_folder() -> None:
    check(
        USER.replace("lib.yaml", "«lib.yaml"),
        ("use-path", "a spec without a file doesn't have"),
    )


def test_too_many_files(tmp_path: Path) -> None:
    files = {f"f{n}": f"netspec: 1\nuse: f{n + 1}.yaml\n" for n in range(70)}
    (error,) = errors(tmp_path, main=USER.replace("lib.yaml", "f0.yaml"), **files)
    assert error.startswith("f63.yaml:2:6: too-large: `use` of over 64 files")
