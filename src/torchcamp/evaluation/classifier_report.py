"""The evaluation of a classifier: its measures and the report's two sections about it."""

from collections.abc import Mapping

from torch import Tensor, nn

from torchcamp.data.images import Images
from torchcamp.data.pictures import png_bytes
from torchcamp.evaluation.classification import MAX_TEST_IMAGES, Classified, classify, measures
from torchcamp.evaluation.evaluation import Evaluation
from torchcamp.pages.page import data_uri

NUM_MISTAKES = 24


def evaluate_classifier(network: nn.Module, images: Images, split: str = "test") -> Evaluation:
    """Measure `network` on the test images of `images`.

    Args:
        network: (B, 1, 28, 28) in [0, 1] to logits (B, K), on any device.
        images: the data set.
        split: what its test images are called in the summary: `test`, or `validation` where they
            were held out of the training images.

    Returns:
        Accuracy, likelihood, calibration error and the accuracy of each class, with the report's
        sections about confusions and mistakes.
    """
    device = next(network.parameters()).device
    test_images = images.test_images.to(device)
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
            ("evaluation/confusion.html", confusion_section(classified)),
            ("evaluation/mistakes.html", mistakes_section(classified, images.test_images)),
        ],
    )


def score_classifier(network: nn.Module, images: Images, split: str = "test") -> dict[str, float]:
    """Accuracy and loss on the test images, for metrics.jsonl after each epoch.

    Args:
        network: (B, 1, 28, 28) in [0, 1] to logits (B, K), on the images' device.
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
    """Values for the template: rows of cells, each a count and how dark it is."""
    confusion = classified.confusion
    off_diagonal = confusion.clone().fill_diagonal_(0)
    worst = max(1, int(off_diagonal.max()))
    rows = []
    for label, name in enumerate(classified.class_names):
        total = int(confusion[label].sum())
        cells = [
            {
                "count": int(count),
                "right": label == predicted,
                "shade": 0.0 if label == predicted else int(count) / worst,
            }
            for predicted, count in enumerate(confusion[label])
        ]
        share = int(confusion[label, label]) / total if total else None
        rows.append({"name": name, "cells": cells, "accuracy": share, "total": total})
    return {"class_names": classified.class_names, "rows": rows}


def mistakes_section(
    classified: Classified, images: Tensor, count: int = NUM_MISTAKES
) -> Mapping[str, object]:
    """Values for the template: the wrong answers, most confident first, as pictures with classes."""
    pictures = images[:MAX_TEST_IMAGES].cpu()
    predictions = classified.predictions
    mistakes = [
        {
            "index": index,
            "picture": data_uri(png_bytes(pictures[index, 0].numpy()), "image/png"),
            "label": classified.class_names[int(classified.labels[index])],
            "prediction": classified.class_names[int(predictions[index])],
            "prob": float(classified.probs[index].max()),
        }
        for index in classified.worst_mistakes(count)
    ]
    num_wrong = int((predictions != classified.labels).sum())
    return {"mistakes": mistakes, "num_wrong": num_wrong, "num_images": len(classified.labels)}
