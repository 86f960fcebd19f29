"""The stranger's optimizer takes a step, and its groups are looked at."""

from pathlib import Path

import torch

from torchcamp.course.judge.checks import load
from torchcamp.course.judge.predictions import compare, first_wrong


def happened():
    script = load(Path(__file__).with_name("script.py"), "script")
    torch.manual_seed(0)
    model = script.Listener(6)
    optimizer = script.make_optimizer(model)
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    model(torch.randn(4, 1, 200)).square().sum().backward()
    optimizer.step()
    decay = {id(p): g["weight_decay"] for g in optimizer.param_groups for p in g["params"]}
    return {
        "never_moves": {n for n, p in model.named_parameters() if torch.equal(p, before[n])},
        "without_decay": {n for n, p in model.named_parameters() if decay.get(id(p)) == 0},
        "decay_of_head": decay[id(model.head.weight)],
    }


def check_never_moves(submission):
    """What the optimizer does not own."""
    words = compare(submission, happened(), "never_moves")
    assert not words, (
        words + " The stem's two parameters are switched off, and `continue` skips them."
    )


def check_without_decay(submission):
    """Parameters with one axis."""
    words = compare(submission, happened(), "without_decay")
    assert not words, (
        words
        + " They are the ones with a single axis, outside of stem and head: biases, and the scale of a norm."
    )


def check_decay_of_head(submission):
    """What a group leaves open."""
    words = compare(submission, happened(), "decay_of_head")
    assert not words, (
        words
        + " Neither the head's group nor the call of AdamW sets it, so AdamW's default holds. The "
        "`weight_decay=0.1` of the function reaches one group only; perhaps the author did not mean that."
    )


def observe(submission, rng):
    return first_wrong(submission, happened())
