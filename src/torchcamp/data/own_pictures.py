"""The user's own pictures: a folder, an archive, or arrays in an .npz file."""

import hashlib
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from torchcamp.base.errors import DataError
from torchcamp.data.decoding import Decoding, survey
from torchcamp.data.layout import Labelled, layout_of
from torchcamp.data.picture_cache import DecodedPictures, decoded
from torchcamp.data.picture_files import list_files

SPLIT_SEED = 0
TEST_SHARE = 6  # one picture in six is kept for testing
NUM_CLASSES_LISTED = 8
VERY_DIFFERENT = 5  # the largest class in multiples of the smallest
MOSTLY_CONSTANT = 0.5  # share of the pixels that never change


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
    given = any(each.part for each in layout.pictures)
    parts = _given_parts(layout.pictures) if given else _split(layout.pictures, str(path))
    pictures = [*parts["train"], *parts["val"], *parts["test"]]
    files = [each.file for each in pictures]
    decoding = survey(
        files, size=options.size, colour=options.colour, background=options.background
    )
    read = decoded(files, decoding, report=report, skip_unreadable=options.skip_unreadable)
    labels = torch.tensor([class_names.index(pictures[i].class_name) for i in read.kept])
    first = len(parts["train"])
    ends = [
        sum(i < first for i in read.kept),
        sum(i < first + len(parts["val"]) for i in read.kept),
        len(read.kept),
    ]
    slices = [slice(0, ends[0]), slice(ends[0], ends[1]), slice(ends[1], ends[2])]
    train, validation, test = ((read.images[part], labels[part]) for part in slices)
    if not len(train[1]) or not len(test[1]):
        raise DataError(
            f"{path} has no readable pictures for {'testing' if len(train[1]) else 'training'}"
        )
    summary = _summary(class_names, labels, read.images, len(test[1]), len(validation[1]), given)
    names = [files[i].name for i in read.kept]
    notes = [
        summary,
        *layout.notes,
        *_suspicions(class_names, labels),
        *_about(read, names, slices),
    ]
    digest = hashlib.sha256()
    for part in slices:
        digest.update("".join(read.digests[part]).encode() + labels[part].numpy().tobytes())
    return OwnPictures(
        train=train,
        validation=validation if len(validation[1]) else None,
        test=test,
        class_names=class_names,
        notes=tuple(notes),
        levels=(decoding.low, decoding.high),
        fingerprint=digest.hexdigest(),
    )


def read_array(path: Path) -> OwnPictures:
    """Read `images`, `labels` and, where they are there, `test_images`, `test_labels`, `class_names`.

    Images are (N, H, W), (N, H, W, C) or (N, C, H, W) with C = 1 or 3, `uint8` or numbers in [0, 1];
    labels are whole numbers or names.

    Raises:
        DataError: not such a file.
    """
    arrays = _arrays(path)
    names = [str(name) for name in arrays["class_names"]] if "class_names" in arrays else None
    sets = [("images", "labels")]
    if "test_images" in arrays or "test_labels" in arrays:
        sets.append(("test_images", "test_labels"))
    for image_key, label_key in sets:
        for key in (image_key, label_key):
            if key not in arrays:
                raise DataError(f"{path} has no array {key!r}; it has {', '.join(sorted(arrays))}")
        if len(arrays[image_key]) != len(arrays[label_key]):
            raise DataError(
                f"{path} has {len(arrays[image_key]):,} {image_key} but "
                f"{len(arrays[label_key]):,} {label_key}"
            )
    all_labels = np.concatenate([np.asarray(arrays[key]).ravel() for _, key in sets])
    if names is None:
        kinds = np.unique(all_labels)
        if all_labels.dtype.kind in "iub" and len(kinds) and kinds.min() >= 0:
            kinds = np.arange(int(kinds.max()) + 1)
        names = [str(kind) for kind in kinds]
    images = [_as_pictures(arrays[key], path, key) for key, _ in sets]
    labels = [_as_labels(np.asarray(arrays[key]).ravel(), names, path, key) for _, key in sets]
    if len(images) == 2:
        if images[0].shape[1:] != images[1].shape[1:]:
            raise DataError(f"{path}: images and test_images have different shapes")
        train, test = (images[0], labels[0]), (images[1], labels[1])
    else:
        order, num_test = _split_labels(labels[0], str(path))
        test_index, train_index = order[:num_test], order[num_test:]
        train = (images[0][train_index], labels[0][train_index])
        test = (images[0][test_index], labels[0][test_index])
    together = torch.cat([train[1], test[1]])
    summary = _summary(names, together, train[0], len(test[1]), 0, len(images) == 2)
    digest = hashlib.sha256()
    for tensor in (*train, *test):
        digest.update(tensor.numpy().tobytes())
    return OwnPictures(
        train=train,
        validation=None,
        test=test,
        class_names=tuple(names),
        notes=(summary, *_suspicions(names, together)),
        levels=(Decoding.low, Decoding.high),
        fingerprint=digest.hexdigest(),
    )


