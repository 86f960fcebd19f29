"""Shape, one step, two steps, many against torch.nn.RNN, then the gradient through time."""

import torch
from torch import nn


def parts(seed=0, batch=4, steps=6, d=3, hidden=5):
    generator = torch.Generator().manual_seed(seed)

    def draw(*shape):
        return torch.randn(*shape, generator=generator)

    return (
        draw(batch, steps, d),
        0.7 * draw(d, hidden),
        0.7 * draw(hidden, hidden),
        0.3 * draw(hidden),
    )


def right(x, weight_x, weight_h, bias):
    rnn = nn.RNN(x.shape[2], len(bias), batch_first=True)
    with torch.no_grad():
        rnn.weight_ih_l0.copy_(weight_x.T)
        rnn.weight_hh_l0.copy_(weight_h.T)
        rnn.bias_ih_l0.copy_(bias)
        rnn.bias_hh_l0.zero_()
        return rnn(x)[0]


def check_shape(submission):
    """A state for each sequence and step."""
    returned = submission.unroll(*parts())
    assert returned.shape == (4, 6, 5), (
        f"Four sequences, six steps, five units: (4, 6, 5); yours is {tuple(returned.shape)}."
    )


def compare(submission, steps, words):
    pieces = parts()
    x = pieces[0][:, :steps]
    returned, expected = submission.unroll(x, *pieces[1:]), right(x, *pieces[1:])
    gap = (returned - expected).abs()
    sequence, step, unit = (int(i) for i in torch.unravel_index(gap.argmax(), gap.shape))
    mine, theirs = (round(float(s[sequence, step, unit]), 5) for s in (returned, expected))
    assert float(gap.max()) < 1e-4, (
        f"{words}: the state [{sequence}, {step}, {unit}] (sequence, step and unit, each counted from 0) is {theirs}; "
        f"yours is {mine}."
    )


def check_one_step(submission):
    """From h = 0."""
    compare(submission, 1, "One step")


def check_two_steps(submission):
    """The first state comes along."""
    compare(submission, 2, "Two steps")


def check_many(submission):
    """Six steps."""
    compare(submission, 6, "Six steps")


def check_gradient(submission):
    """The first input matters for the last state."""
    x, *weights = parts()
    x.requires_grad_()
    returned = submission.unroll(x, *weights)
    returned[:, -1].sum().backward()
    assert x.grad is not None and x.grad[:, 0].abs().sum() > 0, (
        "No gradient comes from the last state back to the first input: the chain of states is cut."
    )


def observe(submission, rng):
    x, *weights = parts(int(torch.randint(1000, (), generator=rng)))
    x.requires_grad_()
    states = submission.unroll(x, *weights)
    reached = False
    if states.requires_grad:
        (grad,) = torch.autograd.grad(states[:, -1].sum(), x, allow_unused=True)
        reached = grad is not None and bool(grad[:, 0].any())
    return [states, submission.unroll(x[:, :1], *weights), reached]
