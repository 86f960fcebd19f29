"""A data set at a glance: what was read, how many pictures each class has, and some of them."""

from collections.abc import Mapping

import torch
from torch import Tensor

from torchcamp.data.images import Images
from torchcamp.evaluation.thumbnails import Thumbnail, thumbnail

DATA_SHEET = "evaluation/data_sheet.html"
NUM_OPEN = 12  # classes shown at once; the others are folded away
OPEN_EXAMPLES, OPEN_SIDE = 8, 64  # pictures of a class, and CSS pixels
FOLDED_EXAMPLES, FOLDED_SIDE = 4, 40
MOST_WITH_EXAMPLES = 100  # classes; those behind them have their counts only


def data_sheet_section(images: Images, split: str = "test") -> Mapping[str, object]:
    """Values for the template: a row for each class, and what was noticed on reading.

    Args:
        images: the data set.
        split: what its test images are: `test`, or `validation` where they were held out of the
            training images.
    """
    parts = {"training": images.train_labels}
    if images.validation_labels is not None:
        parts["validation"] = images.validation_labels
    parts[split] = images.test_labels
    counts = {
        name: labels.bincount(minlength=images.num_classes).tolist()
        for name, labels in parts.items()
    }
    most = max(1, *(max(column) for column in counts.values()))
    train_labels = images.train_labels.cpu()
    rows = []
    for label, name in enumerate(images.class_names):
        number, side = (
            (OPEN_EXAMPLES, OPEN_SIDE) if label < NUM_OPEN else (FOLDED_EXAMPLES, FOLDED_SIDE)
        )
        rows.append(
            {
                "name": name,
                "counts": [(column[label], column[label] / most) for column in counts.values()],
                "examples": _examples(
                    images.train_images,
                    (train_labels == label).nonzero().flatten(),
                    number if label < MOST_WITH_EXAMPLES else 0,
                    side,
                ),
            }
        )
    summary, *warnings = images.notes or (_summary(images, parts),)
    return {
        "summary": summary,
        "warnings": warnings,
        "parts": list(parts),
        "open": rows[:NUM_OPEN],
        "folded": rows[NUM_OPEN:],
    }


def _summary(images: Images, parts: Mapping[str, Tensor]) -> str:
    """What was read, for data sets whose reader says nothing about it."""
    channels, height, width = images.image_shape
    *others, last = (f"{len(labels):,} {name}" for name, labels in parts.items())
    colour = "grey" if channels == 1 else "colour"
    return f"{', '.join(others)} and {last} pictures in {images.num_classes} classes, {colour}, {height}x{width}"


def _examples(images: Tensor, members: Tensor, count: int, side: int) -> list[Thumbnail]:
    """`count` of the images at the indices `members` (M,), evenly spaced from first to last."""
    steps = torch.linspace(0, len(members) - 1, min(count, len(members))).round().long()
    return [thumbnail(images[index], side) for index in members[steps].tolist()]
