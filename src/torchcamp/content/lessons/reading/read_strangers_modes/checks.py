"""The stranger's script trains, watched; then it is changed."""

from pathlib import Path

import torch

from torchcamp.course.judge.checks import load
from torchcamp.course.judge.predictions import compare, first_wrong, rewritten

LOOP = "    for epoch in range(epochs):\n"


def modes_of(script, train):
    """The batch norm's mode in each epoch of training, and the trained model."""
    torch.manual_seed(0)
    model, modes = script.LeafNet(), []

    def look(module, inputs):
        if torch.is_grad_enabled():  # not while it validates
            modes.append("train" if module.training else "eval")

    handle = model.bn.register_forward_pre_hook(look)
    x, y = torch.randn(64, 20), torch.randint(3, (64,))
    train(model, x, y, x, y)
    handle.remove()
    return [modes[0], modes[2], modes[4]], model  # two batches in each epoch


def line_that_mends(script):
    """The line before the loop that, moved into it, puts every epoch into train mode."""
    line = "model.train()"
    moved = rewritten(script.train, f"    {line}\n{LOOP}", f"{LOOP}        {line}\n")
    modes, _ = modes_of(script, moved)
    return line if modes == ["train"] * 3 else None


def happened():
    script = load(Path(__file__).with_name("script.py"), "script")
    modes, model = modes_of(script, script.train)
    outputs = []
    handle = model.register_forward_hook(lambda module, inputs, output: outputs.append(output))
    x, y = torch.randn(64, 20), torch.randint(3, (64,))
    script.validate(model, x, y)
    script.validate(model, x, y)
    handle.remove()
    return {
        "norm_modes": modes,
        "same_twice": torch.equal(*outputs),
        "line_to_move": line_that_mends(script),
    }


def check_norm_modes(submission):
    """Epoch by epoch."""
    words = compare(submission, happened(), "norm_modes")
    assert not words, (
        words
        + " `model.train()` is called once, before the first epoch; `validate` ends each epoch with the model in "
        "eval mode, and nobody switches back."
    )


def check_same_twice(submission):
    """A dropout that does not listen."""
    words = compare(submission, happened(), "same_twice")
    assert not words, (
        words
        + " `F.dropout(x, 0.3)` drops in any mode: it needs `training=self.training`, or an `nn.Dropout`."
    )


def check_line_to_move(submission):
    """The mend."""
    words = compare(submission, happened(), "line_to_move")
    assert not words, (
        words + " With it at the top of the loop, all three epochs train in train mode."
    )


def observe(submission, rng):
    return first_wrong(submission, happened())
