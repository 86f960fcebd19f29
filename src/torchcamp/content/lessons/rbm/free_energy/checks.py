"""A machine without hidden pull, one of two bits, random ones by enumeration, then large pulls."""

import itertools

import torch

from torchcamp.course.judge.checks import expect_graph


def machine(seed, num_visible=4, num_hidden=3):
    generator = torch.Generator().manual_seed(seed)
    weight = torch.randn(num_visible, num_hidden, generator=generator)
    biases = [torch.randn(n, generator=generator) for n in (num_visible, num_hidden)]
    v = torch.randint(2, (3, num_visible), generator=generator).float()
    return v, weight, *biases


def by_enumeration(v, weight, visible_bias, hidden_bias):
    """-log of the sum over every hidden vector."""
    energies = []
    for bits in itertools.product([0.0, 1.0], repeat=len(hidden_bias)):
        h = torch.tensor(bits)
        energies.append(-(v @ visible_bias) - h @ hidden_bias - v @ weight @ h)
    return -torch.logsumexp(-torch.stack(energies), dim=0)


def show(values):
    return [round(float(x), 4) for x in values]


def expect(submission, parts, words):
    returned, expected = submission.free_energy(*parts), by_enumeration(*parts)
    assert returned.shape == expected.shape, (
        f"{words}: {len(expected)} pictures want {tuple(expected.shape)}; yours is {tuple(returned.shape)}."
    )
    assert torch.allclose(returned, expected, atol=1e-3), (
        f"{words}: your free energies are {show(returned)}; summed over all hidden vectors they are "
        f"{show(expected)}."
    )


def check_visible_term(submission):
    """Weights of 0: the visible bias, and log 2 for each hidden unit."""
    v, weight, visible_bias, hidden_bias = machine(0)
    expect(submission, (v, 0 * weight, visible_bias, 0 * hidden_bias), "No weights, no hidden bias")


def check_two_bits(submission):
    """The statement's own."""
    one = torch.ones(1)
    expect(submission, (torch.tensor([[0.0], [1.0]]), 2 * one[:, None], one, 0 * one), "Two bits")


def check_random(submission):
    """Random machines."""
    for seed in range(3):
        expect(submission, machine(seed), f"Random machine {seed}")


def check_large(submission):
    """exp(100) is more than 32 bits hold."""
    one = torch.ones(1)
    returned = submission.free_energy(one[None], 100 * one[:, None], one, 0 * one)
    assert abs(float(returned) + 101) < 1e-2, (
        f"For a pull of 100 your free energy is {float(returned)}; it is -101."
    )


def check_graph(submission):
    """Training needs its gradient."""
    v, *parameters = machine(0)
    names = ("weight", "visible_bias", "hidden_bias")
    expect_graph(
        lambda *changed: submission.free_energy(v, *changed), **dict(zip(names, parameters))
    )


def observe(submission, rng):
    v, weight, visible_bias, hidden_bias = machine(int(torch.randint(1000, (), generator=rng)))
    usual = submission.free_energy(v, weight, visible_bias, hidden_bias)
    right = by_enumeration(v, weight, visible_bias, hidden_bias)
    seen = [usual, submission.free_energy(v, 0 * weight, visible_bias, 0 * hidden_bias)]
    if usual.shape != right.shape or not torch.allclose(usual, right, atol=1e-3):
        return seen  # a logarithm that overflows as well is told no other thing
    large = submission.free_energy(v * 100, weight.abs(), visible_bias, hidden_bias)
    return [*seen, bool(torch.isfinite(large).all())]
