"""The user's own pictures as arrays in an .npz file, so that any program can hand data over.

images         (N, H, W), (N, H, W, 1 or 3) or (N, 1 or 3, H, W), uint8 or floats in [0, 1]
labels         (N,) whole numbers or names
test_images    optional, as are
test_labels
class_names    in order of the labels, where these are numbers
"""

import hashlib
import itertools
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from torchcamp.base.archives import Refused, open_zip
from torchcamp.base.errors import DataError
from torchcamp.base.files import require_regular
from torchcamp.base.memory import memory_bytes, size
from torchcamp.data.decoding import Decoding
from torchcamp.data.noticed import Part, about_classes, about_pictures, summary
from torchcamp.data.own_pictures import OwnPictures, fingerprint_of, split_by_class
from torchcamp.data.picture_files import shown

DARK = 1  # the largest value of pictures that somebody forgot to scale
AT_ONCE = 1000  # pictures
MOST_ARRAYS = 1000  # of one file


def read_array(path: Path) -> OwnPictures:
    """Read the arrays of an .npz file.

    Raises:
        DataError: not such a file, or arrays that do not fit together.
        OSError: it is a pipe or a device.
    """
    arrays = _arrays(path)
    sets = [("images", "labels")]
    if "test_images" in arrays or "test_labels" in arrays:
        sets.append(("test_images", "test_labels"))
    for keys in sets:
        for key in keys:
            if key not in arrays:
                raise DataError(f"{path} has no array {key!r}; it has {', '.join(sorted(arrays))}")
    images = [_as_pictures(arrays[key], path, key) for key, _ in sets]
    values = [_as_values(arrays[key], path, key) for _, key in sets]
    for (image_key, label_key), pictures, array in zip(sets, images, values, strict=True):
        if len(pictures) != len(array):
            raise DataError(
                f"{path} has {len(pictures):,} {image_key} but {len(array):,} {label_key}"
            )
    given = len(sets) == 2
    names, labels = _as_labels(arrays.get("class_names"), values, path)
    if given:
        _require_same_set(images, labels, names, path)
    else:
        train, _, test = split_by_class(labels[0], str(path))
        images = [images[0][train], images[0][test]]
        labels = [labels[0][train], labels[0][test]]
    # Names that say where a picture is, in a note on it.
    parts = [
        _part(pictures, labels, key)
        for pictures, labels, key in zip(images, labels, ("training", "test"), strict=True)
    ]
    parts.insert(1, _part(images[0][:0], labels[0][:0], "validation"))
    notes = [
        summary(names, parts, given),
        *_about_dark(images),
        *about_classes(names, parts, given),
        *about_pictures(names, parts, *_sameness(images)),
    ]
    return OwnPictures(
        train=(images[0], labels[0]),
        validation=None,
        test=(images[1], labels[1]),
        class_names=tuple(names),
        notes=tuple(notes),
        levels=(Decoding.low, Decoding.high),
        fingerprint=fingerprint_of(parts),
    )


def _arrays(path: Path) -> dict[str, np.ndarray]:
    if not path.exists() or path.is_dir():
        raise DataError(f"{path} does not exist; array: takes an .npz file")
    require_regular(path)
    try:
        with path.open("rb") as stream:  # numpy would leave a damaged file open
            if stream.read(2) == b"PK":
                with open_zip(path, MOST_ARRAYS) as archive:
                    num_bytes = sum(info.file_size for info in archive.infolist())
                if num_bytes > memory_bytes():
                    raise DataError(
                        f"{path} holds {size(num_bytes)}; this machine has {size(memory_bytes())}"
                    )
            stream.seek(0)
            content = np.load(stream, allow_pickle=False)
            if isinstance(content, np.ndarray):
                raise DataError(
                    f"{path} holds a single array; array: takes an .npz file with names"
                )
            return {name: content[name] for name in content.files}
    except Refused as refused:
        raise DataError(f"{path} {refused}; save it with numpy.savez") from refused
    except (
        ValueError, OSError, EOFError, RuntimeError, MemoryError, zlib.error, zipfile.BadZipFile,
    ) as error:  # fmt: skip
        # What numpy says of a file that is none of its own is advice to unpickle it.
        reason = str(error) or type(error).__name__
        if "Object arrays" in reason:
            reason = "it holds Python objects"
        elif "pickle" in reason:
            reason = "it is not an .npz file"
        raise DataError(f"cannot read {path}: {reason}; save it with numpy.savez") from error


