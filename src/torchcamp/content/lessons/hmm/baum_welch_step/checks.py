"""Each table, on counts made from a known chain; then a state that nobody visits."""

import torch


def expected_counts(seed, num_steps=7, num_states=3, num_symbols=4):
    """A posterior over paths and its pairs, consistent with each other."""
    generator = torch.Generator().manual_seed(seed)
    first = torch.rand(num_states, generator=generator)
    posterior, pairs = [first / first.sum()], []
    for _ in range(num_steps - 1):
        kernel = torch.rand(num_states, num_states, generator=generator) + 0.05
        kernel = kernel / kernel.sum(1, keepdim=True)
        pairs.append(posterior[-1][:, None] * kernel)
        posterior.append(pairs[-1].sum(0))
    symbols = torch.randint(num_symbols, (num_steps,), generator=generator)
    return torch.stack(posterior), torch.stack(pairs), symbols, num_symbols


def show(table):
    return [[round(float(x), 3) for x in row] for row in table]


def right(posterior, pairs, symbols, num_symbols):
    transition = pairs.sum(0) / posterior[:-1].sum(0)[:, None]
    emission = posterior.T @ torch.eye(num_symbols)[symbols] / posterior.sum(0)[:, None]
    return posterior[0], transition, emission


def close(a, b):
    return a.shape == b.shape and bool((a - b).abs().max() < 1e-4)


def check_initial(submission):
    """Where the chain began."""
    for seed in range(2):
        counts = expected_counts(seed)
        returned = submission.baum_welch_step(*counts)[0]
        assert close(returned, counts[0][0]), (
            f"The chain was in its states with the probabilities {show(counts[0][:1])[0]} at its first "
            f"step; your initial is {show(returned[None])[0]}."
        )


def check_transition(submission):
    """Rows of expected transitions."""
    for seed in range(2):
        counts = expected_counts(seed)
        returned, expected = submission.baum_welch_step(*counts)[1], right(*counts)[1]
        assert close(returned, expected), (
            f"Your transition is {show(returned)}, whose rows sum to "
            f"{[round(float(x), 3) for x in returned.sum(1)]}; it should be {show(expected)}."
        )


def check_emission(submission):
    """Rows of expected emissions."""
    for seed in range(2):
        counts = expected_counts(seed)
        returned, expected = submission.baum_welch_step(*counts)[2], right(*counts)[2]
        assert close(returned, expected), (
            f"Your emission is {show(returned)}; it should be {show(expected)}."
        )


def unvisited(symbols_in_all=5):
    posterior, pairs, symbols, num_symbols = expected_counts(0, num_symbols=symbols_in_all)
    posterior, pairs = (
        torch.cat([posterior, 0 * posterior[:, :1]], 1),
        torch.nn.functional.pad(pairs, (0, 1, 0, 1)),
    )
    return posterior, pairs, symbols, num_symbols


def hardly_visited():
    posterior = torch.tensor([[0.9, 0.1], [0.8, 0.2], [0.9, 0.1]])
    pairs = torch.stack([posterior[t][:, None] * posterior[t + 1] for t in range(2)])
    return posterior, pairs, torch.tensor([0, 1, 0]), 3


def check_hardly_visited(submission):
    """Less than one visit is a visit."""
    counts = hardly_visited()
    _, transition, emission = submission.baum_welch_step(*counts)
    _, right_transition, right_emission = right(*counts)
    assert close(transition, right_transition) and close(emission, right_emission), (
        f"State 1 is visited 0.4 times in all; its row of the emission is {show(right_emission[1:])[0]}, yours is "
        f"{show(emission[1:])[0]}, and of the transition {show(right_transition[1:])[0]}, yours {show(transition[1:])[0]}."
    )


def check_never_visited(submission):
    """No 0 / 0."""
    _, transition, emission = submission.baum_welch_step(*unvisited())
    for name, row in (("transition", transition[3]), ("emission", emission[3])):
        assert close(row, torch.full((len(row),), 1 / len(row))), (
            f"State 3 is never visited; your row of the {name} for it is {show(row[None])[0]}."
        )


def observe(submission, rng):
    counts = expected_counts(int(torch.randint(1000, (), generator=rng)))
    return [
        part
        for each in (counts, unvisited(), hardly_visited())
        for part in submission.baum_welch_step(*each)
    ]
