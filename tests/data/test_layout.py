"""Folders, archives and tables of one's own: which picture is in which class and part."""

import io
import os
import re
import sys
import tarfile
import unicodedata
import warnings
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from tests.data.own_pictures import BLUE, GREEN, GREY, RED, fill, noisy, save
from torchcamp.base.errors import DataError
from torchcamp.data import picture_files
from torchcamp.data.images import Images, PictureOptions, load_images
from torchcamp.data.layout import layout_of
from torchcamp.data.picture_files import list_files


def load(path: Path, **options: object) -> Images:
    return load_images(f"folder:{path}", options=PictureOptions(**options))  # type: ignore[arg-type]


def counts(images: Images) -> dict[str, tuple[int, int]]:
    """Class -> how many pictures to train and to test on."""
    train = images.train_labels.bincount(minlength=images.num_classes).tolist()
    test = images.test_labels.bincount(minlength=images.num_classes).tolist()
    return dict(zip(images.class_names, zip(train, test, strict=True), strict=True))


def mean_colour(images: Images, name: str) -> list[float]:
    label = images.class_names.index(name)
    return images.train_images[images.train_labels == label].float().mean(dim=(0, 2, 3)).tolist()


def refused(path: Path, **options: object) -> str:
    with pytest.raises(DataError) as caught:
        load(path, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# --- Class folders --------------------------------------------------------------------------


def test_every_class_is_split_and_every_picture_used_once(tmp_path: Path):
    for name, count, colour in (("roses", 13, RED), ("lawn", 6, GREEN), ("sky", 2, BLUE)):
        fill(tmp_path / name, count, colour)
    images = load(tmp_path)
    assert images.class_names == ("lawn", "roses", "sky")
    assert counts(images) == {"lawn": (5, 1), "roses": (11, 2), "sky": (1, 1)}
    assert images.image_shape == (3, 16, 20)
    assert images.notes[0] == (
        "21 pictures in 3 classes (lawn 6, roses 13, sky 2), colour, 16x20, 4 kept for testing"
    )
    for name, colour in (("roses", RED), ("lawn", GREEN), ("sky", BLUE)):
        assert mean_colour(images, name) == pytest.approx(colour, abs=6)
    again = load(tmp_path)
    assert torch.equal(again.train_images, images.train_images)
    assert again.sha256 == images.sha256


def test_the_training_pictures_are_in_a_mixed_order(tmp_path: Path):
    """What is held out is their last sixth: it must not be one class."""
    for name in ("train/a", "train/b", "test/a", "test/b"):
        fill(tmp_path / name, 30, seed=ord(name[-1]))
    held_out = load(tmp_path).holding_out()
    assert set(held_out.test_labels.tolist()) == {0, 1}


def test_hidden_files_and_what_is_not_a_picture_are_ignored(tmp_path: Path):
    fill(tmp_path / "a", 4)
    fill(tmp_path / "b", 4, GREEN)
    fill(tmp_path / ".thumbnails", 3)
    (tmp_path / "a" / "._000.png").write_bytes(b"resource fork")
    (tmp_path / "a" / "notes.txt").write_text("no picture")
    fill(tmp_path / "__MACOSX" / "a", 2)
    (tmp_path / "a" / "again").symlink_to(tmp_path)  # would never end
    os.mkfifo(tmp_path / "b" / "pipe.png")
    images = load(tmp_path)
    assert images.class_names == ("a", "b")
    assert len(images.train_labels) + len(images.test_labels) == 8


def test_below_a_class_folder_everything_belongs_to_it(tmp_path: Path):
    for name in ("cat/indoors", "cat/outdoors", "dog/indoors", "dog/outdoors"):
        fill(tmp_path / name, 3, seed=len(name))
    assert counts(load(tmp_path)) == {"cat": (5, 1), "dog": (5, 1)}
    leaf = load(tmp_path, class_folders="leaf")
    assert leaf.class_names == ("cat/indoors", "cat/outdoors", "dog/indoors", "dog/outdoors")


def test_nested_class_folders_are_classes_where_their_names_differ(tmp_path: Path):
    for name in ("animals/cat", "animals/dog", "plants/rose", "plants/tulip"):
        fill(tmp_path / name, 3, seed=len(name))
    images = load(tmp_path)
    assert images.class_names == ("animals/cat", "animals/dog", "plants/rose", "plants/tulip")
    assert any("each inner one is a class" in note for note in images.notes)
    assert load(tmp_path, class_folders="top").class_names == ("animals", "plants")
    assert "unknown class_folders 'lead'. Did you mean 'leaf'?" in refused(
        tmp_path, class_folders="lead"
    )


def test_one_folder_around_everything_is_looked_through(tmp_path: Path):
    for name in ("cat", "dog"):
        fill(tmp_path / "pets" / "pictures" / name, 3)
    assert load(tmp_path).class_names == ("cat", "dog")


def test_without_class_folders_all_pictures_are_one_class(tmp_path: Path):
    fill(tmp_path, 7)
    assert counts(load(tmp_path)) == {"pictures": (6, 1)}


def test_a_class_of_nested_folders_has_everything_below_it(tmp_path: Path):
    for name in (
        "animals/cat/indoors",
        "animals/cat/outdoors",
        "animals/dog/indoors",
        "cars/van/x",
    ):
        fill(tmp_path / name, 3, seed=len(name))
    (tmp_path / "cars" / "bus").mkdir()
    (tmp_path / "plants").mkdir()
    images = load(tmp_path)
    assert counts(images) == {"animals/cat": (5, 1), "animals/dog": (2, 1), "cars/van": (2, 1)}
    assert "cars/bus and plants hold no pictures: left out as a class" in images.notes


def test_what_became_of_nested_folders_is_said(tmp_path: Path):
    for name in ("cat/indoors", "cat/outdoors", "dog/indoors"):
        fill(tmp_path / name, 3, seed=len(name))
    said = (
        "folders inside a class folder, such as cat/indoors, belong to its class; --set "
        "class_folders=leaf makes each a class"
    )
    assert said in load(tmp_path).notes
    assert said not in load(tmp_path, class_folders="top").notes


def test_classes_may_be_many_and_have_any_name(tmp_path: Path):
    picture = noisy(RED)
    names = [f"class {number:03}" for number in range(297)] + ["Ärger", "猫", "кот"]
    for name in names:
        for number in range(2):
            save(tmp_path / name / f"{number}.png", picture)
    images = load(tmp_path, size="8")
    assert list(images.class_names) == sorted(names)
    assert images.train_labels.sort().values.tolist() == list(range(300))
    assert "and 292 more), colour, 8x8, 300 kept for testing" in images.notes[0]


def test_accents_in_either_form_are_the_same_name(tmp_path: Path):
    """A zip made on a Mac has them decomposed, a table or another system composed."""
    forms: dict[str, Any] = {"train": "NFD", "test": "NFC"}
    for part, form in forms.items():
        for number, name in enumerate(("crème", "thé")):
            fill(tmp_path / part / unicodedata.normalize(form, name), 2, seed=2 * number)
    assert load(tmp_path).class_names == ("crème", "thé")
    table = tmp_path / "table"
    save(table / unicodedata.normalize("NFD", "é.png"), noisy(RED))
    save(table / "b.png", noisy(RED))
    (table / "labels.csv").write_text("é.png,a\nb.png,b\n")
    assert load(table).class_names == ("a", "b")


def test_names_that_would_spoil_a_terminal_are_escaped(tmp_path: Path):
    fill(tmp_path / "a\nb", 2)
    fill(tmp_path / "c\x1b[31m", 2)
    fill(Path(os.fsdecode(os.fsencode(tmp_path) + b"/d\xff")), 2)
    assert load(tmp_path).class_names == ("a\\nb", "c\\x1b[31m", "d\\udcff")
    (tmp_path / "a\nb" / "bad\n.png").write_bytes(b"")
    assert "a\\nb/bad\\n.png (the file is empty)" in refused(tmp_path)


def test_pictures_of_kinds_that_cannot_be_read_are_counted(tmp_path: Path):
    (tmp_path / "a").mkdir()
    for number in range(3):
        (tmp_path / "a" / f"{number}.HEIC").write_bytes(b"")
    assert "no pictures of a kind that can be read (but 3 .heic: convert them" in refused(tmp_path)
    fill(tmp_path / "a", 2)
    fill(tmp_path / "b", 2)
    assert any("3 .heic files cannot be read and are left out" in n for n in load(tmp_path).notes)


def test_a_folder_that_may_not_be_read_is_an_error(tmp_path: Path):
    fill(tmp_path / "set" / "a", 2)
    fill(tmp_path / "set" / "b", 2)
    (tmp_path / "set" / "b").chmod(0o000)
    own = os.geteuid()
    try:
        if own == 0:  # root may read anywhere: be nobody for a moment
            for folder in (tmp_path, *tmp_path.parents):
                if folder == tmp_path or folder.name.startswith(("pytest-", "popen-")):
                    folder.chmod(0o755)
            os.seteuid(65534)
        assert f"cannot read {tmp_path}/set/b: Permission denied" in refused(tmp_path / "set")
    finally:
        os.seteuid(own)
        (tmp_path / "set" / "b").chmod(0o755)


# --- Parts ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("train", "test"),
    [("train", "val"), ("Train", "VALID"), ("training", "test"), ("TRAIN", "Testing")],
)
def test_folders_of_parts_in_any_case(tmp_path: Path, train: str, test: str):
    for name, colour in (("a", RED), ("b", GREEN)):
        fill(tmp_path / train / name, 4, colour)
        fill(tmp_path / test / name, 2, colour, seed=50)
    images = load(tmp_path)
    assert counts(images) == {"a": (4, 2), "b": (4, 2)}
    assert images.validation_images is None
    assert "4 for testing" in images.notes[0]


