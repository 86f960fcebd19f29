"""The lines are run, one family after the other."""

import torch


def expect(submission, *keys):
    x = torch.zeros(8, 16, 4, 4)
    lines = {
        "mean": ("x.mean(dim=1)", x.mean(dim=1)),
        "first": ("x[0]", x[0]),
        "slice": ("x[:1]", x[:1]),
        "flat": ("torch.flatten(x)", torch.flatten(x)),
        "rows": ("x.flatten(start_dim=1)", x.flatten(start_dim=1)),
        "moved": ("x.permute(0, 2, 3, 1)", x.permute(0, 2, 3, 1)),
        "number": ("torch.tensor(3)", torch.tensor(3)),
        "room": ("torch.Tensor(3)", torch.Tensor(3)),
        "table": ("torch.zeros(8, 1) - torch.zeros(8)", torch.zeros(8, 1) - torch.zeros(8)),
    }
    shapes = submission.predict_shapes()
    assert isinstance(shapes, dict), "Return the dict with your shapes in it."
    for key in keys:
        line, value = lines[key]
        given = shapes.get(key)
        assert given is not None, f'`"{key}"` has no shape yet.'
        assert isinstance(given, tuple | list | torch.Size), (
            f'`"{key}"` is {given!r}. A shape is a tuple; one number alone is written `(5,)`.'
        )
        # The right shape is not told: then there would be nothing left to predict.
        assert tuple(given) == tuple(value.shape), (
            f"`{line}` does not have the shape {tuple(given)}."
        )


def check_reductions_and_indexing(submission):
    """An axis that is reduced or indexed by a number is gone."""
    expect(submission, "mean", "first", "slice")


def check_flatten(submission):
    """Flattening, with and without the batch."""
    expect(submission, "flat", "rows")


def check_permute(submission):
    """Axes in a new order."""
    expect(submission, "moved")


def check_making_tensors(submission):
    """A number and room for numbers."""
    expect(submission, "number", "room")


def check_broadcasting(submission):
    """A column against a row."""
    expect(submission, "table")


def observe(submission, rng):
    shapes = submission.predict_shapes()
    return {key: list(value) if value is not None else None for key, value in shapes.items()}
