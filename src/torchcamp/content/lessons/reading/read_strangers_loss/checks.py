"""The stranger's script runs; the gradient of its scores says which minutes count."""

from pathlib import Path
from unittest import mock

import torch.nn.functional as F

from torchcamp.course.judge.checks import load
from torchcamp.course.judge.predictions import compare, first_wrong, raising_line

SCRIPT = Path(__file__).with_name("script.py")


def happened():
    script = load(SCRIPT, "script")
    # The line of the loss is the one that fails if there is no cross-entropy.
    with mock.patch.object(F, "cross_entropy", None):
        line = raising_line(lambda: script.main(epochs=1), str(SCRIPT))
    scores = []

    def look(module, inputs, output):
        output.retain_grad()
        scores.append(output)

    rates, tags = script.load()
    model = script.Tagger()
    model.head.register_forward_hook(look)
    model(rates, tags).backward()
    counted = scores[0].grad.abs().sum(dim=-1) > 0
    return {
        "loss_line": line,
        "scores_shape": tuple(scores[0].shape),
        "num_counted": int(counted.sum()),
    }


def check_loss_line(submission):
    """Inside the model."""
    words = compare(submission, happened(), "loss_line")
    assert not words, (
        words
        + " This author lets the model compute its own loss, as many libraries do: `main` only receives it."
    )


def check_scores_shape(submission):
    """A score for each tag, at each minute."""
    words = compare(submission, happened(), "scores_shape")
    assert not words, (
        words + " Sixteen people, twelve minutes, three tags; they are flattened afterwards."
    )


def check_num_counted(submission):
    """Minutes without a tag."""
    words = compare(submission, happened(), "num_counted")
    assert not words, (
        words
        + " Four of each person's twelve minutes are UNKNOWN, and `ignore_index` leaves them out: 16 * 8."
    )


def observe(submission, rng):
    return first_wrong(submission, happened())