def test_of_three_parts_one_is_for_validation(tmp_path: Path):
    for number, (part, count) in enumerate((("train", 6), ("val", 3), ("test", 2))):
        for name in "ab":
            fill(tmp_path / part / name, count, seed=20 * number)
    images = load(tmp_path)
    assert counts(images) == {"a": (6, 2), "b": (6, 2)}
    assert images.validation_labels is not None
    assert images.validation_labels.bincount().tolist() == [3, 3]
    held_out = images.holding_out()
    assert torch.equal(held_out.test_labels, images.validation_labels)
    assert len(held_out.train_labels) == 12
    assert held_out.sha256 != images.sha256
    assert "6 for validation, 4 for testing" in images.notes[0]


def test_a_class_that_is_only_tested_is_refused(tmp_path: Path):
    for name in ("train/a", "train/b", "test/a", "test/c"):
        fill(tmp_path / name, 2)
    assert "has a class missing from its training part: 'c'; add" in refused(tmp_path)


def test_nested_classes_of_which_a_part_has_only_some(tmp_path: Path):
    """What is a class is decided once, for all parts together."""
    for name in ("animals/cat", "animals/dog", "cars/van", "cars/bus"):
        fill(tmp_path / "train" / name, 2, seed=len(name))
    for name in ("animals/cat", "cars/van"):
        fill(tmp_path / "test" / name, 2, seed=40 + len(name))
    images = load(tmp_path)
    assert counts(images) == {
        "animals/cat": (2, 2), "animals/dog": (2, 0), "cars/bus": (2, 0), "cars/van": (2, 2),
    }  # fmt: skip
    assert any(
        note.startswith("no test pictures of animals/dog, cars/bus") for note in images.notes
    )


