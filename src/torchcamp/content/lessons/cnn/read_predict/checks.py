"""A network in train mode predicts once."""

import torch

from torchcamp.course.judge.predictions import compare, first_wrong
from torchcamp.models.cnn import CNN, CNNConfig, predict


def happened():
    cnn = CNN(CNNConfig(channels=(4, 4, 4))).train()
    norm = cnn.conv1[1]
    before = norm.running_mean.clone()
    probs = predict(cnn, torch.rand(8, 1, 28, 28))
    return {
        "probs_need_grad": probs.requires_grad,
        "eval_afterwards": not cnn.training,
        "statistics_moved": not torch.equal(before, norm.running_mean),
    }


def check_probs_need_grad(submission):
    """What the decorator does."""
    words = compare(submission, happened(), "probs_need_grad")
    assert not words, (
        words + " Under `no_grad` nothing is recorded, so there is no graph to go back."
    )


def check_eval_afterwards(submission):
    """What it does not do."""
    words = compare(submission, happened(), "eval_afterwards")
    assert not words, words + " No line here calls `eval()`: the caller has to."


def check_statistics_moved(submission):
    """What happens in train mode."""
    words = compare(submission, happened(), "statistics_moved")
    assert not words, (
        words + " In train mode every forward pass moves the running statistics, gradients or not."
    )


def observe(submission, rng):
    return first_wrong(submission, happened())
