"""Arrays of one's own in an .npz file."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.data.test_layout import counts
from torchcamp.base.errors import DataError
from torchcamp.data import array_file
from torchcamp.data.images import Images, load_images

GREY = np.random.default_rng(0).integers(0, 256, (12, 8, 8)).astype(np.uint8)


def load(folder: Path, **arrays: Any) -> Images:
    np.savez(folder / "a.npz", **arrays)
    return load_images(f"array:{folder}/a.npz")


def refused(folder: Path, **arrays: Any) -> str:
    with pytest.raises(DataError) as caught:
        load(folder, **arrays)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("form", ["NHW", "NHWC", "NCHW", "float"])
def test_arrays_in_every_form(tmp_path: Path, form: str):
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 256, (12, 3, 10, 14)).astype(np.uint8)
    arrays = {
        "NHW": pictures[:, 0],
        "NHWC": pictures.transpose(0, 2, 3, 1),
        "NCHW": pictures,
        "float": (pictures / 255).astype(np.float32),
    }
    labels = np.array(["dog", "cat", "eel"] * 4)
    np.savez(tmp_path / "a.npz", images=arrays[form], labels=labels, test_images=arrays[form][:2],
             test_labels=labels[:2])  # fmt: skip
    images = load_images(f"array:{tmp_path}/a.npz")
    expected = pictures[:, :1] if form == "NHW" else pictures
    assert np.array_equal(images.train_images.numpy(), expected)
    assert images.class_names == ("cat", "dog", "eel")
    assert images.test_labels.tolist() == [1, 0]


def test_arrays_without_a_test_set_are_split_by_class(tmp_path: Path):
    np.savez(tmp_path / "a.npz", images=np.zeros((24, 8, 8), np.uint8), labels=np.arange(24) % 2,
             class_names=["no", "yes"])  # fmt: skip
    images = load_images(f"array:{tmp_path}/a.npz")
    assert counts(images) == {"no": (10, 2), "yes": (10, 2)}


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"images": np.zeros((2, 8, 8), np.uint8)}, "has no array 'labels'; it has images"),
        ({"images": np.zeros((2, 8, 8), np.uint8), "labels": [0]}, "2 images but 1 labels"),
        ({"images": np.zeros((2, 8), np.uint8), "labels": [0, 1]}, "has shape (2, 8)"),
        ({"images": np.full((2, 8, 8), 7.0), "labels": [0, 1]}, "floats outside [0, 1]"),
        ({"images": np.full((2, 8, 8), 300), "labels": [0, 1]}, "must lie in 0 to 255"),
        (
            {"images": np.zeros((2, 8, 8), np.uint8), "labels": [0, 5], "class_names": ["a", "b"]},
            "has the label 5, which is not one of its 2 class_names",
        ),
        (
            {"images": np.zeros((2, 8, 8), np.uint8), "labels": np.array([1, None])},
            "Python objects",
        ),
    ],
)
def test_arrays_that_do_not_fit_are_refused(
    tmp_path: Path, arrays: dict[str, np.ndarray], message: str
):
    np.savez(tmp_path / "a.npz", **arrays)  # type: ignore[arg-type]
    with pytest.raises(DataError) as caught:
        load_images(f"array:{tmp_path}/a.npz")
    assert message in str(caught.value)


def test_a_file_that_holds_no_arrays_is_refused(tmp_path: Path):
    (tmp_path / "a.npz").write_bytes(b"nothing")
    np.save(tmp_path / "one.npy", np.zeros(3))
    for name, message in (
        ("a.npz", "cannot read"),
        ("b.npz", "does not exist"),
        ("one.npy", "single"),
    ):
        with pytest.raises(DataError, match=message):
            load_images(f"array:{tmp_path}/{name}")


def test_more_than_the_memory_holds_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Zeros pack into a thousandth, so that a small file may hold more than a machine."""
    monkeypatch.setattr(array_file, "memory_bytes", lambda: 10**6)
    np.savez_compressed(tmp_path / "a.npz", images=np.zeros((2000, 32, 32), np.uint8))
    assert (tmp_path / "a.npz").stat().st_size < 10**4
    with pytest.raises(DataError, match="holds 2 MB; this machine has 1 MB"):
        load_images(f"array:{tmp_path}/a.npz")