def test_test_pictures_without_classes_are_left_out(tmp_path: Path):
    """As competitions hand them out."""
    for name in "ab":
        fill(tmp_path / "train" / name, 6, seed=ord(name))
    fill(tmp_path / "test", 5, seed=50)
    images = load(tmp_path)
    assert counts(images) == {"a": (5, 1), "b": (5, 1)}
    assert (
        "test has no class folders: its 5 pictures cannot be tested on and are left out"
        in images.notes
    )
    for file in (tmp_path / "train").rglob("*.png"):
        file.rename(tmp_path / "train" / f"{file.parent.name}{file.name}")
    assert counts(load(tmp_path)) == {"pictures": (12, 5)}
    fill(tmp_path / "test" / "a", 1)
    assert "no classes in its training folder; expected one folder per class" in refused(tmp_path)


def test_a_train_may_be_a_vehicle(tmp_path: Path):
    for name in ("bus", "car", "train"):
        fill(tmp_path / name, 2, seed=ord(name[0]))
    assert load(tmp_path).class_names == ("bus", "car", "train")


def test_pictures_outside_the_parts_are_left_out(tmp_path: Path):
    for name in ("train/a", "train/b", "test/a", "test/b", "more"):
        fill(tmp_path / name, 2, seed=len(name))
    assert (
        "2 pictures outside test and train left out, such as more/000.png" in load(tmp_path).notes
    )


