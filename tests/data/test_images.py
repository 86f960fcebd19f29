"""Data sets by name; what each refuses, in one line that names the place."""

import hashlib
import io
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.conftest import Mirror, write_set
from torchcamp.base.errors import DataError
from torchcamp.data import fetch
from torchcamp.data.images import Images, _digits_table, load_images, require_classes


def picture(path: Path, size: tuple[int, int] = (28, 28), value: int = 200) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, (value, value, value)).save(path)


def test_digits_needs_nothing():
    images = load_images("digits")
    assert images.train_images.shape == (1437, 1, 28, 28)
    assert images.test_images.shape == (360, 1, 28, 28)
    assert images.train_images.dtype == torch.uint8
    assert images.train_images.max() == 255
    assert images.num_classes == 10
    assert images.sha256 == load_images("digits").sha256


def test_digits_are_the_same_however_scikit_learns_file_is_found(monkeypatch: pytest.MonkeyPatch):
    from_file = _digits_table()
    monkeypatch.setattr("torchcamp.data.images.DIGITS_FILE", "data/moved.csv.gz")
    assert np.array_equal(from_file, _digits_table())


def test_mnist_is_the_published_one(mnist_root: Path):
    images = load_images("mnist")
    assert images.train_images.shape == (60000, 1, 28, 28)
    assert images.test_labels.bincount().tolist()[:3] == [980, 1135, 1032]
    assert load_images("auto").name == "mnist"


def test_holding_out_takes_the_last_sixth():
    images = load_images("digits")
    held = images.holding_out()
    assert len(held.train_labels) == 1437 * 5 // 6
    kept = len(held.train_labels)
    assert torch.equal(held.train_images, images.train_images[:kept])
    assert torch.equal(held.train_labels, images.train_labels[:kept])
    assert torch.equal(held.test_images, images.train_images[kept:])
    assert torch.equal(held.test_labels, images.train_labels[kept:])


def test_auto_says_what_it_took(no_mnist: None):
    said: list[str] = []
    assert load_images("auto", said.append).name == "digits"
    assert said
    assert "digits" in said[0]


def test_auto_takes_what_is_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, published):
    monkeypatch.setenv("TORCHCAMP_DATA", str(tmp_path / "data"))
    write_set(tmp_path / "data" / "mnist")
    said: list[str] = []
    assert load_images("auto", said.append).name == "mnist"
    assert "found on this machine" in said[0]


def test_idx_folder(idx_folder: Path):
    images = load_images(f"idx:{idx_folder}")
    assert images.train_images.shape == (40, 1, 28, 28)
    assert images.class_names == tuple("0123456789")


def test_idx_of_different_lengths(tmp_path: Path):
    write_set(tmp_path / "idx", changes={"train-labels-idx1": np.zeros(39)})
    with pytest.raises(DataError, match=r"40 images but .* has 39 labels"):
        load_images(f"idx:{tmp_path / 'idx'}")


def test_idx_of_another_size(tmp_path: Path):
    write_set(tmp_path / "idx", changes={"t10k-images-idx3": np.zeros((20, 32, 32))})
    with pytest.raises(DataError, match="32x32 images; expected 28x28"):
        load_images(f"idx:{tmp_path / 'idx'}")


