"""Each direction: shape, bits, shares. Then a step whose outcome tells whether bits drove it."""

import torch

from torchcamp.course.judge.checks import attempt
from torchcamp.reading.probes import generator_misuse, moves_random_state


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


def check_hidden(submission):
    """Hidden bits with the right shares."""
    v = torch.tensor([[1.0, 0.0, 1.0]]).repeat(4000, 1)
    weight = torch.tensor([[1.0, -2.0], [5.0, 5.0], [0.5, 1.0]])
    bias = torch.tensor([0.0, 0.5])
    h = submission.sample_h(v, weight, bias, rng())
    assert h.shape == (4000, 2), f"4,000 pictures, 2 hidden units: yours is {tuple(h.shape)}."
    assert set(h.unique().tolist()) <= {0.0, 1.0}, "The hidden layer must be bits."
    for j, p in enumerate(torch.sigmoid(torch.tensor([1.5, -0.5])).tolist()):
        share = h[:, j].mean().item()
        assert abs(share - p) < 0.03, (
            f"Hidden unit {j} should be on in a share of {p:.2f} of the draws; yours is in {share:.2f}."
        )


def check_visible(submission):
    """Visible bits with the right shares."""
    h = torch.tensor([[1.0, 0.0]]).repeat(4000, 1)
    weight = torch.tensor([[1.0, 9.0], [-1.0, 9.0], [0.2, 9.0]])
    v = submission.sample_v(h, weight, torch.tensor([0.5, 0.0, 0.0]), rng())
    assert v.shape == (4000, 3), f"4,000 draws of 3 pixels: yours is {tuple(v.shape)}."
    assert set(v.unique().tolist()) <= {0.0, 1.0}, "The visible layer must be bits."
    for i, p in enumerate(torch.sigmoid(torch.tensor([1.5, -1.0, 0.2])).tolist()):
        share = v[:, i].mean().item()
        assert abs(share - p) < 0.03, (
            f"Pixel {i} should be on in a share of {p:.2f} of the draws; yours is in {share:.2f}."
        )


# One hidden unit that is on half of the time decides both pixels at once.
PAIR = torch.full((1, 2), 8.0).T.contiguous()
PAIR_BIAS = torch.tensor([-4.0, -4.0])


def agreement(submission, number=2000, seed=0):
    v = torch.zeros(number, 2)
    new = submission.gibbs_step(v, PAIR, PAIR_BIAS, torch.zeros(1), rng(seed))
    return (new[:, 0] == new[:, 1]).float().mean().item(), new


def check_step_shape(submission):
    """A step gives visible bits."""
    _, new = agreement(submission)
    assert new.shape == (2000, 2), (
        f"A step gives new visible bits (2000, 2); yours is {tuple(new.shape)}."
    )
    assert set(new.unique().tolist()) <= {0.0, 1.0}, (
        "A step gives visible bits; yours are not bits."
    )


def check_bits_drive(submission):
    """Two pixels that hang on one hidden bit come out alike."""
    share, _ = agreement(submission)
    assert share > 0.9, (
        f"Both pixels hang on one hidden bit, so they should be equal in 96 % of the steps; yours are in "
        f"{100 * share:.0f} %."
    )


def check_step_reads_v(submission):
    """The old picture matters."""
    v = torch.tensor([[1.0, 1.0]]).repeat(500, 1)
    hidden_bias = torch.tensor([-8.0])
    new = submission.gibbs_step(v, PAIR, PAIR_BIAS, hidden_bias, rng())
    share = new.mean().item()
    assert share > 0.9, (
        f"Both pixels on hold the hidden unit on, and it them: they should stay on; in yours {share:.2f} are."
    )


def check_generator(submission):
    """The given generator."""
    v, weight, bias = torch.zeros(20, 2), torch.zeros(2, 1), torch.zeros(2)
    for words, draw in (
        ("sample_h", lambda generator: submission.sample_h(v, weight, bias[:1], generator)),
        ("sample_v", lambda generator: submission.sample_v(v[:, :1], weight, bias, generator)),
        (
            "gibbs_step",
            lambda generator: submission.gibbs_step(v, weight, bias, bias[:1], generator),
        ),
    ):
        misuse = generator_misuse(draw)
        assert misuse is None, f"`{words}`: {misuse}"


def observe(submission, rng):
    v = torch.randint(2, (3000, 3), generator=rng).float()
    weight = torch.randn(3, 2, generator=rng) * 2
    biases = torch.tensor([1.0, -1.5, 2.0]), torch.tensor([1.5, -2.0])
    seed = int(torch.randint(1000, (), generator=rng))
    generator = torch.Generator().manual_seed(seed)

    def seen(bits):
        kinds = bits.unique().numel()
        return [list(bits.shape), kinds if kinds < 3 else "many", (bits.mean(0) * 12).round()]

    h = submission.sample_h(v, weight, biases[1], generator)
    new = submission.sample_v(
        torch.bernoulli(torch.full((3000, 2), 0.5), generator=generator),
        weight,
        biases[0],
        generator,
    )
    even = submission.sample_h(
        torch.ones(2000, 3), torch.full((3, 2), 0.1), torch.zeros(2), generator
    )
    share = attempt(lambda: round(agreement(submission, seed=seed)[0] * 5))
    on = submission.gibbs_step(
        v, weight.abs() * 4, -4 * weight.abs().sum(1), -3 * torch.ones(2), generator
    )
    shared = moves_random_state(lambda: attempt(lambda: agreement(submission, 20, seed)))
    return [shared, seen(h), seen(new), seen(even), share, seen(on)]
