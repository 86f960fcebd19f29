"""The modes inside the block, after it, and after an error."""

import contextlib

from torch import nn

from torchcamp.course.judge.predictions import compare, first_wrong
from torchcamp.training.loop import Training, _evaluating


def mode(module):
    return "train" if module.training else "eval"


def ready():
    network = nn.Sequential(nn.Linear(4, 4), nn.Dropout(0.5))
    network.train()
    network[1].eval()
    state = {"network": network}
    training = Training(step=dict, batches=(), state=state, network=network, evaluate=dict)
    return network, training


def happened():
    network, training = ready()
    with _evaluating(training):
        inside = mode(network[0])
    broken, training = ready()
    with contextlib.suppress(ZeroDivisionError), _evaluating(training):
        print(1 / 0)
    return {
        "linear_inside": inside,
        "dropout_afterwards": mode(network[1]),
        "linear_after_error": mode(broken[0]),
    }


def check_linear_inside(submission):
    """While it is measured."""
    words = compare(submission, happened(), "linear_inside")
    assert not words, words + " Every part has `training = False` there."


def check_dropout_afterwards(submission):
    """Each part gets its own mode back."""
    words = compare(submission, happened(), "dropout_afterwards")
    assert not words, words + " `modes` holds the mode that each part had before."


def check_linear_after_error(submission):
    """Also after an error."""
    words = compare(submission, happened(), "linear_after_error")
    assert not words, words + " `finally` puts the modes back in any case."


def observe(submission, rng):
    return first_wrong(submission, happened())