# --- Archives -------------------------------------------------------------------------------


def content(colour: tuple[int, int, int]) -> bytes:
    stream = io.BytesIO()
    noisy(colour).save(stream, "PNG")
    return stream.getvalue()


def add(packed: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    packed.addfile(member, io.BytesIO(data))


def archive(folder: Path, path: Path) -> Path:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as packed:
            for file in sorted(folder.rglob("*")):
                packed.write(file, Path("set") / file.relative_to(folder))
    else:
        mode: Any = "w" if path.suffix == ".tar" else f"w:{path.suffix[1:]}"
        with tarfile.open(path, mode) as packed:
            packed.add(folder, "set")
    return path


@pytest.mark.parametrize("suffix", [".zip", ".tar", ".tar.gz", ".tar.xz", ".tar.bz2"])
def test_an_archive_is_read_like_the_folder_in_it(tmp_path: Path, suffix: str):
    for name, colour in (("train/a", RED), ("train/b", GREEN), ("val/a", RED), ("val/b", GREEN)):
        fill(tmp_path / "folder" / name, 3, colour, seed=len(name))
    folder = load(tmp_path / "folder")
    lines: list[str] = []
    packed = archive(tmp_path / "folder", tmp_path / f"set{suffix}")
    for _ in range(2):
        images = load_images(f"folder:{packed}", lines.append)
        assert images.class_names == folder.class_names
        assert torch.equal(images.train_images, folder.train_images)
        assert torch.equal(images.test_labels, folder.test_labels)
    compressed = suffix not in (".zip", ".tar")
    said = [line for line in lines if "unpacking" in line]
    assert said == [f"unpacking set{suffix} into the cache"] * compressed  # once


def test_a_long_unpacking_says_how_far_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    fill(tmp_path / "folder" / "a", 3)
    packed = archive(tmp_path / "folder", tmp_path / "set.tar.gz")
    monkeypatch.setattr(picture_files, "SECONDS_BETWEEN_LINES", -1.0)
    lines: list[str] = []
    list_files(packed, lines.append)
    assert "unpacking set.tar.gz: 100 % of it read" in lines


def test_an_archive_that_has_changed_is_unpacked_again(tmp_path: Path):
    fill(tmp_path / "folder" / "a", 3)
    assert counts(load(archive(tmp_path / "folder", tmp_path / "set.tar.gz"))) == {"a": (2, 1)}
    fill(tmp_path / "folder" / "a", 7)
    assert counts(load(archive(tmp_path / "folder", tmp_path / "set.tar.gz"))) == {"a": (6, 1)}


def test_an_archive_that_this_python_cannot_unpack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "compression.zstd", None)
    (tmp_path / "set.tar.zst").write_bytes(b"")
    assert "this Python cannot unpack set.tar.zst; unpack it, or pack it as" in refused(
        tmp_path / "set.tar.zst"
    )


