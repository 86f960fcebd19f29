"""torchvision's data sets, made up: class-dependent patterns with noise, in the right shapes.

Losses can fall on them. What depends on the data itself (order, ranges, overlap) is not judged.
"""

import os
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch.utils.data import Dataset

# The last batch is as long as the real set's for batches of 16, 20, 32, 50, 64, 100 and 128: 60,000,
# 50,000 and 10,000 leave these rests when divided by 3,200.
SIZES = {"MNIST": 2400, "CIFAR": 2000, "train": 1600, "test": 400}
MNIST_CLASSES = [str(digit) for digit in range(10)]
CIFAR_CLASSES = [
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
]  # fmt: skip
# Name -> shape, classes, form of `.data`.
KNOWN: dict[str, tuple[tuple[int, int, int], list[str], str]] = {
    "MNIST": ((1, 28, 28), MNIST_CLASSES, "grey"),
    "FashionMNIST": ((1, 28, 28), MNIST_CLASSES, "grey"),
    "KMNIST": ((1, 28, 28), MNIST_CLASSES, "grey"),
    "QMNIST": ((1, 28, 28), MNIST_CLASSES, "grey"),
    "EMNIST": ((1, 28, 28), [str(n) for n in range(47)], "grey"),
    "USPS": ((1, 16, 16), MNIST_CLASSES, "grey"),
    "CIFAR10": ((3, 32, 32), CIFAR_CLASSES, "last"),
    "CIFAR100": ((3, 32, 32), [str(n) for n in range(100)], "last"),
    "SVHN": ((3, 32, 32), MNIST_CLASSES, "first"),
    "STL10": ((3, 96, 96), CIFAR_CLASSES, "first"),
    "ImageFolder": ((3, 64, 64), ["first", "second"], "files"),
    "DatasetFolder": ((3, 64, 64), ["first", "second"], "files"),
    "FakeData": ((3, 224, 224), MNIST_CLASSES, "files"),
    "ImageNet": ((3, 224, 224), [str(n) for n in range(1000)], "files"),
    "Imagenette": ((3, 160, 160), MNIST_CLASSES, "files"),
    "CelebA": ((3, 218, 178), [str(n) for n in range(40)], "attributes"),
    "LSUN": ((3, 96, 96), MNIST_CLASSES, "files"),
    "LSUNClass": ((3, 96, 96), MNIST_CLASSES, "files"),
    "Flowers102": ((3, 96, 96), [str(n) for n in range(102)], "files"),
    "Food101": ((3, 96, 96), [str(n) for n in range(101)], "files"),
    "OxfordIIITPet": ((3, 96, 96), [str(n) for n in range(37)], "files"),
    "StanfordCars": ((3, 96, 96), [str(n) for n in range(196)], "files"),
    "GTSRB": ((3, 32, 32), [str(n) for n in range(43)], "files"),
    "Omniglot": ((1, 105, 105), [str(n) for n in range(50)], "files"),
    "Caltech101": ((3, 96, 96), [str(n) for n in range(101)], "files"),
}


