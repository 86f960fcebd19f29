"""`torchcamp data`: what is on this machine, and what a set of one's own looks like."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.program import one_line, torchcamp
from tests.data.own_pictures import BLUE, GREEN, RED, fill
from torchcamp.data import fetch


def pets(folder: Path) -> None:
    for name, count, colour in (("cat", 12, RED), ("dog", 6, GREEN), ("eel", 2, BLUE)):
        fill(folder / "pets" / name, count, colour)


def test_show_counts_the_classes(tmp_path: Path):
    pets(tmp_path)
    result = torchcamp("data", "show", "folder:pets", cwd=tmp_path)
    assert result.returncode == 0
    assert result.stdout.splitlines() == [
        "folder:pets: colour, 16x20",
        "       train        test  class",
        "          10           2  cat",
        "           5           1  dog",
        "           1           1  eel",
    ]
    said = result.stderr.splitlines()
    assert said[0].startswith("20 pictures in 3 classes (cat 12, dog 6, eel 2), colour, 16x20, 4")
    assert said[1].startswith("the classes differ in size (cat 12, eel 2)")


def test_show_counts_a_part_for_validation(tmp_path: Path):
    for number, part in enumerate(("train", "val", "test")):
        fill(tmp_path / "set" / part / "a", 3 - number, seed=number)
        fill(tmp_path / "set" / part / "b", 3 - number, GREEN, seed=number)
    lines = torchcamp("data", "show", "folder:set", cwd=tmp_path).stdout.splitlines()
    assert lines[1].split() == ["train", "test", "validation", "class"]
    assert lines[2].split() == ["3", "1", "2", "a"]


def test_a_sheet_has_a_row_of_examples_for_each_class(tmp_path: Path):
    pets(tmp_path)
    result = torchcamp("data", "show", "folder:pets", "-o", "sheet.png", cwd=tmp_path)
    assert result.stderr.splitlines()[-1] == "wrote sheet.png"
    sheet = np.asarray(Image.open(tmp_path / "sheet.png"))
    assert sheet.shape == (3 * (2 * 16 + 2) - 2, 12 * (2 * 20 + 2) - 2, 3)  # twice as large
    centres = sheet[16::34, 20::42].astype(int)  # (3, 12, 3)
    assert (abs(centres[0, :10] - RED) <= 25).all()
    assert (abs(centres[1, :5] - GREEN) <= 25).all()
    assert (abs(centres[2, :1] - BLUE) <= 25).all()
    assert not centres[0, 10:].any()  # the class has ten
    assert not centres[2, 1:].any()


def test_a_published_set_is_shown_too(tmp_path: Path):
    result = torchcamp("data", "show", "digits", "-o", "sheet.png", cwd=tmp_path)
    assert "digits: grey, 28x28" in result.stdout
    assert np.asarray(Image.open(tmp_path / "sheet.png")).shape == (10 * 58 - 2, 12 * 58 - 2)
    result = torchcamp("data", "show", "folder:nowhere", cwd=tmp_path)
    assert (result.returncode, "nowhere does not exist" in one_line(result)) == (2, True)


def test_what_was_decoded_is_counted_and_cleared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    pets(tmp_path)
    torchcamp("data", "show", "folder:pets", cwd=tmp_path)
    assert "decoded pictures in it: 0.0 MB" in torchcamp("data", "where", cwd=tmp_path).stdout
    (pixels,) = (tmp_path / "cache").rglob("pixels.u8")
    assert pixels.stat().st_size == 20 * 3 * 16 * 20
    unpacked = pixels.parents[2] / "archives" / "set.tar"
    unpacked.parent.mkdir()
    unpacked.write_bytes(bytes(2_500_000))
    where = torchcamp("data", "where", cwd=tmp_path).stdout
    assert "decoded pictures in it: 2.5 MB (torchcamp data clear)" in where
    assert torchcamp("data", "clear", cwd=tmp_path).stdout == "freed 2.5 MB\n"
    assert not pixels.exists()
    assert not unpacked.exists()
    assert (tmp_path / "pets" / "cat" / "000.png").exists()
    assert torchcamp("data", "clear", cwd=tmp_path).stdout == "freed 0.0 MB\n"


def test_an_unpacked_cifar10_is_found_and_verified(tmp_path: Path):
    folder = tmp_path / "data" / "cifar10" / "cifar-10-batches-bin"
    folder.mkdir(parents=True)
    for name in fetch.CIFAR10_BATCHES:
        (folder / name).write_bytes(bytes(3073))
    here = {"TORCHCAMP_DATA": str(tmp_path / "data")}
    where = torchcamp("data", "where", "cifar10", cwd=tmp_path, **here)
    assert (where.returncode, where.stdout) == (0, f"cifar10: {folder.parent}\n")
    verify = torchcamp("data", "verify", "cifar10", cwd=tmp_path, **here)
    assert verify.returncode == 0
    assert verify.stdout.count(": readable") == 6  # there are published sums of the archive only
    fetched = torchcamp("data", "fetch", "cifar10", cwd=tmp_path, **here)
    assert "cifar10: already on this machine" in fetched.stderr
