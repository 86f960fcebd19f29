"""Operations, then a chain, then a value used twice, then an order that matters, then twice."""

import math

import torch

from torchcamp.course.judge.checks import attempt


def gradients(submission, build, numbers, times=1):
    values = [submission.Value(number) for number in numbers]
    result = build(*values)
    for _ in range(times):
        result.backward()
    return [float(value.grad) for value in (*values, result)]  # the result's own grad is 1


def expect(submission, words, build, numbers, times=1):
    tensors = [torch.tensor(float(n), dtype=torch.float64, requires_grad=True) for n in numbers]
    expected = [float(g) for g in torch.autograd.grad(build(*tensors), tensors)]
    returned = gradients(submission, build, numbers, times)
    names = "abc"[: len(numbers)]
    given = ", ".join(f"{name} = {number:g}" for name, number in zip(names, numbers))
    for name, mine, right in zip(names, returned, expected):
        assert abs(mine - right) < 1e-6, (
            f"With {given} and {words}: `{name}.grad` is {mine:g}; {right:g} is right."
        )


def check_forward(submission):
    """The numbers themselves."""
    a, b = submission.Value(3.0), submission.Value(-2.0)
    for words, value, expected in (
        ("a * b", a * b, -6.0),
        ("a.relu()", a.relu(), 3.0),
        ("b.relu()", b.relu(), 0.0),
        ("b.tanh()", b.tanh(), math.tanh(-2.0)),
    ):
        assert abs(value.data - expected) < 1e-9, (
            f"With a = 3 and b = -2, `({words}).data` is {value.data:g}; {expected:g} is right."
        )


def check_one_operation(submission):
    """The slopes of each operation."""
    expect(submission, "c = a + b", lambda a, b: a + b, (3.0, -2.0))
    expect(submission, "c = a * b", lambda a, b: a * b, (3.0, -2.0))
    expect(submission, "c = a.relu() + b.relu()", lambda a, b: a.relu() + b.relu(), (3.0, -2.0))
    expect(submission, "c = a.relu() + b.relu()", lambda a, b: a.relu() + b.relu(), (0.5, -0.5))
    expect(submission, "c = a.tanh()", lambda a: a.tanh(), (0.5,))


def check_chain(submission):
    """Slopes multiply along the way."""
    expect(
        submission, "d = (a * b).tanh() * c", lambda a, b, c: (a * b).tanh() * c, (0.5, 2.0, 3.0)
    )


def check_used_twice(submission):
    """Two contributions."""
    expect(submission, "c = a + a", lambda a: a + a, (1.0,))
    expect(submission, "c = a * a", lambda a: a * a, (3.0,))


def twice_two(a):
    b = a + a
    return b + b


def shared(a, b):
    d = a * b
    e = d + b
    return d * e


def mirrored(a, b):
    d = a * b
    e = b + d
    return e * d


def check_order(submission):
    """Complete before it passes on."""
    expect(submission, "b = a + a, c = b + b", twice_two, (1.0,))
    expect(submission, "d = a * b, e = d + b, f = d * e", shared, (2.0, 3.0))
    expect(submission, "d = a * b, e = b + d, f = e * d", mirrored, (2.0, 3.0))


def check_called_twice(submission):
    """It begins anew."""
    expect(submission, "b = a + a, c = b + b, and backward() called twice", twice_two, (1.0,), 2)


def observe(submission, rng):
    x, y, z = (float(v) for v in 1 + torch.rand(3, generator=rng))
    probes = [
        (lambda a, b: a + b, (x, y), 1),
        (lambda a, b: a * b, (x, -y), 1),
        (lambda a, b: a.relu() + b.relu(), (x, -y), 1),
        (lambda a: a.tanh(), (x,), 1),
        (lambda a, b, c: (a * b).tanh() * c, (0.4 * x, 0.5 * y, z), 1),
        (lambda a: a * a, (x,), 1),
        (twice_two, (x,), 1),
        (shared, (x, y), 1),
        (mirrored, (x, y), 1),
        (twice_two, (x,), 2),
    ]
    a, b = submission.Value(x), submission.Value(-y)
    forward = [lambda: a + b, lambda: a * b, a.relu, b.relu, b.tanh]
    return [
        *(attempt(lambda p=p: gradients(submission, *p)) for p in probes),
        *(attempt(lambda f=f: float(f().data)) for f in forward),
    ]
