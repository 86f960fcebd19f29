"""The classes of a trained model, and data matched to them by name, never by index."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from torchcamp.base.errors import RecipeError
from torchcamp.data.images import FASHION_CLASSES, Images

DIGITS = ("mnist", "digits", "idx")  # kinds of data whose classes are called 0, 1, 2, ...
NUM_NAMED = 5  # class names in a message


def known_class_names(description: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The class names in a run.json or a card, in the order of the model's outputs.

    Descriptions up to 0.1 have them with their measures, if at all; then they follow from the data.
    None where nothing says them.
    """
    names = description.get("class_names") or description.get("details", {}).get("class_names")
    if names:
        return tuple(names)
    kind = description["data"]["name"].partition(":")[0]
    if kind == "fashion":
        return FASHION_CLASSES
    num_classes = description["numbers"].get("model", {}).get("num_classes")
    if kind in DIGITS and num_classes:
        return tuple(str(k) for k in range(num_classes))
    return None


def matched(
    data: Images,
    class_names: Sequence[str],
    model: str,
    report: Callable[[str], None] = lambda line: None,
) -> Images:
    """`data` with the labels that a model of these classes gives to its pictures.

    Args:
        data: may have the classes in another order, or some of them only.
        class_names: the model's, in the order of its outputs.
        model: its name, for messages.
        report: told where some of the classes are missing from the data.

    Raises:
        RecipeError: `data` has a class that the model does not know.
    """
    if data.class_names == tuple(class_names):
        return data
    unknown = [name for name in data.class_names if name not in class_names]
    missing = [name for name in class_names if name not in data.class_names]
    if unknown:
        only_here = f"; classes of the model without pictures: {_few(missing)}" if missing else ""
        raise RecipeError(
            f"{data.name} has classes that {model} does not know: {_few(unknown)}{only_here}. "
            "Classes are matched by name: rename the folders, or use data with the model's classes"
        )
    if missing:
        report(
            f"{data.name} has {data.num_classes} of the {len(class_names)} classes of {model}, "
            f"and is measured on those (without {_few(missing)})"
        )
    index = torch.tensor([list(class_names).index(name) for name in data.class_names])

    def moved(labels: Tensor) -> Tensor:
        return index.to(labels.device)[labels]

    held_out = data.validation_labels
    return replace(
        data,
        train_labels=moved(data.train_labels),
        test_labels=moved(data.test_labels),
        validation_labels=None if held_out is None else moved(held_out),
        class_names=tuple(class_names),
    )


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - NUM_NAMED} more" if len(names) > NUM_NAMED else ""
    return ", ".join(repr(name) for name in names[:NUM_NAMED]) + more
