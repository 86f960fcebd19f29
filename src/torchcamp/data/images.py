"""Image data sets as two pairs of tensors: `uint8` pictures and their labels.

    mnist, fashion   the published IDX files (see `fetch`)
    digits           scikit-learn's 1,797 scans of 8x8 pixels, enlarged; needs no download
    cifar10          60,000 small photographs in ten classes
    folder:PATH      your own pictures: a folder, a .zip or a .tar (see `layout`)
    array:FILE.npz   your own arrays (see `array_file`)
    idx:DIR          four IDX files, named as MNIST's
    auto             mnist if it is on this machine or can be fetched, else digits

A batch is an index into a tensor: MNIST is only 47 MB and lives on the device; large sets of one's
own are mapped from a file.
"""

import hashlib
import importlib.util
import io
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from torchcamp.base import notebook
from torchcamp.base.errors import DataError, suggest
from torchcamp.data import fetch
from torchcamp.data.array_file import read_array
from torchcamp.data.idx import parse_idx, read_bytes
from torchcamp.data.labelled import LabelledPictures, examples_html
from torchcamp.data.layout import EXPECTED
from torchcamp.data.own_pictures import OwnPictures, PictureOptions, read_folder

IMAGE_SIZE = 28  # pixels per side
NUM_TEST_DIGITS = 360  # the last images of `digits` are its test set
DIGITS_FILE = "data/digits.csv.gz"  # in scikit-learn's folder `datasets`
TRAIN_BITS_SEED = 2026  # for binarising the training images, once
TEST_BITS_SEED = 2027  # for binarising the test images, once and the same for every model
FASHION_CLASSES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
    "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip
