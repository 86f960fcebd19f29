"""Reading a folder of pictures: ours against torchvision's `ImageFolder` in a `DataLoader` of 2 workers.

    python benchmarks/pictures.py [--count 60000] [--pairs 3] [--folder DIR]

An epoch is every picture once, in shuffled batches of 128, as floats in [0, 1]. The first epoch
begins with nothing but the folder: listing it counts, and on our side the survey and the
decoding into an empty cache. Later epochs are timed on what the first one left. Files are in the page
cache on both sides (everything is read once before). Within a pair the two sides take turns;
ratios are taken within a pair, and their median is printed.

Without torchvision on the machine, its dataset is written out below as it is: open with PIL, convert to
RGB, then ToTensor. Without --folder, the photographs of ../shared/data/cifar10.tar.xz are unpacked
into a temporary folder.
"""

import argparse
import os
import statistics
import tarfile
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Subset

from torchcamp.data.augment import to_float
from torchcamp.data.batches import Batches
from torchcamp.data.decoding import survey
from torchcamp.data.picture_cache import decoded
from torchcamp.data.picture_files import list_files

ARCHIVE = Path(__file__).parents[2] / "shared" / "data" / "cifar10.tar.xz"
BATCH_SIZE = 128
FIRST_GOAL, LATER_GOAL = 1.0, 10.0


class WrittenOut(Dataset[tuple[Tensor, int]]):
    """torchvision's ImageFolder with ToTensor."""

    def __init__(self, folder: Path) -> None:
        classes = sorted(entry.name for entry in os.scandir(folder) if entry.is_dir())
        self.samples = [
            (os.path.join(root, name), label)
            for label, class_name in enumerate(classes)
            for root, _, names in sorted(os.walk(folder / class_name))
            for name in sorted(names)
        ]

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        path, label = self.samples[index]
        with open(path, "rb") as stream:
            picture = Image.open(stream).convert("RGB")
        pixels = torch.from_numpy(np.array(picture, np.uint8, copy=True))
        pixels = pixels.view(picture.size[1], picture.size[0], 3).permute(2, 0, 1).contiguous()
        return pixels.to(dtype=torch.get_default_dtype()).div(255), label


def image_folder(folder: Path) -> tuple[str, Dataset[tuple[Tensor, int]]]:
    try:
        from torchvision import datasets, transforms  # pyright: ignore[reportMissingImports]
    except (ImportError, RuntimeError):
        return "ImageFolder written out", WrittenOut(folder)
    return "torchvision's ImageFolder", datasets.ImageFolder(folder, transforms.ToTensor())


def usual(folder: Path, count: int) -> tuple[float, float]:
    """Seconds of the first epoch and of the second."""
    started = time.perf_counter()
    dataset = Subset(image_folder(folder)[1], range(count))
    loader = DataLoader(dataset, batch_size=BATCH_SIZE, shuffle=True, num_workers=2)
    seconds = []
    for _ in range(2):
        seen = sum(len(images) for images, _ in loader)
        assert seen == count
        seconds.append(time.perf_counter() - started)
        started = time.perf_counter()
    return seconds[0], seconds[1]


def ours(folder: Path, count: int) -> tuple[float, float]:
    """Seconds of the first epoch and of the second."""
    with tempfile.TemporaryDirectory() as cache:
        os.environ["XDG_CACHE_HOME"] = cache
        started = time.perf_counter()
        files = list_files(folder, print).pictures[:count]
        read = decoded(files, survey(files, colour="rgb"), report=lambda line: None)
        batches = Batches(read.images, batch_size=BATCH_SIZE, prepare=to_float)
        seconds = []
        for epoch in range(2):
            seen = sum(len(images) for images in batches.epoch(epoch))
            assert seen == count // BATCH_SIZE * BATCH_SIZE
            seconds.append(time.perf_counter() - started)
            started = time.perf_counter()
    return seconds[0], seconds[1]


def compare(folder: Path, count: int, pairs: int) -> None:
    for file in (files := list_files(folder, print).pictures):
        file.read()
    count = min(count, len(files))
    print(
        f"{count:,} pictures, {image_folder(folder)[0]}, {len(os.sched_getaffinity(0))} cores, "
        f"load {os.getloadavg()[0]:.1f} before"
    )
    usual(folder, min(count, 2000))  # a warm-up of both
    ours(folder, min(count, 2000))
    measured = []
    for number in range(pairs):
        sides = {}
        for side in (usual, ours) if number % 2 else (ours, usual):
            sides[side.__name__] = side(folder, count)
        measured.append((sides["usual"], sides["ours"]))
        print(
            f"  pair {number + 1}: usual {sides['usual'][0]:.2f} s, then {sides['usual'][1]:.2f} s; "
            f"ours {sides['ours'][0]:.2f} s, then {sides['ours'][1]:.3f} s",
            flush=True,
        )
    for epoch, (name, goal) in enumerate(
        [("first epoch", FIRST_GOAL), ("later epochs", LATER_GOAL)]
    ):
        ratios = [theirs[epoch] / mine[epoch] for theirs, mine in measured]
        print(
            f"{name}: {statistics.median(ratios):.2f} times as fast as usual "
            f"({min(ratios):.2f} to {max(ratios):.2f}; goal {goal})"
        )
    print(f"load {os.getloadavg()[0]:.1f} after")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=60_000)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="one sub-folder of pictures per class")
    options = parser.parse_args()
    if options.folder:
        compare(options.folder, options.count, options.pairs)
        return
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(ARCHIVE) as archive:
            archive.extractall(folder, filter="data")
        compare(Path(folder), options.count, options.pairs)


if __name__ == "__main__":
    main()
