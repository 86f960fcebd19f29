"""A small network is frozen, then put into train mode."""

import torch
from torch import nn

from torchcamp.course.judge.predictions import compare, first_wrong
from torchcamp.recipes.classifier import freeze_features


def happened():
    network = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 3))
    freeze_features(network)
    norm = network[1]
    seen = {
        "can_learn": {name for name, p in network.named_parameters() if p.requires_grad},
        "norm_mode": "train" if norm.training else "eval",
    }
    network.train()
    before = norm.running_mean.clone()
    network(torch.randn(16, 4))
    return seen | {"statistics_move": not torch.equal(before, norm.running_mean)}


def check_can_learn(submission):
    """The head alone."""
    words = compare(submission, happened(), "can_learn")
    assert not words, words + " Everything is switched off, then the last linear layer on again."


def check_norm_mode(submission):
    """The mode is frozen too."""
    words = compare(submission, happened(), "norm_mode")
    assert not words, words + " The last line sets `training` of every module to False."


def check_statistics_move(submission):
    """A freeze that a loop undoes."""
    words = compare(submission, happened(), "statistics_move")
    assert not words, (
        words
        + " `network.train()` switches every part to train mode, frozen or not. (Our loop does not "
        "call it: it gives each part back the mode that it had.)"
    )


def observe(submission, rng):
    return first_wrong(submission, happened())
