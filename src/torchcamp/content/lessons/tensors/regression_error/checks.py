"""A perfect prediction first: it shows the mistake without any arithmetic."""

import warnings

import torch


def call(submission, prediction, target):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # F.mse_loss warns of unequal shapes; the values will tell
        return submission.regression_error(prediction, target)


def check_perfect(submission):
    """Nothing is wrong, so the error is 0."""
    target = torch.tensor([1.0, 2.0, 3.0, 4.0])
    returned = call(submission, target[:, None], target)
    assert returned.dim() == 0, f"Return a scalar; yours has shape {tuple(returned.shape)}."
    assert returned.item() == 0, (
        f"Predictions [[1], [2], [3], [4]] for targets [1, 2, 3, 4] are perfect, and your error is "
        f"{returned.item():g}."
    )


def check_worked(submission):
    """The statement's numbers."""
    prediction = torch.tensor([[1.0], [2.0], [3.0]])
    returned = call(submission, prediction, torch.tensor([1.0, 2.0, 5.0])).item()
    assert abs(returned - 4 / 3) < 1e-5, (
        f"Predictions [[1], [2], [3]] for targets [1, 2, 5] gave {returned:.4f}; 1.3333 is right."
    )


def check_batch_of_one(submission):
    """The last batch may hold a single row."""
    returned = call(submission, torch.tensor([[2.0]]), torch.tensor([5.0]))
    assert returned.dim() == 0 and abs(returned.item() - 9) < 1e-5, (
        f"A batch of one, prediction 2 for target 5, gave {returned.tolist()}; 9 is right."
    )


def check_gradient(submission):
    """A network can learn from it."""
    prediction = torch.tensor([[1.0], [2.0]], requires_grad=True)
    returned = call(submission, prediction, torch.tensor([0.0, 0.0]))
    assert returned.requires_grad, (
        "Your error is cut off from the prediction: it has no gradient, so nothing could be learnt."
    )
    returned.backward()
    assert prediction.grad is not None, (
        "`backward()` on your error leaves the prediction's `.grad` at None: a tensor on the way was made anew."
    )
    assert torch.allclose(prediction.grad, torch.tensor([[1.0], [2.0]])), (
        f"Its gradient is {prediction.grad.tolist()}; 2 (prediction - target) / N is [[1], [2]]."
    )


def observe(submission, rng):
    seen = []
    for n in (4, 3, 1):
        prediction = torch.randn(n, 1, generator=rng).requires_grad_()
        target = torch.randn(n, generator=rng)
        value = call(submission, prediction, target)
        seen.append([value, value.requires_grad])
    return seen