class VisionDataset(Dataset[Any]):
    """The base of the made-up data sets, with torchvision's attributes.

    Args:
        root: where the real one would look; an image folder takes its class names from there.
    """

    shape: tuple[int, int, int] = (3, 64, 64)
    names: tuple[str, ...] = ("first", "second")
    form: str = "files"

    def __init__(
        self,
        root: Any = "",
        *args: Any,
        train: bool | None = None,
        split: str | None = None,
        transform: Callable[..., Any] | None = None,
        target_transform: Callable[..., Any] | None = None,
        **kwargs: Any,
    ) -> None:
        if args and isinstance(args[0], bool):
            train, args = args[0], args[1:]
        elif args and isinstance(args[0], str):
            split, args = args[0], args[1:]
        for given in args:
            if callable(given) and transform is None:
                transform = given
        self.root, self.transform, self.target_transform = root, transform, target_transform
        self.transforms = kwargs.get("transforms")
        self.train = train if train is not None else split in (None, "train", "unlabeled", "extra")
        self.split = split or ("train" if self.train else "test")
        self.classes = self._class_names()
        self.class_to_idx = {name: index for index, name in enumerate(self.classes)}
        pixels, labels = _made(
            type(self).__name__, self.shape, len(self.classes), "train" if self.train else "test"
        )
        self._pixels, self._labels = pixels, labels
        if self.form == "grey":
            self.data: Any = torch.from_numpy(pixels[:, 0].copy())
            self.targets: Any = torch.from_numpy(labels.copy())
            self.train_data = self.test_data = self.data  # names of long ago
            self.train_labels = self.test_labels = self.targets
        elif self.form == "last":
            self.data, self.targets = pixels.transpose(0, 2, 3, 1).copy(), labels.tolist()
        elif self.form == "first":
            self.data, self.labels, self.targets = pixels, labels, labels
        else:
            self.targets = labels.tolist()
            self.samples = [(f"{i}.png", label) for i, label in enumerate(self.targets)]
            self.imgs = self.samples

    def _class_names(self) -> list[str]:
        if (
            self.form == "files"
            and isinstance(self.root, str | os.PathLike)
            and os.path.isdir(self.root)
        ):
            found = sorted(each.name for each in os.scandir(self.root) if each.is_dir())
            if found:
                return found
        return list(self.names)

    def __len__(self) -> int:
        return len(self._labels)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        pixels = self._pixels[index]
        if self.form == "grey":
            pixels = self.data[index].numpy()[None]
        elif self.form == "last":
            pixels = np.asarray(self.data[index]).transpose(2, 0, 1)
        picture: Any = Image.fromarray(
            pixels[0] if len(pixels) == 1 else pixels.transpose(1, 2, 0).copy()
        )
        target: Any = int(self.targets[index])
        if self.form == "attributes":
            target = (torch.arange(len(self.classes)) == target).long()
        if self.transforms is not None:
            return self.transforms(picture, target)
        if self.transform is not None:
            picture = self.transform(picture)
        if self.target_transform is not None:
            target = self.target_transform(target)
        return picture, target

    def extra_repr(self) -> str:
        return ""


def _made(
    name: str, shape: tuple[int, int, int], num_classes: int, part: str
) -> tuple[np.ndarray, np.ndarray]:
    """Pictures (N, C, H, W) in uint8 and labels (N,), the same each time; no global generator is used."""
    channels, height, width = shape
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    coarse = rng.uniform(0, 255, (num_classes, channels, 7, 7))
    rows, columns = np.arange(height) * 7 // height, np.arange(width) * 7 // width
    patterns = coarse[:, :, rows][:, :, :, columns]
    rng = np.random.default_rng(zlib.crc32(f"{name} {part}".encode()))
    family = next((each for each in ("MNIST", "CIFAR") if each in name and part == "train"), part)
    number = SIZES[family] if height < 200 else SIZES[family] // 8
    labels = rng.integers(num_classes, size=number)
    pixels = 0.6 * patterns[labels] + rng.uniform(0, 100, (number, channels, height, width))
    return np.clip(pixels, 0, 255).astype(np.uint8), labels.astype(np.int64)


def data_sets(note: Callable[[str], None]) -> dict[str, type[VisionDataset]]:
    """A class for each known name.

    Args:
        note: is told when one of them is used.
    """

    def make(name: str) -> type[VisionDataset]:
        shape, names, form = KNOWN[name]

        def __init__(self: VisionDataset, *args: Any, **kwargs: Any) -> None:
            VisionDataset.__init__(self, *args, **kwargs)
            _, height, width = self.shape
            note(f"{name}: {len(self):,} made-up pictures of {height}x{width}")

        return type(
            name,
            (VisionDataset,),
            {
                "__init__": __init__, "shape": shape, "names": tuple(names), "form": form,
                "__module__": "torchvision.datasets",
            },
        )  # fmt: skip

    return {name: make(name) for name in KNOWN} | {"VisionDataset": VisionDataset}
