"""A network that knows nothing, then one that knows everything."""

import torch
import torch.nn.functional as F

from torchcamp.course.judge.predictions import compare, first_wrong, rewritten
from torchcamp.models.mlp import mlp_loss

LABELS = torch.tensor([0, 1, 2, 3])
IMAGES = torch.zeros(4, 1, 28, 28)


def no_idea(images):
    return torch.zeros(len(images), 10)


def good(images):
    return 20.0 * F.one_hot(LABELS, 10)


def happened():
    measures = mlp_loss(no_idea, IMAGES, LABELS)
    with_softmax = rewritten(mlp_loss, "mlp(images)", "mlp(images).softmax(dim=1)")
    try:
        before, after = (f(good, IMAGES, LABELS)["loss"].item() for f in (mlp_loss, with_softmax))
        outcome = "larger" if after > before + 0.01 else "same"
    except RuntimeError:
        outcome = "raises"
    return {
        "loss_of_no_idea": measures["loss"].item(),
        "accuracy_of_no_idea": measures["accuracy"].item(),
        "with_softmax": outcome,
    }


def check_loss_of_no_idea(submission):
    """Ten classes, all alike."""
    words = compare(submission, happened(), "loss_of_no_idea")
    assert not words, (
        words
        + " Each class gets the probability 1/10, and -log(1/10) = log(10). A new classifier of "
        "ten classes should begin near it."
    )


def check_accuracy_of_no_idea(submission):
    """The first of equals."""
    words = compare(submission, happened(), "accuracy_of_no_idea")
    assert not words, (
        words
        + " With all logits alike, `argmax` names class 0 for every picture, and one of the four "
        "labels is 0."
    )


def check_with_softmax(submission):
    """Two softmaxes."""
    words = compare(submission, happened(), "with_softmax")
    assert not words, (
        words + " The right class now has the logit 1 and the others 0, so the loss is "
        "log(e + 9) - 1 = 1.46, however good the network is."
    )


def observe(submission, rng):
    return first_wrong(submission, happened())