@pytest.mark.parametrize("suffix", [".zip", ".tar"])
def test_an_archive_may_have_any_names(tmp_path: Path, suffix: str):
    """Nothing is extracted, so `..` leads nowhere; of two members of one name, the later counts."""
    path, red, green = tmp_path / f"set{suffix}", content(RED), content(GREEN)
    members = [
        ("../a/1.png", green), ("../a/1.png", red), ("./a/2.png", red), ("/b/1.png", green),
        ("b/./2.png", green), ("__MACOSX/b/._2.png", b"fork"), ("b/.hidden.png", b""),
    ]  # fmt: skip
    if suffix == ".zip":
        with zipfile.ZipFile(path, "w") as packed, warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # the name that is there twice
            for name, data in members:
                packed.writestr(name, data)
    else:
        with tarfile.open(path, "w") as packed:
            for name, data in members:
                add(packed, name, data)
    images = load(path)
    assert counts(images) == {"a": (1, 1), "b": (1, 1)}
    assert mean_colour(images, "a") == pytest.approx(RED, abs=6)


def test_links_in_a_tar_are_pictures_too(tmp_path: Path):
    with tarfile.open(tmp_path / "set.tar", "w") as packed:
        add(packed, "set/a/1.png", content(RED))
        add(packed, "set/b/1.png", content(GREEN))
        for name, kind, target in (
            ("set/a/2.png", tarfile.LNKTYPE, "set/a/1.png"),
            ("set/b/2.png", tarfile.SYMTYPE, "../b/1.png"),
            ("set/b/3.png", tarfile.SYMTYPE, "../nowhere.png"),
        ):
            link = tarfile.TarInfo(name)
            link.type, link.linkname = kind, target
            packed.addfile(link)
    images = load(tmp_path / "set.tar")
    assert counts(images) == {"a": (1, 1), "b": (1, 1)}
    assert mean_colour(images, "b") == pytest.approx(GREEN, abs=6)


@pytest.mark.slow
def test_the_pictures_of_cifar10_are_read_from_their_archive(mnist_root: Path):
    packed = mnist_root / "cifar10.tar.xz"
    if not packed.exists():
        pytest.skip("TORCHCAMP_DATA has no cifar10.tar.xz")
    layout = layout_of(list_files(packed, lambda line: None), "cifar10")
    number = Counter((each.class_name, each.part) for each in layout.pictures)
    assert len(number) == 20
    assert (number["cat", "train"], number["truck", "test"]) == (5000, 1000)
    assert Image.open(io.BytesIO(layout.pictures[-1].file.read())).size == (32, 32)


@pytest.mark.parametrize("suffix", [".zip", ".tar"])
def test_an_archive_of_too_many_files_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
):
    fill(tmp_path / "folder" / "a", 9)
    monkeypatch.setattr(picture_files, "MOST_MEMBERS", 8)
    assert "holds more than 8 files" in refused(
        archive(tmp_path / "folder", tmp_path / f"s{suffix}")
    )