# --- Parts -----------------------------------------------------------------------------


def _given_parts(pictures: Sequence[Labelled]) -> dict[str, list[Labelled]]:
    parts: dict[str, list[Labelled]] = {"train": [], "val": [], "test": []}
    for each in pictures:
        parts[each.part].append(each)
    return {part: _shuffled(inside) for part, inside in parts.items()}


def _split(pictures: Sequence[Labelled], name: str) -> dict[str, list[Labelled]]:
    names = sorted({each.class_name for each in pictures})
    labels = torch.tensor([names.index(each.class_name) for each in pictures])
    order, num_test = _split_labels(labels, name)
    index = order.tolist()
    return {
        "train": [pictures[i] for i in index[num_test:]],
        "val": [],
        "test": [pictures[i] for i in index[:num_test]],
    }


def _split_labels(labels: Tensor, name: str) -> tuple[Tensor, int]:
    """An order of the items, and how many at its beginning are for testing.

    A sixth of every class is, but at least one where a class has two. The same for every seed of a
    training: all of them are tested on the same pictures.
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
    return torch.cat([tests, trains]), len(tests)


def _shuffled(pictures: Sequence[Labelled]) -> list[Labelled]:
    rng = torch.Generator().manual_seed(SPLIT_SEED)
    return [pictures[i] for i in torch.randperm(len(pictures), generator=rng).tolist()]


# --- Arrays ----------------------------------------------------------------------------


def _arrays(path: Path) -> dict[str, np.ndarray]:
    if not path.is_file():
        raise DataError(f"{path} does not exist; array: takes an .npz file")
    try:
        content = np.load(path, allow_pickle=False)
        if isinstance(content, np.ndarray):
            raise DataError(f"{path} holds a single array; array: takes an .npz file with names")
        with content:
            return {name: content[name] for name in content.files}
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        reason = "it holds Python objects" if "pickle" in str(error) else str(error)
        raise DataError(f"cannot read {path}: {reason}; save it with numpy.savez") from error


def _as_pictures(array: np.ndarray, path: Path, key: str) -> Tensor:
    if array.ndim == 3:
        array = array[:, None]
    elif array.ndim == 4 and array.shape[3] in (1, 3) and array.shape[1] not in (1, 3):
        array = array.transpose(0, 3, 1, 2)
    if array.ndim != 4 or array.shape[1] not in (1, 3) or not len(array):
        raise DataError(
            f"{path}: {key} has shape {array.shape}; expected (N, H, W), (N, H, W, 3) or (N, 3, H, W)"
        )
    if array.dtype.kind == "f":
        if not np.isfinite(array).all() or array.min() < 0 or array.max() > 1:
            raise DataError(f"{path}: {key} are floats outside [0, 1]; scale them, or save uint8")
        array = (array * 255).round()
    elif array.dtype != np.uint8 and (array.min() < 0 or array.max() > 255):
        raise DataError(f"{path}: {key} must lie in 0 to 255")
    return torch.from_numpy(np.ascontiguousarray(array.astype(np.uint8)))


def _as_labels(array: np.ndarray, names: Sequence[str], path: Path, key: str) -> Tensor:
    if array.dtype.kind in "iub":
        if len(array) and not 0 <= int(array.min()) <= int(array.max()) < len(names):
            raise DataError(
                f"{path}: {key} lie in {array.min()} to {array.max()}, but there are {len(names)} classes"
            )
        return torch.from_numpy(array.astype(np.int64))
    index = {name: number for number, name in enumerate(names)}
    unknown = sorted({str(each) for each in array} - index.keys())
    if unknown:
        raise DataError(f"{path}: {key} has {unknown[0]!r}, which class_names lacks")
    return torch.tensor([index[str(each)] for each in array], dtype=torch.int64)


# --- Notes -----------------------------------------------------------------------------


def _summary(
    class_names: Sequence[str],
    labels: Tensor,
    images: Tensor,
    num_test: int,
    num_validation: int,
    given: bool,
) -> str:
    """`2,400 pictures in 5 classes (roses 641, ...), colour, 64x64, 400 kept for testing`"""
    counts = labels.bincount(minlength=len(class_names)).tolist()
    listed = ", ".join(
        f"{name} {count:,}"
        for name, count in list(zip(class_names, counts, strict=True))[:NUM_CLASSES_LISTED]
    )
    if len(class_names) > NUM_CLASSES_LISTED:
        listed += f" and {len(class_names) - NUM_CLASSES_LISTED} more"
    channels, height, width = images.shape[1:]
    classes = "class" if len(class_names) == 1 else "classes"
    validation = f", {num_validation:,} for validation" if num_validation else ""
    return (
        f"{len(labels):,} pictures in {len(class_names)} {classes} ({listed}), "
        f"{'grey' if channels == 1 else 'colour'}, {height}x{width}{validation}, {num_test:,} "
        f"{'for' if given else 'kept for'} testing"
    )


def _suspicions(class_names: Sequence[str], labels: Tensor) -> list[str]:
    totals = labels.bincount(minlength=len(class_names)).tolist()
    counts = Counter(dict(zip(class_names, totals, strict=True)))
    notes = []
    single = [name for name, count in counts.items() if count == 1]
    if single and len(class_names) > 1:
        shown = ", ".join(single[:3]) + (f" and {len(single) - 3} more" if len(single) > 3 else "")
        notes.append(f"only one picture of {shown}: it cannot be both learned and tested")
    (largest, most), (smallest, least) = counts.most_common(1)[0], counts.most_common()[-1]
    if least and most > VERY_DIFFERENT * least and least > 1:
        notes.append(
            f"the classes differ in size ({largest} {most:,}, {smallest} {least:,}): --set balance=true "
            "draws them equally often, and balanced accuracy tells more than accuracy"
        )
    return notes


def _about(read: DecodedPictures, names: Sequence[str], slices: Sequence[slice]) -> list[str]:
    notes = []
    if read.unreadable:
        count = len(read.unreadable)
        notes.append(
            f"{count:,} unreadable picture{'' if count == 1 else 's'} left out, such as "
            f"{read.unreadable[0][0]} ({read.unreadable[0][1]})"
        )
    trained = dict(zip(read.digests[slices[0]], names, strict=False))
    test_names = names[slices[2]]
    twice = [
        (trained[digest], name)
        for digest, name in zip(read.digests[slices[2]], test_names, strict=True)
        if digest in trained
    ]
    if twice:
        notes.append(
            f"{len(twice):,} of {len(test_names):,} test pictures {'is' if len(twice) == 1 else 'are'} also "
            f"in the training set (such as {twice[0][1]}, the same as {twice[0][0]}): they make the "
            "accuracy look better than it is"
        )
    if read.blank:
        notes.append(
            f"{read.blank:,} picture{' has' if read.blank == 1 else 's have'} a single colour throughout"
        )
    if read.constant_share > MOSTLY_CONSTANT and len(read.kept) > 2:
        notes.append(
            f"{100 * read.constant_share:.0f} % of the pixels are the same in every picture"
        )
    return notes