def test_more_than_255_classes_have_labels_and_a_hash_of_their_own(tmp_path: Path):
    labels = np.arange(600) % 300
    pictures = np.zeros((600, 8, 8), np.uint8)
    np.savez(tmp_path / "a.npz", images=pictures, labels=labels, test_images=pictures[:300],
             test_labels=labels[:300])  # fmt: skip
    images = load_images(f"array:{tmp_path}/a.npz")
    assert (images.num_classes, int(images.train_labels.max())) == (300, 299)
    other = Images(
        name="x", train_images=images.train_images, train_labels=images.train_labels,
        test_images=images.test_images, test_labels=(images.test_labels + 256) % 300,
        class_names=images.class_names,
    )  # fmt: skip
    plain = Images(**{**vars(other), "test_labels": images.test_labels, "name": "x"})
    assert other.sha256 != plain.sha256


@pytest.mark.parametrize("labels", [[5, 7], [-1, 1], [1000, 2000]])
def test_numbers_that_do_not_count_from_zero_are_names(tmp_path: Path, labels: list[int]):
    images = load(tmp_path, images=GREY[:4], labels=labels * 2)
    assert images.class_names == tuple(str(label) for label in labels)
    assert images.train_labels.sort().values.tolist() == [0, 1]


def test_a_number_that_is_missing_keeps_its_place(tmp_path: Path):
    """Of ten digits one may not occur: the others are called as before."""
    images = load(tmp_path, images=GREY, labels=[0, 1, 3] * 4)
    assert images.class_names == ("0", "1", "2", "3")
    assert images.test_labels.sort().values.tolist() == [0, 1, 3]
    assert "no pictures of 2: add some, or the model cannot know them" in images.notes


@pytest.mark.parametrize(
    "labels",
    [
        np.array([0, 1] * 6, np.float32),
        np.array([0, 1] * 6, np.uint8)[:, None],
        np.array([False, True] * 6),
        np.array([0, 1] * 6, np.uint64),
    ],
)
def test_whole_numbers_of_every_kind(tmp_path: Path, labels: np.ndarray):
    images = load(tmp_path, images=GREY, labels=labels, class_names=[b"no", b"yes"])
    assert counts(images) == {"no": (5, 1), "yes": (5, 1)}


def test_names_as_labels_follow_class_names_where_there_are_some(tmp_path: Path):
    names = ["b", "a"]
    images = load(tmp_path, images=GREY, labels=["a", "b"] * 6, class_names=names,
                  test_images=GREY[:1], test_labels=["b"])  # fmt: skip
    assert images.class_names == ("b", "a")
    assert images.train_labels[:2].tolist() == [1, 0]
    assert images.test_labels.tolist() == [0]


@pytest.mark.parametrize("dtype", [bool, np.float16, np.float64, np.int64])
def test_pixels_of_every_kind(tmp_path: Path, dtype: type):
    pixels = np.zeros((4, 8, 8, 1), dtype)
    pixels[:, 1] = 255 if dtype is np.int64 else 1
    images = load(tmp_path, images=pixels, labels=[0, 1, 0, 1])
    assert images.image_shape == (1, 8, 8)
    assert images.train_images[0, 0, :3, 0].tolist() == [0, 255, 0]


