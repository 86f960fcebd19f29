"""Shape, numbers to learn, values, then the way back."""

import torch
import torch.nn.functional as F

from torchcamp.course.judge.checks import attempt


def make(submission, width=4):
    torch.manual_seed(0)
    return submission.Gated(width)


def expected_of(network, x, slopes=(0.25, 0.25)):
    h = F.leaky_relu(network.first(x), slopes[0])
    h = F.leaky_relu(network.second(h), slopes[1])
    return h * (1 + torch.sigmoid(network.gate(x)))


def check_values(submission):
    """y as in the formula; a fresh PReLU has slope 0.25."""
    network, x = make(submission), torch.randn(5, 4)
    returned = network(x)
    expected = expected_of(network, x)
    assert returned.shape == expected.shape, f"(5, 4) became {tuple(returned.shape)}."
    assert torch.allclose(returned, expected, atol=1e-5), (
        f"The first row is {[round(v, 4) for v in returned[0].tolist()]}; by the formula, with your "
        f"own weights, it is {[round(v, 4) for v in expected[0].tolist()]}."
    )


def check_numbers_to_learn(submission):
    """Two slopes, not one."""
    count = sum(p.numel() for p in make(submission).parameters())
    assert count == 62, f"`Gated(4)` learns {count} numbers; 3 * (16 + 4) + 2 = 62 are wanted."


def check_backward(submission):
    """A gradient reaches every parameter."""
    network = make(submission)
    network(torch.randn(5, 4)).sum().backward()
    without = [name for name, p in network.named_parameters() if p.grad is None]
    assert not without, f"No gradient reaches {', '.join(without)}."


def observe(submission, rng):
    network = make(submission)
    x = torch.randn(6, 4, generator=rng)
    out = attempt(lambda: network(x))
    if isinstance(out, dict):
        return [out]
    backward = attempt(lambda: out.sum().backward(), words=True)
    grads = [p.grad is None for p in network.parameters()]
    ratio = out / expected_of(network, x)
    return [sum(p.numel() for p in network.parameters()), ratio, backward, grads]
