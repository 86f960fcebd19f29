"""Values, then gradients, against PyTorch's own."""

from functools import partial

import torch
import torch.nn.functional as F

from torchcamp.base.plain import plain
from torchcamp.course.judge.checks import attempt, expect_graph
from torchcamp.course.judge.equality import alike

X, X_HAT = (
    torch.tensor([[0.0, 0.0, 1.0], [2.0, -1.0, 0.5]]),
    torch.tensor([[3.0, -1.0, 1.5], [0.0, 1.0, 4.5]]),
)


def show(tensor):
    return [[round(v, 4) for v in row] for row in tensor.tolist()]


def check_mse(submission):
    """The mean of the squares."""
    returned, expected = float(submission.mse(X, X_HAT)), F.mse_loss(X_HAT, X).item()
    assert abs(returned - expected) < 1e-5, (
        f"x = {show(X)} and x_hat = {show(X_HAT)}: `mse` is {returned:.4f}, {expected:.4f} is right."
    )


def check_mae(submission):
    """The mean of the absolute values."""
    returned, expected = float(submission.mae(X, X_HAT)), F.l1_loss(X_HAT, X).item()
    assert abs(returned - expected) < 1e-5, (
        f"x = {show(X)} and x_hat = {show(X_HAT)}: `mae` is {returned:.4f}, {expected:.4f} is right."
    )


def expect_gradient(name, submission, loss):
    for x, x_hat in ((X, X_HAT), (X.T, X_HAT.T)):  # 3 rows too: with 2, a 2 / M would be 1
        returned = getattr(submission, name)(x, x_hat)
        leaf = x_hat.clone().requires_grad_()
        loss(leaf, x).backward()
        assert isinstance(returned, torch.Tensor) and returned.shape == x.shape, (
            f"`{name}` must have the shape of x_hat, {tuple(x.shape)}."
        )
        assert torch.allclose(returned, leaf.grad, atol=1e-5), (
            f"x = {show(x)} and x_hat = {show(x_hat)}: `{name}` gave {show(returned)}; PyTorch's tape "
            f"gives {show(leaf.grad)}."
        )


def check_mse_gradient(submission):
    """In proportion to the error."""
    expect_gradient("d_mse", submission, F.mse_loss)


def check_mae_gradient(submission):
    """The same for every error."""
    expect_gradient("d_mae", submission, F.l1_loss)
    returned = submission.d_mae(X, X)
    assert (returned == 0).all(), (
        f"Where x_hat is x, the error is 0, and so is the gradient: `d_mae` gave {show(returned)}."
    )


def check_graph(submission):
    """The network learns from both."""
    for loss in (submission.mse, submission.mae):
        expect_graph(lambda x_hat, loss=loss: loss(X, x_hat), x_hat=X_HAT)


def observe(submission, rng):
    # Neither 2 / M nor 2 / N is 1: what an answer leaves out must show.
    x, x_hat = torch.randn(3, 5, generator=rng), 3 * torch.randn(3, 5, generator=rng)
    x_hat[1, 2] = x[1, 2]  # an error of 0
    seen = []  # up to the first that is wrong: the others may not be written yet
    for name, loss in (("mse", F.mse_loss), ("mae", F.l1_loss)) * 2:
        leaf = x_hat.clone().requires_grad_()
        right = loss(leaf, x)
        if len(seen) >= 2:
            name, (right,) = "d_" + name, torch.autograd.grad(right, leaf)
        seen.append(attempt(partial(getattr(submission, name), x, x_hat)))
        if not alike(plain(seen[-1]), plain(right.detach())):
            break
    return seen
