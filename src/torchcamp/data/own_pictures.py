"""The user's own pictures in a folder or an archive; see `array_file` for those in arrays."""

import hashlib
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from torchcamp.base.errors import DataError
from torchcamp.data.decoding import conversions, survey
from torchcamp.data.layout import Labelled, layout_of
from torchcamp.data.noticed import Part, about_classes, about_pictures, about_unreadable, summary
from torchcamp.data.picture_cache import decoded
from torchcamp.data.picture_files import list_files

SPLIT_SEED = 0
TEST_SHARE = 6  # one picture in six is kept for testing


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
class OwnPictures:
    """What was read. `train`, `validation` and `test` are images (N, C, H, W) uint8 and labels (N,).

    levels: the values of deep pictures that became 0 and 255.
    fingerprint: a hash of all pixels and labels.
    """

    train: tuple[Tensor, Tensor]
    validation: tuple[Tensor, Tensor] | None
    test: tuple[Tensor, Tensor]
    class_names: tuple[str, ...]
    notes: tuple[str, ...]
    levels: tuple[float, float]
    fingerprint: str


def read_folder(path: Path, options: PictureOptions, report: Callable[[str], None]) -> OwnPictures:
    """Read the pictures of a folder or an archive; see `layout` for the forms it may have.

    Raises:
        DataError: nothing usable is there, or some pictures cannot be read.
    """
    layout = layout_of(list_files(path, report), str(path), options.class_folders)
    class_names = tuple(sorted({each.class_name for each in layout.pictures}))
    number_of = {name: number for number, name in enumerate(class_names)}
    all_labels = torch.tensor([number_of[each.class_name] for each in layout.pictures])
    given = any(each.part for each in layout.pictures)
    orders = _given_parts(layout.pictures) if given else split_by_class(all_labels, str(path))
    order = torch.cat(orders).tolist()
    files = [layout.pictures[i].file for i in order]
    decoding = survey(
        files, size=options.size, colour=options.colour, background=options.background
    )
    read = decoded(files, decoding, report=report, skip_unreadable=options.skip_unreadable)
    labels = all_labels[[order[i] for i in read.kept]]
    ends = [sum(map(len, orders[:count])) for count in range(4)]
    kept = torch.tensor(read.kept)
    parts = []
    for start, end in itertools.pairwise(ends):
        # `kept` rises, so a part is a slice: of a file, it must not become a copy.
        part = slice(int((kept < start).sum()), int((kept < end).sum()))
        parts.append(
            Part(
                images=read.images[part],
                labels=labels[part],
                digests=read.digests[part],
                names=[files[i].name for i in read.kept[part]],
            )
        )
    train, validation, test = parts
    if not len(train.labels) or not len(test.labels):
        raise DataError(
            f"{path} has no readable pictures for {'testing' if len(train.labels) else 'training'}"
        )
    notes = [
        summary(class_names, parts, given),
        *layout.notes,
        *conversions(files, decoding),
        *about_unreadable(read.unreadable),
        *about_classes(class_names, parts, given),
        *about_pictures(class_names, parts, read.blank, read.constant_share),
    ]
    return OwnPictures(
        train=(train.images, train.labels),
        validation=(validation.images, validation.labels) if len(validation.labels) else None,
        test=(test.images, test.labels),
        class_names=class_names,
        notes=tuple(notes),
        levels=(decoding.low, decoding.high),
        fingerprint=fingerprint_of(parts),
    )


def split_by_class(labels: Tensor, name: str) -> list[Tensor]:
    """The indices (N,) of the training, validation (none) and test items, each in a mixed order.

    A sixth of every class is for testing, but at least one where a class has two. The same for
    every seed of a training: all of them are tested on the same pictures.

    Raises:
        DataError: fewer than two items.
    """
    if len(labels) < 2:
        raise DataError(
            f"{name} holds only one picture; at least two are needed, one of them to test with"
        )
    rng = torch.Generator().manual_seed(SPLIT_SEED)
    test, train = [], []
    for label in range(int(labels.max()) + 1):
        items = (labels == label).nonzero().flatten()
        items = items[torch.randperm(len(items), generator=rng)]
        num_test = max(1, len(items) // TEST_SHARE) if len(items) > 1 else 0
        test.append(items[:num_test])
        train.append(items[num_test:])
    tests, trains = torch.cat(test), torch.cat(train)
    if not len(tests):  # every class has one picture
        tests, trains = trains[:1], trains[1:]
    tests = tests[torch.randperm(len(tests), generator=rng)]
    trains = trains[torch.randperm(len(trains), generator=rng)]
    return [trains, tests[:0], tests]


def fingerprint_of(parts: Sequence[Part]) -> str:
    """A hash of all pixels and labels, in their order."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update("".join(part.digests).encode() + part.labels.numpy().tobytes())
    return digest.hexdigest()


def _given_parts(pictures: Sequence[Labelled]) -> list[Tensor]:
    """The indices of the training, validation and test pictures, each in a mixed order.

    What is held out is the last sixth of the training pictures: it must not be one class.
    """
    orders = []
    for part in ("train", "val", "test"):
        items = torch.tensor([i for i, each in enumerate(pictures) if each.part == part])
        rng = torch.Generator().manual_seed(SPLIT_SEED)
        orders.append(items[torch.randperm(len(items), generator=rng)].long())
    return orders