def test_an_archive_that_unpacks_without_end_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Nothing of it stays in the cache."""
    monkeypatch.setattr(picture_files, "BOMBS_FROM", 1 << 20)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a.bmp").write_bytes(bytes(8 << 20))
    said = refused(archive(tmp_path / "folder", tmp_path / "set.tar.gz"))
    assert "set.tar.gz: it grows more than a hundredfold" in said
    assert [path for path in (tmp_path / "cache").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("suffix", [".zip", ".tar", ""])
def test_a_picture_without_end_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
):
    fill(tmp_path / "folder" / "a", 3)
    (tmp_path / "folder" / "a" / "large.png").write_bytes(bytes(1 << 20))
    monkeypatch.setattr(picture_files, "MOST_PICTURE", 1 << 19)
    source = (
        archive(tmp_path / "folder", tmp_path / f"set{suffix}") if suffix else tmp_path / "folder"
    )
    said = refused(source)
    assert "cannot read 1 of 4 pictures: " in said
    assert "large.png (" in said
    assert re.search(r"is larger than 0 MB|1,048,576 bytes|has 1 MB; at most 1 are read", said)
    assert counts(load(source, skip_unreadable=True)) == {"a": (2, 1)}


def test_an_encrypted_archive_is_said_in_a_sentence(tmp_path: Path):
    fill(tmp_path / "folder" / "a", 3)
    packed = archive(tmp_path / "folder", tmp_path / "set.zip")
    data = bytearray(packed.read_bytes())
    data[data.index(b"PK\1\2") + 8] |= 1  # the flag of the central directory
    packed.write_bytes(data)
    assert "set.zip is encrypted; pack it without a password" in refused(packed)


def test_a_broken_archive_is_said_in_a_sentence(tmp_path: Path):
    fill(tmp_path / "folder" / "a", 3)
    for suffix in (".zip", ".tar.gz", ".tar.xz", ".tar"):
        packed = archive(tmp_path / "folder", tmp_path / f"set{suffix}")
        packed.write_bytes(packed.read_bytes()[:300])
        assert f"set{suffix}" in refused(packed)
    assert list((tmp_path / "cache").rglob("*.tar")) == []
    (tmp_path / "picture.png").write_bytes(b"")
    assert "is neither a folder nor an archive" in refused(tmp_path / "picture.png")
    assert "does not exist" in refused(tmp_path / "nowhere")


# --- Tables ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "table",
    [
        "file,label\nx/1.png,cat\n2.png,dog\n3.png,cat\n",
        "\ufeffFilename;Label\r\n1.png;cat\r\n./2.png;dog\r\n3.png; cat \r\n",
        "1.png\tcat\n2.png\tdog\n3.png\tcat\n",
    ],
)
def test_labels_from_a_table(tmp_path: Path, table: str):
    for number, where in ((1, "x"), (2, "."), (3, ".")):
        save(tmp_path / where / f"{number}.png", noisy(RED, seed=number))
    save(tmp_path / "4.png", noisy(RED, seed=4))
    (tmp_path / "Labels.csv").write_bytes(table.encode())
    images = load(tmp_path)
    assert images.class_names == ("cat", "dog")
    assert len(images.train_labels) + len(images.test_labels) == 3
    assert "1 picture without a label in Labels.csv: left out" in images.notes


@pytest.mark.parametrize(
    "table",
    [
        "label,comment,file\ncat,nice,1.png\ndog,,2.png\ncat,,3.png\n",
        "id,file,class\n7,1.png,cat\n8,2.png,dog\n9,3.png,cat\n",
        "id,breed\n1,cat\n2,dog\n3,cat\n",
        "\n\nfile_name\tcategory\textra\n/home/me/1.png\tcat\tx\nC:\\me\\2.png\tdog\tx\n3.png\tcat\tx\n",
    ],
)
def test_a_table_may_name_its_columns(tmp_path: Path, table: str):
    for number in (1, 2, 3):
        save(tmp_path / "pictures" / f"{number}.png", noisy(RED, seed=number))
    (tmp_path / "labels.csv").write_text(table)
    images = load(tmp_path)
    assert images.class_names == ("cat", "dog")
    assert images.notes[0].startswith("3 pictures in 2 classes (cat 2, dog 1)")


def test_each_part_may_have_a_table_of_its_own(tmp_path: Path):
    for part, count in (("Train", 4), ("test", 2)):
        fill(tmp_path / part, count, seed=count)
        rows = [f"{number:03}.png,{'ab'[number % 2]}" for number in range(count)]
        (tmp_path / part / "labels.csv").write_text("\n".join(rows))
    assert counts(load(tmp_path)) == {"a": (2, 1), "b": (2, 1)}


def test_a_table_may_lie_beside_the_folder_of_its_pictures(tmp_path: Path):
    fill(tmp_path / "pictures", 4)
    (tmp_path / "tables").mkdir()
    rows = [f"{number:03}.png,{'ab'[number % 2]}" for number in range(4)]
    (tmp_path / "tables" / "labels.csv").write_text("\n".join(rows))
    assert counts(load(tmp_path)) == {"a": (1, 1), "b": (1, 1)}


def test_other_tables_are_not_read(tmp_path: Path):
    for name in "ab":
        fill(tmp_path / "set" / name, 2, seed=ord(name))
    (tmp_path / "sizes.csv").write_text("000.png,large\n")
    assert load(tmp_path).class_names == ("a", "b")


def test_of_files_that_do_not_exist_ten_are_named(tmp_path: Path):
    fill(tmp_path, 1)
    rows = ["000.png,a", *(f"x{number}.png,a" for number in range(12))]
    (tmp_path / "labels.csv").write_text("\n".join(rows))
    message = refused(tmp_path)
    assert "names 12 files that do not exist: x0.png, x1.png, " in message
    assert message.endswith("x9.png and 2 more")


def test_a_table_may_give_the_parts(tmp_path: Path):
    fill(tmp_path, 6)
    parts = ["train", "train", "Train", "test", "val", "train"]
    rows = [f"{n:03}.png,{'ab'[n % 2]},{part}" for n, part in enumerate(parts)]
    (tmp_path / "labels.csv").write_text("\n".join(rows))
    images = load(tmp_path)
    assert (len(images.train_labels), len(images.test_labels)) == (4, 1)
    assert images.validation_labels is not None
    assert images.validation_labels.tolist() == [0]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("000.png,a\n9.png,b\n8.png,b\n", "names 2 files that do not exist: 9.png, 8.png"),
        ("000.png\n", "line 1: expected a file and its label"),
        ("000.png,a\n000.png,b\n", "names 1 file more than once"),
        ("000.png,a,train\n001.png,b\n", "gives a split for some files only"),
        ("000.png,a,part\n", "has the split 'part'; expected train, val or test"),
        ("000.png,a,train\n001.png,b,test\n", "has a class missing from its training part: 'b'"),
        ("000.png,a,val\n001.png,b,test\n", "has no file with the split train"),
        ('000.png,"a' + "x" * 200_000, "line 1: field larger than field limit"),
        ("file,label\n", "has no rows"),
        (b"\xff\xfe", "is not UTF-8 text"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(tmp_path: Path, table: str | bytes, message: str):
    fill(tmp_path, 3)
    (tmp_path / "labels.csv").write_bytes(table.encode() if isinstance(table, str) else table)
    assert message in refused(tmp_path)


# --- What is suspicious ---------------------------------------------------------------------


def test_suspicious_things_are_said_with_numbers(tmp_path: Path):
    fill(tmp_path / "train" / "a", 12, GREY)
    fill(tmp_path / "train" / "b", 2, GREY, seed=30)
    fill(tmp_path / "train" / "c", 1, GREY, seed=40)
    (tmp_path / "train" / "d").mkdir()
    fill(tmp_path / "test" / "a", 2, GREY)  # the same as two of the training pictures
    save(tmp_path / "test" / "b" / "blank.png", noisy(RED).resize((1, 1)).resize((20, 16)))
    notes = "\n".join(load(tmp_path, colour="grey").notes)
    assert "d holds no pictures: left out as a class" in notes
    assert "only one picture of c" in notes
    assert "2 of 3 test pictures are also in the training set (such as test/a/" in notes
    assert "1 picture has a single colour throughout" in notes
    uneven = tmp_path / "uneven"
    fill(uneven / "a", 12)
    fill(uneven / "b", 2, GREEN)
    assert any(
        "the classes differ in size (a 12, b 2): --set balance=true" in note
        for note in load(uneven).notes
    )


def test_pixels_that_never_change_are_said(tmp_path: Path):
    rng = np.random.default_rng(0)
    for name in "ab":
        for number in range(5):
            picture = noisy(GREY)
            picture.putpixel((number, 1), tuple(rng.integers(0, 255, 3).tolist()))
            save(tmp_path / name / f"{number}.png", picture)
    assert any("% of the pixels are the same in every picture" in n for n in load(tmp_path).notes)


def test_what_was_read_is_reported_once_each(tmp_path: Path):
    fill(tmp_path / "a", 3)
    fill(tmp_path / "b", 3)
    lines: list[str] = []
    images = load_images(f"folder:{tmp_path}", lines.append)
    assert tuple(lines) == images.notes


def test_converted_pictures_are_said(tmp_path: Path):
    ramp = np.arange(320, dtype=np.uint16).reshape(16, 20) * 10
    for number in range(2):
        save(tmp_path / "deep" / f"{number}.png", Image.fromarray(ramp + number))
        clear = noisy(RED).convert("RGBA")
        clear.putalpha(Image.linear_gradient("L").resize((20, 16)))
        save(tmp_path / "clear" / f"{number}.png", clear)
        opaque = noisy(RED, seed=number).convert("RGBA")  # as most programs save everything
        save(tmp_path / "opaque" / f"{number}.png", opaque)
    notes = load(tmp_path).notes
    assert (
        "2 of 6 pictures looked into are deeper than 8 bits: values of 0 to 4,095 become 0 to 255"
        in notes
    )
    assert (
        "2 of 6 pictures looked into are transparent in places: white is put behind them (--set "
        "background=black puts black)" in notes
    )
    assert any(
        "--set background=white puts white" in n for n in load(tmp_path, background="black").notes
    )


def test_skipped_pictures_are_named(tmp_path: Path):
    for name in "ab":
        fill(tmp_path / name, 4, seed=ord(name))
    (tmp_path / "a" / "000.png").write_bytes(b"nothing")
    (tmp_path / "b" / "003.png").write_bytes(b"")
    message = refused(tmp_path)
    assert "cannot read 2 of 8 pictures: " in message
    assert "a/000.png (not a picture)" in message
    assert "b/003.png (the file is empty)" in message
    images = load(tmp_path, skip_unreadable=True)
    assert len(images.train_labels) + len(images.test_labels) == 6
    assert any(note.startswith("2 unreadable pictures left out, such as ") for note in images.notes)


def test_a_picture_in_two_classes_is_said(tmp_path: Path):
    fill(tmp_path / "a", 3)
    fill(tmp_path / "b", 3, seed=2)  # its first is the last of the others
    said = [note for note in load(tmp_path).notes if "in more than one class" in note]
    assert len(said) == 1
    assert said[0].startswith("1 picture in more than one class (")
    assert "a/002.png is a" in said[0]
    assert "b/000.png is b" in said[0]


def test_the_hash_is_that_of_pictures_and_labels_not_of_names(tmp_path: Path):
    for name in ("x/a", "x/b", "y/c", "y/d"):
        fill(tmp_path / name, 3, seed=ord(name[-1]) % 2)
    first, second = load(tmp_path / "x"), load(tmp_path / "y")
    assert (first.class_names, second.class_names) == (("a", "b"), ("c", "d"))
    assert first.sha256 == second.sha256
    save(tmp_path / "y" / "d" / "000.png", noisy(BLUE))
    assert first.sha256 != load(tmp_path / "y").sha256
