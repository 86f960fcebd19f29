"""Training, scale and shift, what is kept, use, and what use leaves alone."""

import torch
import torch.nn.functional as F

from torchcamp.course.judge.checks import attempt, expect_graph


def make(seed=0, channels=2):
    torch.manual_seed(seed)
    x = torch.randn(3, channels, 2, 2) * torch.tensor([1.0, 4.0]).view(1, 2, 1, 1) + 5
    mean, var = torch.tensor([0.5, -1.0]), torch.tensor([2.0, 0.5])
    return x, mean, var, torch.tensor([1.5, 0.5]), torch.tensor([-1.0, 2.0])


def show(tensor):
    return [round(v, 4) for v in tensor.flatten().tolist()]


def check_normalised(submission):
    """Mean 0 and variance 1 per channel."""
    x, mean, var, _, _ = make()
    returned = submission.batch_norm(x, mean, var, torch.ones(2), torch.zeros(2), True)
    assert returned.shape == x.shape, f"{tuple(x.shape)} became {tuple(returned.shape)}."
    means, variances = returned.mean((0, 2, 3)), returned.var((0, 2, 3), unbiased=False)
    assert means.abs().max() < 1e-3 and (variances - 1).abs().max() < 1e-2, (
        f"In training, the channels come out with the means {show(means)} and the variances "
        f"{show(variances)}; 0 and 1 are right."
    )


def check_scale_and_shift(submission):
    """gamma and beta."""
    x, mean, var, gamma, beta = make()
    expected = F.batch_norm(x, None, None, gamma, beta, training=True)
    returned = submission.batch_norm(x, mean, var, gamma, beta, True)
    assert torch.allclose(returned, expected, atol=1e-4), (
        f"With gamma {show(gamma)} and beta {show(beta)} the first value is {returned[0, 0, 0, 0]:.4f}; "
        f"{expected[0, 0, 0, 0]:.4f} is right."
    )
    flat = torch.full((2, 2, 1, 1), 3.0)
    returned = submission.batch_norm(flat, mean, var, gamma, beta, True)
    assert torch.isfinite(returned).all(), (
        "A channel that is 3 everywhere gave nan or inf: where is eps?"
    )


def check_running_statistics(submission):
    """A tenth of the new."""
    x, mean, var, gamma, beta = make()
    right_mean, right_var = mean.clone(), var.clone()
    F.batch_norm(x, right_mean, right_var, gamma, beta, training=True)
    batch = x.mean((0, 2, 3))
    before = show(mean)
    submission.batch_norm(x, mean, var, gamma, beta, True)
    assert torch.allclose(mean, right_mean, atol=1e-4), (
        f"Running means {before}, batch means {show(batch)}: afterwards they are {show(mean)}; "
        f"{show(right_mean)} is right."
    )
    assert torch.allclose(var, right_var, atol=1e-4), (
        f"The running variances are {show(var)} afterwards; {show(right_var)} is right."
    )


def check_no_graph_kept(submission):
    """Running statistics are numbers, not part of a graph."""
    x, mean, var, gamma, beta = make()
    submission.batch_norm(x.requires_grad_(), mean, var, gamma, beta, True)
    assert not mean.requires_grad and not var.requires_grad, (
        "Afterwards the running statistics hold the graph of this batch: every later batch hangs on all earlier ones."
    )


def check_in_use(submission):
    """The running statistics, whatever the batch."""
    x, mean, var, gamma, beta = make()
    expected = F.batch_norm(x, mean, var, gamma, beta, training=False)
    returned = submission.batch_norm(x, mean.clone(), var.clone(), gamma, beta, False)
    assert torch.allclose(returned, expected, atol=1e-4), (
        f"In use the first value is {returned[0, 0, 0, 0]:.4f}; with the running statistics it is "
        f"{expected[0, 0, 0, 0]:.4f}."
    )
    tiny = var * 1e-6
    expected = F.batch_norm(x, mean, tiny, gamma, beta, training=False)
    returned = submission.batch_norm(x, mean.clone(), tiny.clone(), gamma, beta, False)
    assert torch.allclose(returned, expected, rtol=1e-3), (
        f"Running variances {tiny.tolist()}, eps 1e-5: the first value is {returned[0, 0, 0, 0]:.1f}; "
        f"{expected[0, 0, 0, 0]:.1f} is right. The root goes over the variance and eps together."
    )
    expected = F.batch_norm(x, mean, var, gamma, beta, training=False)
    alone = submission.batch_norm(x[:1], mean.clone(), var.clone(), gamma, beta, False)
    assert torch.allclose(alone, expected[:1], atol=1e-4), (
        "In use, a picture alone gives another result than in a batch."
    )


def check_use_changes_nothing(submission):
    """Testing is no training."""
    x, mean, var, gamma, beta = make()
    kept = mean.clone(), var.clone()
    submission.batch_norm(x, mean, var, gamma, beta, False)
    assert torch.equal(mean, kept[0]) and torch.equal(var, kept[1]), (
        f"A call in use changed the running statistics: means {show(kept[0])} and variances {show(kept[1])} became "
        f"{show(mean)} and {show(var)}."
    )


def check_graph(submission):
    """Gradients pass, in training and in use."""
    x, mean, var, gamma, beta = make()
    for training in (True, False):
        expect_graph(
            lambda x, gamma, beta, training=training: submission.batch_norm(
                x, mean.clone(), var.clone(), gamma, beta, training
            ),
            x=x,
            gamma=gamma,
            beta=beta,
        )


def check_gradient(submission):
    """In training the gradient goes through mean and variance, too."""
    x, mean, var, gamma, beta = make()
    norms = (
        lambda x: submission.batch_norm(x, mean.clone(), var.clone(), gamma, beta, True),
        lambda x: F.batch_norm(x, None, None, gamma, beta, training=True),
    )
    mine, right = (
        torch.autograd.functional.jacobian(lambda x, norm=norm: norm(x).pow(3).sum(), x)
        for norm in norms
    )
    assert torch.allclose(mine, right, atol=1e-2, rtol=1e-2), (
        "In training the values are right, and the gradient with respect to x is not: for the cubes' sum it begins with "
        f"{show(mine[0, 0])[:2]}, and {show(right[0, 0])[:2]} is right. Mean and variance are made of x, too."
    )


def observe(submission, rng):
    seed = int(torch.randint(1000, (), generator=rng))
    x, mean, var, gamma, beta = make(seed)
    out = submission.batch_norm(x.requires_grad_(), mean, var, gamma, beta, True)
    graph = [mean.requires_grad or var.requires_grad]
    # Adding the same to a whole channel changes nothing in training: these gradients sum to 0.
    graph.append(
        attempt(
            lambda: bool(
                torch.autograd.grad(out.pow(3).sum(), x)[0].sum((0, 2, 3)).abs().max() < 1e-2
            )
        )
    )
    x, mean, var, gamma, beta = make(seed)
    one = attempt(lambda: submission.batch_norm(x, mean, var, gamma, beta, True))
    kept = [mean.clone(), var.clone()]
    other = attempt(lambda: submission.batch_norm(x, mean, var, gamma, beta, False))
    small = 0.001 * x
    third = attempt(lambda: submission.batch_norm(small, mean, var, gamma, beta, True))
    return [one, kept, other, mean, third, graph]
