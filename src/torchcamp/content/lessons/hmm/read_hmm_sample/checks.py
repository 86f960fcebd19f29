"""A chain without chance, then rows of bits."""

import torch

from torchcamp.course.judge.predictions import compare, first_wrong, rewritten
from torchcamp.models.hmm import HMM, HMMConfig, sample


def happened():
    hmm = HMM(HMMConfig(num_states=2, num_symbols=3, bernoulli=False))
    hmm.initial.copy_(torch.tensor([1.0, 0.0]))
    hmm.transition.copy_(torch.tensor([[0.0, 1.0], [1.0, 0.0]]))
    draw = "            state = torch.multinomial(transition"
    without_if = rewritten(sample, "        if t:\n" + draw, draw[4:])
    bits, _ = sample(HMM(HMMConfig(num_states=2, num_symbols=28)), 10, 4)
    return {
        "states": sample(hmm, 1, 4)[1][0].tolist(),
        "without_if": without_if(hmm, 1, 4)[1][0].tolist(),
        "bits_shape": tuple(bits.shape),
    }


def check_states(submission):
    """The first state comes from `initial`."""
    words = compare(submission, happened(), "states")
    assert not words, words + " It begins in state 0 and changes at each step."


def check_without_if(submission):
    """One transition too many."""
    words = compare(submission, happened(), "without_if")
    assert not words, (
        words
        + " The first transition is taken before the first state is kept, so the whole chain is one "
        "step ahead, and `initial` no longer says how sequences begin."
    )


def check_bits_shape(submission):
    """Sequences, steps, bits."""
    words = compare(submission, happened(), "bits_shape")
    assert not words, words + " Four tensors of (10, 28) are stacked as a new axis 1."


def observe(submission, rng):
    return first_wrong(submission, happened())