def test_idx_without_a_file(idx_folder: Path):
    (idx_folder / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(DataError, match="has no t10k-labels-idx1-ubyte"):
        load_images(f"idx:{idx_folder}")


def test_a_changed_mnist_is_not_taken_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TORCHCAMP_DATA", str(tmp_path))
    write_set(tmp_path / "mnist")
    with pytest.raises(DataError, match="not the published file"):
        load_images("mnist")


def test_one_class_is_refused_only_where_labels_are_needed(tmp_path: Path):
    for number in range(6):
        picture(tmp_path / "cat" / f"{number}.png")
    images = load_images(f"folder:{tmp_path}")
    assert images.num_classes == 1
    with pytest.raises(
        DataError, match=r"only one class \('cat'\).*: one folder per class \(cat/1.jpg"
    ):
        require_classes(images)


@pytest.mark.parametrize("name", ["mnits", "folder:", "idx", "", "mnist:here"])
def test_unknown_names(name: str):
    with pytest.raises(DataError, match="unknown data set"):
        load_images(name)


def test_every_published_file_has_a_sum():
    for name, source in fetch.SOURCES.items():
        assert len(source.mirrors) >= (1 if name == "cifar10" else 2), name
        assert set(source.sha256) | set(source.packed_md5) == set(source.files), name


def test_bits_are_drawn_once_with_the_grey_value_as_probability():
    images = load_images("digits")
    bits = images.binarised()
    assert set(bits.train_images.unique().tolist()) == {0, 255}
    assert torch.equal(bits.test_images, images.binarised().test_images)
    white = (bits.train_images > 0).float().mean(dim=0)
    grey = images.train_images.float().mean(dim=0) / 255
    assert (white - grey).abs().max() < 0.06  # 4.5 standard errors of 1,437 draws
    assert not (bits.train_images[images.train_images == 0] > 0).any()
    assert bool((bits.train_images[images.train_images == 255] > 0).all())
    assert bits.name == images.name


def test_training_and_test_images_become_bits_by_noise_of_their_own():
    images = load_images("digits")
    grey = torch.full((50, 1, 28, 28), 128, dtype=torch.uint8)
    bits = replace(images, train_images=grey, test_images=grey).binarised()
    same = (bits.train_images == bits.test_images).float().mean().item()
    assert same == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("part", ["train_images", "train_labels", "test_images", "test_labels"])
def test_the_hash_sees_every_part_of_the_data(part: str):
    images = load_images("digits")
    changed = getattr(images, part).clone()
    changed[3] = (changed[3] + 1) % 10
    assert replace(images, **{part: changed}).sha256 != images.sha256


def test_the_test_bits_of_mnist_are_the_ones_that_cards_rest_on(mnist_root: Path):
    bits = load_images("mnist").binarised().test_images
    digest = hashlib.sha256(bits.numpy().tobytes()).hexdigest()
    assert digest == "3c7e3a281fcea7431e5d5128b5b135775282810db956bf51d11aab354839f6a2"


def test_a_part_is_the_beginning():
    images = load_images("digits")
    part = images.first(100)
    assert torch.equal(part.test_images, images.test_images[:100])
    assert torch.equal(part.train_labels, images.train_labels[:200])


@pytest.fixture
def three_parts() -> Images:
    digits = load_images("digits")
    return replace(
        digits,
        validation_images=digits.train_images[:90],
        validation_labels=digits.train_labels[:90],
    )


def test_validation_images_become_bits_as_the_test_images_do(three_parts: Images):
    """A model of bits is tested on them where settings are chosen."""
    same = replace(three_parts, test_images=three_parts.validation_images)
    assert torch.equal(
        three_parts.binarised().holding_out().test_images, same.binarised().test_images
    )


def test_validation_images_go_where_the_others_go(three_parts: Images):
    moved = three_parts.to("meta").holding_out()
    assert {moved.test_images.device.type, moved.test_labels.device.type} == {"meta"}
    assert load_images("digits").to("meta").validation_images is None


def test_a_part_of_three_has_a_part_of_each(three_parts: Images):
    held_out = three_parts.first(50).holding_out()
    assert torch.equal(held_out.test_images, three_parts.train_images[:50])
    assert torch.equal(held_out.test_labels, three_parts.train_labels[:50])


# --- CIFAR-10 -------------------------------------------------------------------------------


@pytest.fixture
def batches() -> dict[str, np.ndarray]:
    """CIFAR-10's six files, with ten pictures each."""
    rng = np.random.default_rng(0)
    return {
        name: np.concatenate(
            [np.arange(10)[:, None], rng.integers(0, 256, (10, 3072))], axis=1
        ).astype(np.uint8)
        for name in fetch.CIFAR10_BATCHES
    }


def pack(batches: dict[str, np.ndarray]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as packed:
        for name, batch in batches.items():
            member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            member.size = batch.nbytes
            packed.addfile(member, io.BytesIO(batch.tobytes()))
    return stream.getvalue()


@pytest.fixture
def cifar10(
    batches: dict[str, np.ndarray], mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> Mirror:
    """A mirror of the small CIFAR-10, whose sum is the published one."""
    packed = pack(batches)
    mirror.files["/cifar10/cifar-10-binary.tar.gz"] = packed
    monkeypatch.delenv("TORCHCAMP_DATA", raising=False)
    source = replace(
        fetch.SOURCES["cifar10"],
        mirrors=(f"{mirror.address}/cifar10/",),
        packed_md5={"cifar-10-binary.tar": hashlib.md5(packed).hexdigest()},
    )
    monkeypatch.setitem(fetch.SOURCES, "cifar10", source)
    return mirror


def require_equal(images: Images, batches: dict[str, np.ndarray]) -> None:
    assert images.image_shape == (3, 32, 32)
    assert (len(images.train_labels), len(images.test_labels)) == (50, 10)
    assert images.class_names[3:6] == ("cat", "deer", "dog")
    row = batches["data_batch_2.bin"][4]
    planes = row[1:].reshape(3, 32, 32)  # red, green, blue
    assert np.array_equal(images.train_images[14].numpy(), planes)
    assert images.train_labels[14] == row[0]
    assert np.array_equal(
        images.test_images.numpy().reshape(10, -1), batches["test_batch.bin"][:, 1:]
    )
    assert images.test_labels.tolist() == list(range(10))


def test_cifar10_is_fetched_once(cifar10: Mirror, batches: dict[str, np.ndarray]):
    said: list[str] = []
    require_equal(load_images("cifar10", said.append), batches)
    assert said == [f"fetching {cifar10.address}/cifar10/cifar-10-binary.tar.gz"]
    require_equal(load_images("cifar10", said.append), batches)
    assert len(said) == len(cifar10.requests) == 1


def test_a_cifar10_of_another_sum_is_refused(
    cifar10: Mirror, batches: dict[str, np.ndarray], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    batches["data_batch_1.bin"][0, 5] ^= 1
    cifar10.files["/cifar10/cifar-10-binary.tar.gz"] = pack(batches)
    with pytest.raises(DataError, match="its MD5 differs"):
        load_images("cifar10")
    folder = tmp_path / "data" / "cifar10"
    folder.mkdir(parents=True)
    (folder / "cifar-10-binary.tar.gz").write_bytes(pack(batches))
    monkeypatch.setenv("TORCHCAMP_DATA", str(tmp_path / "data"))
    with pytest.raises(
        DataError, match="its MD5 differs; delete it, then run: torchcamp data fetch"
    ):
        load_images("cifar10")


def test_an_unpacked_cifar10_is_read_as_it_is(
    batches: dict[str, np.ndarray], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = tmp_path / "data" / "cifar10" / "cifar-10-batches-bin"
    folder.mkdir(parents=True)
    monkeypatch.setenv("TORCHCAMP_DATA", str(tmp_path / "data"))
    for name, batch in batches.items():
        assert fetch.locate("cifar10") is None  # five of six are none
        (folder / name).write_bytes(batch.tobytes())
    require_equal(load_images("cifar10"), batches)
    batches["test_batch.bin"][2, 0] = 10
    (folder / "test_batch.bin").write_bytes(batches["test_batch.bin"].tobytes())
    with pytest.raises(DataError, match="binary version: it has the label 10"):
        load_images("cifar10")
    (folder / "test_batch.bin").write_bytes(b"short")
    with pytest.raises(DataError, match=r"test_batch.bin is not CIFAR-10's.*wrong length"):
        load_images("cifar10")