HASHED_AT_ONCE = 10_000  # images
CIFAR10_CLASSES = (
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
)  # fmt: skip
CIFAR10_BYTES = 1 + 3 * 32 * 32  # of each picture
NAMES = (
    "mnist", "fashion", "digits", "cifar10", "folder:PATH", "array:FILE.npz", "idx:DIR", "auto",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Images:
    """A data set. N images of C x H x W pixels, C = 1 (grey) or 3 (RGB); labels are class indices.

    Large sets are views of a file: index them in batches, and never write into them.

    validation_images, validation_labels: set aside by whoever made the data, or None.
    notes: what was read, and what looks suspicious about it; a sentence each.
    """

    name: str
    train_images: Tensor  # (N, C, H, W) uint8
    train_labels: Tensor  # (N,) int64
    test_images: Tensor
    test_labels: Tensor
    class_names: tuple[str, ...]
    validation_images: Tensor | None = None
    validation_labels: Tensor | None = None
    notes: tuple[str, ...] = ()
    levels: tuple[float, float] | None = None  # of deep pictures: what became black and white
    fingerprint: str = ""  # a hash of all pixels and labels, where it is known without reading them

    @property
    def num_classes(self) -> int:
        return len(self.class_names)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Channels, height and width of every picture."""
        channels, height, width = self.train_images.shape[1:]
        return channels, height, width

    @property
    def train(self) -> LabelledPictures:
        """The training pictures for a `DataLoader`: (C, H, W) in [0, 1], with their labels."""
        return LabelledPictures(self.train_images, self.train_labels, self.class_names)

    @property
    def test(self) -> LabelledPictures:
        """The test pictures for a `DataLoader`: (C, H, W) in [0, 1], with their labels."""
        return LabelledPictures(self.test_images, self.test_labels, self.class_names)

    def _repr_html_(self) -> str:
        """Counts and examples of each class, for a notebook."""
        channels, height, width = self.image_shape
        colour = "grey" if channels == 1 else "colour"
        title = f"<p>{notebook.bold(self.name)}: {colour}, {height}x{width}</p>"
        notes = "".join(f"<p>{notebook.text(note)}</p>" for note in self.notes)
        return title + notes + examples_html(self.train, self.test)

    @cached_property
    def sha256(self) -> str:
        """Hash of all pixels and labels: two runs with equal hashes saw the same data."""
        if self.fingerprint:
            return self.fingerprint
        digest = hashlib.sha256()
        for images, labels in (
            (self.train_images, self.train_labels),
            (self.test_images, self.test_labels),
        ):
            for chunk in images.split(HASHED_AT_ONCE):
                digest.update(chunk.cpu().numpy().tobytes())
            # One byte per label where that is enough, as it was before there were larger sets.
            narrow = self.num_classes <= 256
            digest.update(labels.to(torch.uint8 if narrow else torch.int64).cpu().numpy().tobytes())
        return digest.hexdigest()

    def to(self, device: torch.device | str) -> "Images":
        """The same set with its tensors on `device`."""
        return replace(
            self,
            train_images=self.train_images.to(device),
            train_labels=self.train_labels.to(device),
            test_images=self.test_images.to(device),
            test_labels=self.test_labels.to(device),
            validation_images=_if_any(self.validation_images, lambda part: part.to(device)),
            validation_labels=_if_any(self.validation_labels, lambda part: part.to(device)),
        )

    def holding_out(self) -> "Images":
        """The validation images, or the last sixth of the training images, as the test set.

        Hyper-parameters are chosen on this split; the real test images are not in it.
        """
        if self.validation_images is not None and self.validation_labels is not None:
            return replace(
                self,
                test_images=self.validation_images,
                test_labels=self.validation_labels,
                fingerprint=self._fingerprint_of("validation"),
            )
        num_kept = len(self.train_labels) * 5 // 6
        return replace(
            self,
            train_images=self.train_images[:num_kept],
            train_labels=self.train_labels[:num_kept],
            test_images=self.train_images[num_kept:],
            test_labels=self.train_labels[num_kept:],
            fingerprint=self._fingerprint_of("held out"),
        )

    def first(self, count: int) -> "Images":
        """The first `count` test and validation images, and twice as many training images."""
        return replace(
            self,
            train_images=self.train_images[: 2 * count],
            train_labels=self.train_labels[: 2 * count],
            test_images=self.test_images[:count],
            test_labels=self.test_labels[:count],
            validation_images=_if_any(self.validation_images, lambda part: part[:count]),
            validation_labels=_if_any(self.validation_labels, lambda part: part[:count]),
            fingerprint=self._fingerprint_of(f"first {count}"),
        )

    def binarised(self) -> "Images":
        """Black or white pixels (0 or 255), white with the grey value as the probability.

        The draw is fixed: every model of bits is evaluated on the same test bits, and a statically
        binarised training set is the same in every run.
        """
        return replace(
            self,
            train_images=_bits(self.train_images, TRAIN_BITS_SEED),
            test_images=_bits(self.test_images, TEST_BITS_SEED),
            validation_images=_if_any(
                self.validation_images, lambda part: _bits(part, TEST_BITS_SEED)
            ),
            fingerprint=self._fingerprint_of("bits"),
        )

    def _fingerprint_of(self, part: str) -> str:
        """The hash of a set made from this one, where this one's is known."""
        if not self.fingerprint:
            return ""
        return hashlib.sha256(f"{self.fingerprint} {part}".encode()).hexdigest()


def resolve_auto(name: str, report: Callable[[str], None] = lambda line: None) -> str:
    """`auto` as the data set that this machine can use, named to `report`; other names as they are."""
    if name != "auto":
        return name
    if fetch.locate("mnist"):
        report("data: mnist (found on this machine)")
        return "mnist"
    if fetch.mirror_answers("mnist"):
        report("data: mnist (fetched from a mirror)")
        return "mnist"
    report(
        "data: digits, scikit-learn's 1,797 small scans (no MNIST on this machine and no mirror "
        "answered within 3 seconds)"
    )
    return "digits"


def load_images(
    name: str,
    report: Callable[[str], None] = lambda line: None,
    options: PictureOptions | None = None,
) -> Images:
    """Load the data set `name`, fetching it first where it must come from a mirror.

    Args:
        name: `mnist`, `fashion`, `digits`, `cifar10`, `folder:PATH`, `array:FILE.npz`, `idx:DIR` or
            `auto`.
        report: called with a one-line message when something is fetched or chosen.
        options: how the user's own pictures are read.

    Raises:
        DataError: unknown name, or data that is missing, damaged or unusable.
    """
    name = resolve_auto(name, report)
    kind, _, directory = name.partition(":")
    if kind in fetch.SOURCES and not directory:
        folder = fetch.locate(kind) or fetch.fetch(kind, report)
        return _cifar10(folder) if kind == "cifar10" else _published(kind, folder)
    if name == "digits":
        return _digits()
    if kind == "folder" and directory:
        return _own(
            name,
            read_folder(Path(directory).expanduser(), options or PictureOptions(), report),
            report,
        )
    if kind == "array" and directory:
        return _own(name, read_array(Path(directory).expanduser()), report)
    if kind == "idx" and directory:
        return _idx(name, Path(directory).expanduser())
    hint = suggest(name, NAMES)
    raise DataError(f"unknown data set {name!r}. {hint}")


def require_classes(images: Images) -> None:
    """Reject a data set that a classifier cannot learn from.

    Raises:
        DataError: fewer than two classes.
    """
    if images.num_classes < 2:
        raise DataError(
            f"{images.name} has only one class ({images.class_names[0]!r}); a classifier needs at "
            f"least two: {EXPECTED}"
        )


def _if_any(part: Tensor | None, change: Callable[[Tensor], Tensor]) -> Tensor | None:
    return None if part is None else change(part)


def _bits(images: Tensor, seed: int) -> Tensor:
    noise = torch.rand(images.shape, generator=torch.Generator().manual_seed(seed))
    return (noise.to(images.device) < images.float() / 255).to(torch.uint8) * 255


def _published(name: str, folder: Path) -> Images:
    contents = []
    for file in fetch.FILES:
        path = fetch.find_file(folder, file)
        if path is None:
            raise DataError(f"{folder / file} disappeared while the data was being loaded")
        contents.append((str(path), _checked(name, file, path)))
    digit_names = tuple(str(k) for k in range(10))
    return _from_idx(name, contents, FASHION_CLASSES if name == "fashion" else digit_names)


def _idx(name: str, folder: Path) -> Images:
    if not folder.is_dir():
        raise DataError(f"{folder} is not a folder; idx:DIR needs one with MNIST's four files")
    contents = []
    for file in fetch.FILES:
        path = fetch.find_file(folder, file)
        if path is None:
            raise DataError(
                f"{folder} has no {file} or {file}.gz; idx:DIR needs MNIST's four files"
            )
        contents.append((str(path), read_bytes(path)))
    return _from_idx(name, contents, None)


def _from_idx(
    name: str, contents: list[tuple[str, bytes]], class_names: tuple[str, ...] | None
) -> Images:
    arrays = [
        parse_idx(content, path, num_dims)
        for (path, content), num_dims in zip(contents, (3, 1, 3, 1), strict=True)
    ]
    for images, labels, where in ((arrays[0], arrays[1], 0), (arrays[2], arrays[3], 2)):
        if len(images) != len(labels):
            raise DataError(
                f"{contents[where][0]} has {len(images):,} images but "
                f"{contents[where + 1][0]} has {len(labels):,} labels"
            )
        if len(images) == 0:
            raise DataError(f"{contents[where][0]} holds no images")
        if images.shape[1:] != (IMAGE_SIZE, IMAGE_SIZE):
            height, width = images.shape[1:]
            raise DataError(f"{contents[where][0]} holds {height}x{width} images; expected 28x28")
    if class_names is None:
        class_names = tuple(str(k) for k in range(int(max(arrays[1].max(), arrays[3].max())) + 1))
    tensors = [torch.from_numpy(array.copy()) for array in arrays]
    return Images(
        name=name,
        train_images=tensors[0].unsqueeze(1),
        train_labels=tensors[1].long(),
        test_images=tensors[2].unsqueeze(1),
        test_labels=tensors[3].long(),
        class_names=class_names,
    )


def _digits() -> Images:
    table = torch.from_numpy(_digits_table())
    small = table[:, :-1].float().reshape(-1, 1, 8, 8) / 16
    labels = table[:, -1].long()
    # Enlarged to 24x24 inside a border of 2 pixels; MNIST's digits have a border too.
    large = torch.nn.functional.interpolate(small, size=24, mode="bilinear", align_corners=False)
    images = torch.nn.functional.pad(large, (2, 2, 2, 2)).mul(255).round().to(torch.uint8)
    num_train = len(labels) - NUM_TEST_DIGITS
    return Images(
        name="digits",
        train_images=images[:num_train],
        train_labels=labels[:num_train],
        test_images=images[num_train:],
        test_labels=labels[num_train:],
        class_names=tuple(str(k) for k in range(10)),
    )


def _digits_table() -> np.ndarray:
    """scikit-learn's 1,797 digits: float64 (1797, 65), a row the 64 pixels, 0 to 16, and the class."""
    package = importlib.util.find_spec("sklearn")  # which does not import it
    if package is not None and package.origin is not None:
        file = Path(package.origin).with_name("datasets") / DIGITS_FILE
        if file.is_file():
            return np.loadtxt(file, delimiter=",", encoding="utf-8")
    from sklearn.datasets import load_digits  # takes 0.7 s to import

    bunch: Any = load_digits()
    return np.column_stack([bunch.data, bunch.target])


def _own(name: str, read: OwnPictures, report: Callable[[str], None]) -> Images:
    for note in read.notes:
        report(note)
    validation_images, validation_labels = read.validation or (None, None)
    return Images(
        name=name,
        train_images=read.train[0],
        train_labels=read.train[1],
        test_images=read.test[0],
        test_labels=read.test[1],
        class_names=read.class_names,
        validation_images=validation_images,
        validation_labels=validation_labels,
        notes=read.notes,
        levels=read.levels,
        fingerprint=read.fingerprint,
    )


def _cifar10(folder: Path) -> Images:
    """The published binary version: 3,073 bytes a picture, its label and then its three planes."""
    rows = []
    for where, batch in _cifar10_batches(folder):
        if not batch or len(batch) % CIFAR10_BYTES:
            raise DataError(
                f"{where} is not CIFAR-10's binary version: a batch has the wrong length"
            )
        row = np.frombuffer(batch, np.uint8).reshape(-1, CIFAR10_BYTES)
        if row[:, 0].max() >= len(CIFAR10_CLASSES):
            raise DataError(
                f"{where} is not CIFAR-10's binary version: it has the label {row[:, 0].max()}"
            )
        rows.append(row)
    train, test = (torch.from_numpy(part) for part in (np.concatenate(rows[:-1]), rows[-1].copy()))
    return Images(
        name="cifar10",
        train_images=train[:, 1:].reshape(-1, 3, 32, 32),
        train_labels=train[:, 0].long(),
        test_images=test[:, 1:].reshape(-1, 3, 32, 32),
        test_labels=test[:, 0].long(),
        class_names=CIFAR10_CLASSES,
    )


def _cifar10_batches(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Each batch and the file that holds it, from the archive or what it unpacks to."""
    files = fetch.files_in(folder, "cifar10")
    if not files:
        raise DataError(f"{folder} lost a file while the data was being loaded")
    if len(files) > 1:
        for path in files.values():
            yield path, read_bytes(path)
        return
    ((file, path),) = files.items()
    content = io.BytesIO(_checked("cifar10", file, path))
    try:
        with tarfile.open(fileobj=content) as archive:
            for name in fetch.SOURCES["cifar10"].unpacked:
                stream = archive.extractfile(name)
                yield path, stream.read() if stream else b""
    except (KeyError, tarfile.TarError) as error:
        raise DataError(f"{path} is not CIFAR-10's binary version: {error}") from error


def _checked(name: str, file: str, path: Path) -> bytes:
    try:
        return fetch.check_content(name, file, path)
    except DataError as error:
        raise DataError(f"{error}; delete it, then run: torchcamp data fetch {name}") from error
