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


def check_own_draws(submission):
    """Each unit is drawn by itself."""
    v, h, weight = torch.zeros(2000, 3), torch.zeros(2000, 2), torch.zeros(3, 2)
    hidden = submission.sample_h(v, weight, torch.zeros(2), rng())
    visible = submission.sample_v(h, weight, torch.zeros(3), rng())
    for words, bits in (("hidden units", hidden), ("pixels", visible)):
        share = (bits[:, 0] == bits[:, 1]).float().mean().item()
        assert 0.4 < share < 0.6, (
            f"Two {words} that are on half of the time, each by itself, are equal in half of the draws; yours are "
            f"in {100 * share:.0f} %."
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


PULLS = torch.tensor([1.0, -0.2, -0.8, -0.8])  # of the other layer on four units
BIASES = torch.tensor([0.9, -1.0, 1.2, 1.2])


def law(draw):
    """In words, how the bits (N, 4) of `draw(seed)` come about, each of which should be on with the probability
    sigmoid(PULLS + BIASES): whatever is drawn, and however, the same mistake gives the same words."""
    bits, again = draw(1), draw(2)
    if list(bits.shape[1:]) != [4]:
        return [list(bits.shape[1:])]
    drawn = not torch.equal(bits, again)
    is_bits = set(bits.unique().tolist()) <= {0.0, 1.0}
    if drawn and is_bits and bool((bits == bits[0]).all()):
        return ["one draw for all rows"]
    together = drawn and bool((bits[:, 2] == bits[:, 3]).all())
    share, logits = bits.mean(0), PULLS + BIASES
    expected = {
        "right": torch.sigmoid(logits),
        "turned round": torch.sigmoid(-logits),
        "no bias": torch.sigmoid(PULLS),
        "rounded": torch.sigmoid(logits).round(),
        "cut": logits.clamp(0, 1),
    }
    fits = [name for name, p in expected.items() if torch.allclose(share, p, atol=0.04)]
    return [drawn, is_bits, together, fits or (share * 3).round()]


def observe(submission, rng):
    number = int(torch.randint(3000, 3500, (), generator=rng))
    seed = int(torch.randint(1000, (), generator=rng))
    rows = torch.tensor([[1.0, 0.0]]).repeat(number, 1)
    weight = torch.stack([PULLS, torch.full((4,), 3.0)])

    def generator(seed):
        return torch.Generator().manual_seed(seed)

    def on():
        v, hidden_bias = torch.ones(500, 2), torch.tensor([-8.0])
        return submission.gibbs_step(v, PAIR, PAIR_BIAS, hidden_bias, generator(seed)).mean()

    return [
        moves_random_state(lambda: attempt(lambda: agreement(submission, 20, seed))),
        number,
        law(lambda seed: submission.sample_h(rows, weight, BIASES, generator(seed))),
        law(lambda seed: submission.sample_v(rows, weight.T, BIASES, generator(seed))),
        attempt(lambda: list(agreement(submission, seed=seed)[1].shape)),
        attempt(lambda: round(agreement(submission, seed=seed)[0] * 4)),
        attempt(lambda: round(float(on()) * 4)),
    ]
