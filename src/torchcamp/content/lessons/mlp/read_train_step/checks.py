"""One step is watched line by line; then the changed step is taken."""

import torch

from torchcamp.course.judge.predictions import (
    changing_lines,
    compare,
    first_wrong,
    rewritten,
)
from torchcamp.models.mlp import MLP, MLPConfig, train_step

BACKWARD, ZERO = '    losses["loss"].backward()\n', "    optimizer.zero_grad()\n"


def ready():
    torch.manual_seed(0)
    mlp = MLP(MLPConfig(num_pixels=12, hidden_dims=(4,), num_classes=3))
    optimizer = torch.optim.SGD(mlp.parameters(), lr=0.1)
    return mlp, optimizer, (torch.rand(8, 1, 3, 4), torch.arange(8) % 3)


def line_that_changes(look):
    mlp, *rest = ready()
    (line,) = changing_lines(train_step, lambda: train_step(mlp, *rest), lambda: look(mlp))
    return line


def moved(step):
    mlp, *rest = ready()
    before = mlp.output.weight.detach().clone()
    step(mlp, *rest)
    return mlp.output.weight.detach() - before


def happened():
    usual, other = moved(train_step), moved(rewritten(train_step, ZERO + BACKWARD, BACKWARD + ZERO))
    outcomes = {"as before": usual, "twice as far": 2 * usual, "not at all": 0 * usual}
    return {
        "fills_gradients": line_that_changes(lambda mlp: mlp.output.weight.grad is not None),
        "changes_weights": line_that_changes(lambda mlp: mlp.output.weight),
        "one_line_down": next(w for w, m in outcomes.items() if torch.allclose(m, other)),
    }


def check_fills_gradients(submission):
    """The line after which there are gradients."""
    words = compare(submission, happened(), "fills_gradients")
    assert not words, words + " It walks back from the loss and leaves a gradient in each weight."


def check_changes_weights(submission):
    """The line after which the weights are others."""
    words = compare(submission, happened(), "changes_weights")
    assert not words, words + " It subtracts 0.1 times its gradient from each weight."


def check_one_line_down(submission):
    """The order of three lines."""
    words = compare(submission, happened(), "one_line_down")
    assert not words, words + " The gradients were thrown away before `step` could use them."


def observe(submission, rng):
    return first_wrong(submission, happened())
