"""Image data sets as two pairs of tensors: `uint8` pictures and their labels.

    mnist, fashion   the published IDX files (see `fetch`)
    digits           scikit-learn's 1,797 scans of 8x8 pixels, enlarged; needs no download
    folder:DIR       one sub-folder of pictures per class
    idx:DIR          four IDX files, named as MNIST's
    auto             mnist if it is on this machine or can be fetched, else digits

MNIST is only 47 MB: the whole set lives on the device, and a batch is an index into it.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from torchcamp.base import notebook
from torchcamp.base.errors import DataError, suggest
from torchcamp.data import fetch
from torchcamp.data.idx import parse_idx, read_bytes
from torchcamp.data.labelled import LabelledPictures, examples_html

IMAGE_SIZE = 28  # pixels per side
NUM_TEST_DIGITS = 360  # the last images of `digits` are its test set
TRAIN_BITS_SEED = 2026  # for binarising the training images, once
TEST_BITS_SEED = 2027  # for binarising the test images, once and the same for every model
FASHION_CLASSES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
    "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip
HASHED_AT_ONCE = 10_000  # images
PICTURE_SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm"}


@dataclass(frozen=True, kw_only=True)
class PictureOptions:
    """How the user's own pictures become pixels; published sets have their own size and colour.

    size: `auto` (from the pictures), `64`, or `48x64` (height x width).
    colour: `auto` (colour if the pictures have any), `rgb` or `grey`.
    background: what transparent pixels become, `white` or `black`.
    skip_unreadable: leave unreadable pictures out instead of refusing the set.
    class_folders: where folders are nested, whether the `top` or the `leaf` folder is the class.
    """

    size: str = "auto"
    colour: str = "auto"
    background: str = "white"
    skip_unreadable: bool = False
    class_folders: str = "auto"


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
        )

    def holding_out(self) -> "Images":
        """The validation images, or the last sixth of the training images, as the test set.

        Hyper-parameters are chosen on this split; the real test images are not in it.
        """
        if self.validation_images is not None and self.validation_labels is not None:
            return replace(
                self, test_images=self.validation_images, test_labels=self.validation_labels
            )
        num_kept = len(self.train_labels) * 5 // 6
        return replace(
            self,
            train_images=self.train_images[:num_kept],
            train_labels=self.train_labels[:num_kept],
            test_images=self.train_images[num_kept:],
            test_labels=self.train_labels[num_kept:],
        )

    def first(self, count: int) -> "Images":
        """The first `count` test images and twice as many training images."""
        return replace(
            self,
            train_images=self.train_images[: 2 * count],
            train_labels=self.train_labels[: 2 * count],
            test_images=self.test_images[:count],
            test_labels=self.test_labels[:count],
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
        )


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
    options: PictureOptions = PictureOptions(),
) -> Images:
    """Load the data set `name`, fetching it first where it must come from a mirror.

    Args:
        name: `mnist`, `fashion`, `digits`, `folder:DIR`, `idx:DIR` or `auto`.
        report: called with a one-line message when something is fetched or chosen.
        options: how the user's own pictures are read.

    Raises:
        DataError: unknown name, or data that is missing, damaged or unusable.
    """
    name = resolve_auto(name, report)
    kind, _, directory = name.partition(":")
    if kind in fetch.SOURCES and not directory:
        folder = fetch.locate(kind) or fetch.fetch(kind, report)
        return _published(kind, folder)
    if name == "digits":
        return _digits()
    if kind == "folder" and directory:
        return _folder(name, Path(directory).expanduser())
    if kind == "idx" and directory:
        return _idx(name, Path(directory).expanduser())
    hint = suggest(name, ("mnist", "fashion", "digits", "folder:DIR", "idx:DIR", "auto"))
    raise DataError(f"unknown data set {name!r}. {hint}")


def require_classes(images: Images) -> None:
    """Reject a data set that a classifier cannot learn from.

    Raises:
        DataError: fewer than two classes.
    """
    if images.num_classes < 2:
        raise DataError(
            f"{images.name} has only one class ({images.class_names[0]!r}); a classifier needs at "
            "least two"
        )


def _bits(images: Tensor, seed: int) -> Tensor:
    noise = torch.rand(images.shape, generator=torch.Generator().manual_seed(seed))
    return (noise.to(images.device) < images.float() / 255).to(torch.uint8) * 255


def _published(name: str, folder: Path) -> Images:
    contents = []
    for file in fetch.FILES:
        path = fetch.find_file(folder, file)
        if path is None:
            raise DataError(f"{folder / file} disappeared while the data was being loaded")
        try:
            contents.append((str(path), fetch.check_content(name, file, path)))
        except DataError as error:
            raise DataError(f"{error}; delete it, then run: torchcamp data fetch {name}") from error
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
    from sklearn.datasets import load_digits  # takes a second to import

    bunch = load_digits()
    small = torch.from_numpy(bunch.images).float().unsqueeze(1) / 16  # type: ignore[attr-defined]
    labels = torch.from_numpy(bunch.target).long()  # type: ignore[attr-defined]
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


def _folder(name: str, folder: Path) -> Images:
    if not folder.is_dir():
        raise DataError(f"{folder} is not a folder; folder:DIR needs one sub-folder per class")
    if (folder / "train").is_dir() and (folder / "test").is_dir():
        class_names = _class_folders(folder / "train")
        extra = set(_class_folders(folder / "test")) - set(class_names)
        if extra:
            raise DataError(f"{folder}/test has a class missing from train/: {min(extra)!r}")
        train_images, train_labels = _pictures(folder / "train", class_names)
        test_images, test_labels = _pictures(folder / "test", class_names)
    else:
        class_names = _class_folders(folder)
        images, labels = _pictures(folder, class_names)
        if len(labels) < 2:
            raise DataError(
                f"{folder} holds only one picture; at least two are needed, one of them to test with"
            )
        order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(0))
        num_test = max(1, len(labels) // 6)
        test_images, test_labels = images[order[:num_test]], labels[order[:num_test]]
        train_images, train_labels = images[order[num_test:]], labels[order[num_test:]]
    return Images(
        name=name,
        train_images=train_images,
        train_labels=train_labels,
        test_images=test_images,
        test_labels=test_labels,
        class_names=class_names,
    )


def _class_folders(folder: Path) -> tuple[str, ...]:
    names = sorted(
        path.name for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")
    )
    if not names:
        raise DataError(f"{folder} has no sub-folders; expected one for each class of pictures")
    return tuple(names)


def _pictures(folder: Path, class_names: tuple[str, ...]) -> tuple[Tensor, Tensor]:
    images, labels = [], []
    for label, class_name in enumerate(class_names):
        if not (folder / class_name).is_dir():
            continue
        for path in sorted((folder / class_name).iterdir()):
            if path.suffix.lower() in PICTURE_SUFFIXES and not path.name.startswith("."):
                images.append(_read_picture(path))
                labels.append(label)
    if not images:
        suffixes = " ".join(sorted(PICTURE_SUFFIXES))
        raise DataError(f"{folder} has no pictures in its sub-folders; expected {suffixes}")
    return torch.from_numpy(np.stack(images)).unsqueeze(1), torch.tensor(labels)


def _read_picture(path: Path) -> np.ndarray:
    """One picture in grey, scaled to fit 28x28 with its aspect ratio kept. (H, W) uint8."""
    from PIL import Image, ImageOps

    try:
        with Image.open(path) as picture:
            upright = ImageOps.exif_transpose(picture)
            grey = ImageOps.pad(upright.convert("L"), (IMAGE_SIZE, IMAGE_SIZE))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise DataError(
            f"cannot read the picture {path}: {error}; repair it or remove it"
        ) from error
    return np.asarray(grey)