def _as_pictures(array: np.ndarray, path: Path, key: str) -> Tensor:
    """The pictures as (N, C, H, W) uint8."""
    shape = array.shape
    if array.ndim == 3:
        array = array[:, None]
    elif array.ndim == 4 and shape[3] in (1, 3) and shape[1] not in (1, 3):
        array = array.transpose(0, 3, 1, 2)
    if array.ndim != 4 or array.shape[1] not in (1, 3) or 0 in shape:
        raise DataError(
            f"{path}: {key} has shape {shape}; expected (N, H, W), (N, H, W, 3) or (N, 3, H, W)"
        )
    if array.dtype.kind not in "biuf":
        raise DataError(f"{path}: {key} has values of type {array.dtype}; expected uint8 or floats")
    if array.dtype.kind == "f":
        # nan fails both comparisons
        if not (array.min() >= 0 and array.max() <= 1):
            raise DataError(f"{path}: {key} are floats outside [0, 1]; scale them, or save uint8")
    elif array.dtype.kind != "b" and (array.min() < 0 or array.max() > 255):
        raise DataError(f"{path}: {key} must lie in 0 to 255")
    pictures = np.empty(array.shape, np.uint8)
    for start in range(0, len(array), AT_ONCE):
        some = array[start : start + AT_ONCE]
        if array.dtype.kind in "bf":
            some = (some * np.float32(255)).round()
        pictures[start : start + AT_ONCE] = some
    return torch.from_numpy(pictures)


def _as_values(array: np.ndarray, path: Path, key: str) -> np.ndarray:
    """The labels (N,), as whole numbers or as text."""
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise DataError(
            f"{path}: {key} has shape {array.shape}; expected (N,), one number or name per picture"
        )
    if array.dtype.kind == "f" and np.isfinite(array).all() and (array == array.round()).all():
        array = array.astype(np.int64)
    if array.dtype.kind in "biu":
        return array.astype(np.int64)
    if array.dtype.kind == "S":
        array = np.char.decode(array, "utf-8", "backslashreplace")
    if array.dtype.kind != "U":
        raise DataError(f"{path}: {key} are neither whole numbers nor names, but {array.dtype}")
    return array


def _as_labels(
    class_names: np.ndarray | None, values: Sequence[np.ndarray], path: Path
) -> tuple[list[str], list[Tensor]]:
    """Class names, and what each of `values` (N,) is as indices into them."""
    everything = np.concatenate([array.astype(np.str_) for array in values])
    are_numbers = all(array.dtype.kind == "i" for array in values)
    if class_names is not None:
        names = [shown(str(name)) for name in _as_values(class_names, path, "class_names")]
        if len(set(names)) < len(names):
            raise DataError(f"{path}: class_names has a name twice")
        known = np.array([str(number) for number in range(len(names))] if are_numbers else names)
    elif are_numbers:
        numbers = np.unique(np.concatenate(values))
        if numbers[0] >= 0 and numbers[-1] < len(everything):
            numbers = np.arange(numbers[-1] + 1)  # one that is missing has its place
        known = numbers.astype(np.str_)
        names = known.tolist()
    else:
        known = np.unique(everything)
        names = [shown(name) for name in known.tolist()]
    number_of = {name: number for number, name in enumerate(known.tolist())}
    unknown = [value for value in dict.fromkeys(everything.tolist()) if value not in number_of]
    if unknown:
        what = f"the label {unknown[0]}" if are_numbers else f"the label {unknown[0]!r}"
        raise DataError(f"{path} has {what}, which is not one of its {len(names)} class_names")
    return names, [
        torch.tensor([number_of[value] for value in array.astype(np.str_).tolist()])
        for array in values
    ]


def _require_same_set(
    images: Sequence[Tensor], labels: Sequence[Tensor], names: Sequence[str], path: Path
) -> None:
    if images[0].shape[1:] != images[1].shape[1:]:
        shapes = " and ".join(str(tuple(pictures.shape[1:])) for pictures in images)
        raise DataError(f"{path}: images and test_images have different shapes: {shapes}")
    unknown = sorted(set(labels[1].tolist()) - set(labels[0].tolist()))
    if unknown:
        raise DataError(
            f"{path} has a class missing from its training labels: {names[unknown[0]]!r}; add pictures to "
            "learn from, or remove it"
        )


def _part(images: Tensor, labels: Tensor, name: str) -> Part:
    return Part(
        images=images,
        labels=labels,
        digests=[
            hashlib.blake2b(picture.tobytes(), digest_size=16).hexdigest()
            for picture in images.numpy()
        ],
        names=[f"{name} picture {number}" for number in range(len(images))],
    )


def _about_dark(images: Sequence[Tensor]) -> list[str]:
    largest = max(int(pictures.max()) for pictures in images)
    if largest > DARK:
        return []
    return [
        f"the largest value of all pixels is {largest} of 255, so all pictures are black: multiply "
        "images by 255, or save them as floats"
    ]


def _sameness(images: Sequence[Tensor]) -> tuple[int, float]:
    """How many pictures have a single colour, and the share of pixels that never change."""
    first, blank = images[0][:1], 0
    constant = torch.ones_like(first[0], dtype=torch.bool)
    for some in itertools.chain(*(part.split(AT_ONCE) for part in images)):
        blank += int((some == some[:, :, :1, :1]).flatten(1).all(dim=1).sum())
        constant &= (some == first).all(dim=0)
    return blank, constant.float().mean().item()
