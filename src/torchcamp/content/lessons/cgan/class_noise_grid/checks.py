"""Shape, rows, columns, then how it was called."""

import torch
from torch import nn


class Glass(nn.Module):
    """A picture of two pixels: its label, and the number of its noise."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(()))
        self.calls = 0

    def forward(self, z, labels):
        assert z.shape == (len(labels), 5), (
            f"{len(labels)} labels and noise {tuple(z.shape)}: it should be ({len(labels)}, 5)."
        )
        self.calls += 1
        return torch.stack([labels.float(), z[:, 0]], 1) * self.weight


def run(submission, columns=3, classes=4):
    generator = Glass()
    z = torch.arange(columns).float()[:, None].repeat(1, 5)
    return generator, submission.class_noise_grid(generator, z, classes)


def check_shape(submission):
    """A table of pictures."""
    _, grid = run(submission)
    assert grid.shape == (4, 3, 2), (
        f"Four classes, three noise vectors, two pixels: (4, 3, 2); yours is {tuple(grid.shape)}."
    )


def check_rows(submission):
    """Row k is class k."""
    _, grid = run(submission)
    expected = torch.arange(4.0)[:, None].expand(4, 3)
    assert torch.equal(grid[..., 0], expected), (
        f"Row k must be class k; the classes of your table are {grid[..., 0].int().tolist()}."
    )


def check_columns(submission):
    """One noise down each column."""
    _, grid = run(submission)
    expected = torch.arange(3.0).expand(4, 3)
    assert torch.equal(grid[..., 1], expected), (
        f"Column j must be noise j in every row; the noise of your table is {grid[..., 1].tolist()}."
    )


def check_call(submission):
    """Once, and without a graph."""
    generator, grid = run(submission)
    assert generator.calls == 1, (
        f"One call is enough; yours called the generator {generator.calls} times."
    )
    assert not grid.requires_grad, "The pictures hold a graph."


def observe(submission, rng):
    columns = 3 + 2 * int(torch.randint(2, (), generator=rng))
    generator, grid = run(submission, columns)
    fixed = torch.equal(grid, run(submission, columns)[1])
    return [
        list(grid.shape),
        grid[..., 0],
        grid[..., 1] if fixed else "drawn",
        generator.calls > 1,
        grid.requires_grad,
    ]
