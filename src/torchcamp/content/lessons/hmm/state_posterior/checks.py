"""Rows that sum to one, the last step, the first, then all of them, then a long sequence."""

import itertools

import torch


def chain(seed, num_states=3, num_symbols=4):
    generator = torch.Generator().manual_seed(seed)

    def rows(*shape):
        counts = torch.rand(*shape, generator=generator) + 0.05
        return counts / counts.sum(-1, keepdim=True)

    return rows(num_states), rows(num_states, num_states), rows(num_states, num_symbols)


def by_paths(initial, transition, emission, symbols):
    """The posterior by summing over every path."""
    posterior = torch.zeros(len(symbols), len(initial))
    initial, transition, emission = (t.tolist() for t in (initial, transition, emission))
    for path in itertools.product(range(len(initial)), repeat=len(symbols)):
        p = initial[path[0]] * emission[path[0]][symbols[0]]
        for t in range(1, len(symbols)):
            p = p * transition[path[t - 1]][path[t]] * emission[path[t]][symbols[t]]
        for t, state in enumerate(path):
            posterior[t, state] += p
    return posterior / posterior.sum(1, keepdim=True)


SYMBOLS = [3, 0, 1, 1, 2]


def compare(submission, steps, words):
    for seed in range(3):
        tables = chain(seed)
        returned = submission.state_posterior(*tables, torch.tensor(SYMBOLS))
        assert returned.shape == (5, 3), (
            f"Five symbols and three states give (5, 3); yours is {tuple(returned.shape)}."
        )
        expected = by_paths(*tables, SYMBOLS)
        for t in steps:
            mine, right = returned[t].tolist(), expected[t].tolist()
            assert max(abs(a - b) for a, b in zip(mine, right)) < 1e-3, (
                f"{words}, random chain {seed}: your posterior is {[round(x, 4) for x in mine]}; over all "
                f"paths it is {[round(x, 4) for x in right]}."
            )


def check_sums(submission):
    """Probabilities."""
    returned = submission.state_posterior(*chain(0), torch.tensor(SYMBOLS))
    sums = returned.sum(dim=1)
    assert (sums - 1).abs().max() < 1e-3, (
        f"Each step's probabilities must sum to 1; yours sum to {[round(x, 4) for x in sums.tolist()]}."
    )


def check_last_step(submission):
    """Nothing comes after it."""
    compare(submission, [4], "The last step")


def check_all_steps(submission):
    """With what comes after."""
    compare(submission, [3, 2, 1, 0], "A step before the last")


def check_long(submission):
    """No underflow."""
    returned = submission.state_posterior(*chain(1), torch.arange(500) * 3 % 4)
    assert torch.isfinite(returned).all(), (
        "For 500 symbols your posterior holds nan or inf. A product of so many probabilities becomes 0, and 0 / 0 is nan."
    )


def observe(submission, rng):
    seen = []
    for _ in range(2):
        tables = chain(int(torch.randint(1000, (), generator=rng)))
        seen.append(submission.state_posterior(*tables, torch.randint(4, (6,), generator=rng)))
    long = submission.state_posterior(*chain(1), torch.arange(500) * 3 % 4)
    return [*seen, bool(torch.isfinite(long).all())]
