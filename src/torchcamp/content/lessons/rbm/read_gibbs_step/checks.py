"""One step of five chains, then one draw."""

import torch
from torch import nn

from torchcamp.course.judge.predictions import compare, first_wrong
from torchcamp.models.rbm import RBM, RBMConfig, draw_bits, gibbs_step


@torch.no_grad()
def happened():
    torch.manual_seed(0)
    rbm = RBM(RBMConfig(num_visible=6, num_hidden=4, num_chains=5))
    nn.init.zeros_(rbm.weight)
    visible, _ = gibbs_step(rbm, rbm.chains)
    probs = torch.full((5, 6), 0.5)
    draw_bits(probs)
    return {
        "visible_shape": tuple(visible.shape),
        "visible_values": set(visible.flatten().tolist()),
        "probs_changed": bool((probs != 0.5).any()),
    }


def check_visible_shape(submission):
    """Each chain has a visible layer."""
    words = compare(submission, happened(), "visible_shape")
    assert not words, words + " Five chains, six visible units each."


def check_visible_values(submission):
    """Bits."""
    words = compare(submission, happened(), "visible_values")
    assert not words, (
        words + " `lt` compares a random number with the probability: yes is 1, no is 0."
    )


def check_probs_changed(submission):
    """Which tensor is overwritten."""
    words = compare(submission, happened(), "probs_changed")
    assert not words, (
        words + " The tensor before the dot is changed: `noise`, which nobody else uses."
    )


def observe(submission, rng):
    return first_wrong(submission, happened())
