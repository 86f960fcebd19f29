"""Whether EM can tell the states apart, then what is called converged."""

import torch

from torchcamp.reading.probes import generator_misuse

SYMBOLS = torch.tensor([0, 0, 0, 1, 2, 2, 2, 1, 0, 0, 0, 1, 2, 2] * 3)


def em(tables, num_steps):
    """A few steps of Baum-Welch."""
    initial, transition, emission = (t.double() for t in tables)
    for _ in range(num_steps):
        alpha, alphas, scales = initial * emission[:, SYMBOLS[0]], [], []
        for t in range(len(SYMBOLS)):
            if t:
                alpha = (alphas[-1] @ transition) * emission[:, SYMBOLS[t]]
            scales.append(alpha.sum())
            alphas.append(alpha / alpha.sum())
        beta, betas, pairs = torch.ones(len(initial)).double(), [], 0
        for t in range(len(SYMBOLS) - 1, -1, -1):
            betas.insert(0, beta)
            arriving = emission[:, SYMBOLS[t]] * beta / scales[t]
            if t:
                pairs = pairs + alphas[t - 1][:, None] * transition * arriving
            beta = transition @ arriving
        posterior = torch.stack(alphas) * torch.stack(betas)
        initial = posterior[0]
        transition = pairs / pairs.sum(1, keepdim=True)
        counts = posterior.T @ torch.eye(3).double()[SYMBOLS]
        emission = counts / counts.sum(1, keepdim=True)
    return emission


def gap(submission, seed=0):
    tables = submission.begin(2, 3, torch.Generator().manual_seed(seed))
    emission = em(tables, 30)
    return float((emission[0] - emission[1]).abs().max())


FALLS = [-500.0, -310.0, -390.0]
RISES = [-500.0, -310.0, -300.0]
FLAT = [-500.0, -300.0, -299.99999]


def verdict(submission, values):
    try:
        return bool(submission.has_converged(values))
    except ValueError:
        return "refused"


def check_states_part(submission):
    """After EM the states differ."""
    tables = submission.begin(2, 3, torch.Generator().manual_seed(0))
    for name, table in zip(("initial", "transition", "emission"), tables):
        assert torch.allclose(table.sum(-1), torch.ones(table.shape[:-1]), atol=1e-4), (
            f"The rows of `{name}` must sum to 1."
        )
    found = gap(submission)
    assert found > 0.2, (
        f"After 30 steps of EM the rows of the emission differ by {found:.4f} at most: the states have hardly "
        f"parted. (A likelihood that fell from -310 to -390: {verdict(submission, FALLS)}.)"
    )


def check_states_emit_differently(submission):
    """The emission's rows differ from the first step on."""
    _, _, emission = submission.begin(3, 4, torch.Generator().manual_seed(1))
    apart = min(float((emission[r] - emission[s]).abs().max()) for r in range(3) for s in range(r))
    assert apart > 1e-4, (
        f"At the beginning two rows of your emission are alike (they differ by {apart:.4f}), so two states emit alike, "
        "and whatever parts them is small. With some seeds they may be alike after 30 steps of EM, too."
    )


def check_generator(submission):
    """The tables are drawn with the given generator."""
    misuse = generator_misuse(lambda generator: submission.begin(3, 4, generator))
    assert misuse is None, misuse


def check_fall(submission):
    """A falling likelihood is no success."""
    assert verdict(submission, FALLS) == "refused", (
        "The likelihood went -500, -310, -390, which EM cannot do: it must be refused with a ValueError; "
        f"`has_converged` says {verdict(submission, FALLS)}."
    )


def check_gain(submission):
    """While it rises, go on; when it stops, stop."""
    assert verdict(submission, RISES) is False, "From -310 to -300 is a gain: EM is not done."
    assert verdict(submission, FLAT) is True, "A gain of 0.00001 is less than the tolerance: done."
    assert verdict(submission, FLAT[1:]) is True, (
        "Two values whose gain is 0.00001: done; `has_converged` needs no third."
    )
    assert verdict(submission, [-3.0]) is False, "After one value nothing can have converged."


def observe(submission, rng):
    seed = int(torch.randint(1000, (), generator=rng))
    tables = submission.begin(2, 3, torch.Generator().manual_seed(seed))
    apart = [bool((t[0] != t[1]).any()) for t in tables]
    rows = [bool((t.sum(-1) - 1).abs().max() < 1e-4) for t in tables]
    return [
        apart,
        rows,
        generator_misuse(lambda generator: submission.begin(2, 3, generator)),
        gap(submission, seed) > 1e-6,
        [verdict(submission, v) for v in (FALLS, RISES, FLAT)],
    ]
