"""The evaluation of a classifier: its measures, and what the report shows of its data and answers."""

from collections.abc import Mapping

from torch import Tensor, nn

from torchcamp.data.images import Images
from torchcamp.evaluation.classification import MAX_TEST_IMAGES, Classified, classify, measures
from torchcamp.evaluation.data_sheet import DATA_SHEET, data_sheet_section
from torchcamp.evaluation.evaluation import Evaluation
from torchcamp.evaluation.evidence import evidence_section
from torchcamp.evaluation.thumbnails import thumbnail

NUM_MISTAKES = 24
SIDE = 128  # CSS pixels of a mistake's picture
NUM_OPEN, NUM_SHOWN = 30, 100  # classes of a confusion matrix that is shown at once, or folded
NUM_CONFUSIONS = 20  # the largest ones, listed where the matrix is not shown at once
LONGEST_UPRIGHT = 4  # characters of a class name above a column; longer ones are turned


def evaluate_classifier(network: nn.Module, images: Images, split: str = "test") -> Evaluation:
    """Measure `network` on the test images of `images`.

    Args:
        network: (B, C, H, W) in [0, 1] to logits (B, K), on any device.
        images: the data set.
        split: what its test images are called in the summary: `test`, or `validation` where they
            were held out of the training images.

    Returns:
        Accuracy, likelihood, calibration error and the accuracy of each class, with the report's
        sections about the data, confusions, mistakes, and which pixels decided.
    """
    device = next(network.parameters()).device
    test_images = images.test_images[:MAX_TEST_IMAGES].to(device)
    classified = classify(network, test_images, images.test_labels, images.class_names)
    return Evaluation(
        data=images.name,
        measures=measures(classified),
        summary=summary(classified, split),
        details={
            "confusion": classified.confusion.tolist(),
            "class_names": list(classified.class_names),
        },
        sections=[
            (DATA_SHEET, data_sheet_section(images, split)),
            ("evaluation/confusion.html", confusion_section(classified)),
            ("evaluation/mistakes.html", mistakes_section(classified, images.test_images)),
            ("evaluation/evidence.html", evidence_section(network, classified, images.test_images)),
        ],
    )


def score_classifier(network: nn.Module, images: Images, split: str = "test") -> dict[str, float]:
    """Accuracy and loss on the test images, for metrics.jsonl after each epoch.

    Args:
        network: (B, C, H, W) in [0, 1] to logits (B, K), on the images' device.
        images: the data set.
        split: as for `evaluate_classifier`.

    Returns:
        `test_accuracy` and `test_loss`, or `validation_accuracy` and `validation_loss`.
    """
    classified = classify(network, images.test_images, images.test_labels, images.class_names)
    return summary(classified, split)


def summary(classified: Classified, split: str) -> dict[str, float]:
    """The numbers in metrics.jsonl after an epoch and at the end of a training."""
    return {f"{split}_accuracy": classified.accuracy, f"{split}_loss": classified.nll}


def confusion_section(classified: Classified) -> Mapping[str, object]:
    """Values for the template: rows of cells, each a count and how dark it is; largest confusions.

    Up to `NUM_OPEN` classes the matrix is shown at once; up to `NUM_SHOWN` it is folded away under
    the list of the largest confusions; beyond that there is only the list.
    """
    confusion, names = classified.confusion, classified.class_names
    off_diagonal = confusion.clone().fill_diagonal_(0)
    worst = max(1, int(off_diagonal.max()))
    rows = []
    for label, name in enumerate(names if len(names) <= NUM_SHOWN else ()):
        total = int(confusion[label].sum())
        cells = [
            {
                "count": count,
                "right": label == predicted,
                "shade": 0.0 if label == predicted else count / worst,
            }
            for predicted, count in enumerate(confusion[label].tolist())
        ]
        share = int(confusion[label, label]) / total if total else None
        rows.append({"name": name, "cells": cells, "accuracy": share, "total": total})
    largest = []
    if len(names) > NUM_OPEN:
        order = off_diagonal.flatten().argsort(descending=True, stable=True)[:NUM_CONFUSIONS]
        for label, predicted in (divmod(flat, len(names)) for flat in order.tolist()):
            count, total = int(off_diagonal[label, predicted]), int(confusion[label].sum())
            if count:
                largest.append(
                    {
                        "label": names[label],
                        "prediction": names[predicted],
                        "count": count,
                        "share": count / total,
                    }
                )
    return {
        "class_names": names,
        "rows": rows,
        "folded": len(names) > NUM_OPEN,
        "largest": largest,
        "turned": max(map(len, names)) > LONGEST_UPRIGHT,
    }


def mistakes_section(
    classified: Classified, images: Tensor, count: int = NUM_MISTAKES
) -> Mapping[str, object]:
    """Values for the template: the wrong answers, most confident first, as pictures with classes."""
    predictions = classified.predictions
    mistakes = [
        {
            "index": index,
            "picture": thumbnail(images[index], SIDE),
            "label": classified.class_names[int(classified.labels[index])],
            "prediction": classified.class_names[int(predictions[index])],
            "prob": float(classified.probs[index].max()),
        }
        for index in classified.worst_mistakes(count)
    ]
    num_wrong = int((predictions != classified.labels).sum())
    return {"mistakes": mistakes, "num_wrong": num_wrong, "num_images": len(classified.labels)}