def test_what_looks_suspicious_is_said(tmp_path: Path):
    pixels = GREY.copy()
    pixels[5] = 7
    notes = load(
        tmp_path, images=pixels, labels=["a"] * 10 + ["b"] * 2, test_images=pixels[3:5],
        test_labels=["a", "b"],
    ).notes  # fmt: skip
    text = "\n".join(notes)
    assert notes[0] == "14 pictures in 2 classes (a 11, b 3), grey, 8x8, 2 for testing"
    assert (
        "2 of 2 test pictures are also in the training set (such as test picture 0, the same as "
        "training picture 3)" in text
    )
    assert "1 picture in more than one class (training picture 4 is a, " in text
    assert "1 picture has a single colour throughout" in text
    notes = load(tmp_path, images=np.ones((4, 8, 8), np.uint8), labels=[0, 1, 0, 1]).notes
    assert any("the largest value of all pixels is 1 of 255, so all" in note for note in notes)
    assert any(note.startswith("100 % of the pixels are the same") for note in notes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"labels": np.eye(12)}, "labels has shape (12, 12); expected (N,), one number or name"),
        ({"labels": [0.5] * 12}, "labels are neither whole numbers nor names, but float64"),
        ({"labels": [np.nan] * 12}, "labels are neither whole numbers nor names, but float64"),
        ({"class_names": ["a", "a"]}, "class_names has a name twice"),
        ({"class_names": ["a"]}, "has the label 1, which is not one of its 1 class_names"),
        ({"labels": ["a", "c"] * 6, "class_names": ["a", "b"]}, "has the label 'c', which is not"),
        ({"images": GREY[:0]}, "images has shape (0, 8, 8)"),
        ({"images": np.zeros((12, 8, 8, 4), np.uint8)}, "images has shape (12, 8, 8, 4)"),
        ({"images": GREY.astype(np.complex64)}, "images has values of type complex64"),
        ({"images": np.full((12, 8, 8), np.nan)}, "images are floats outside [0, 1]"),
        ({"images": np.full((12, 8, 8), -1)}, "images must lie in 0 to 255"),
        ({"test_images": GREY}, "has no array 'test_labels'; it has images, labels, test_images"),
        (
            {"test_images": GREY[:, :4], "test_labels": [0] * 12},
            "images and test_images have different shapes: (1, 8, 8) and (1, 4, 8)",
        ),
        (
            {"test_images": GREY[:1], "test_labels": [0], "labels": [1] * 12},
            "has a class missing from its training labels: '0'",
        ),
        ({"images": GREY[:1], "labels": [0]}, "holds only one picture"),
    ],
)
def test_more_arrays_that_do_not_fit_are_refused(
    tmp_path: Path, changes: dict[str, Any], message: str
):
    assert message in refused(tmp_path, **{"images": GREY, "labels": [0, 1] * 6, **changes})


def test_no_damage_to_a_file_raises_anything_else(tmp_path: Path):
    np.savez_compressed(tmp_path / "whole.npz", images=GREY, labels=[0, 1] * 6)
    whole = (tmp_path / "whole.npz").read_bytes()
    rng = np.random.default_rng(0)
    num_refused = 0
    for _ in range(150):
        damaged = bytearray(whole)
        for place in rng.integers(0, len(damaged), 3):
            damaged[place] = rng.integers(256)
        (tmp_path / "a.npz").write_bytes(
            damaged[: int(rng.choice([len(whole), int(rng.integers(len(whole)))]))]
        )
        try:
            load_images(f"array:{tmp_path}/a.npz")
        except DataError:
            num_refused += 1
    assert num_refused > 100


def test_the_hash_covers_every_label_also_beyond_255(tmp_path: Path):
    pictures = np.random.default_rng(0).integers(0, 256, (600, 8, 8)).astype(np.uint8)
    labels = np.arange(600) % 300
    one = load(tmp_path, images=pictures, labels=labels, test_images=GREY, test_labels=labels[:12])
    exchanged = labels.copy()
    exchanged[[0, 256]] = exchanged[[256, 0]]  # equal in their lowest byte
    other = load(
        tmp_path, images=pictures, labels=exchanged, test_images=GREY, test_labels=labels[:12]
    )
    assert one.train_labels[256] == 256
    assert bool((one.train_images == other.train_images).all())
    assert one.sha256 != other.sha256
