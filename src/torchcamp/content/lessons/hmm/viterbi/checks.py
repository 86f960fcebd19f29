"""Two steps, random chains against all paths, an impossible transition, a long sequence."""

import itertools

import torch


def chain(seed, num_states=3, num_symbols=4):
    generator = torch.Generator().manual_seed(seed)

    def rows(*shape):
        counts = torch.rand(*shape, generator=generator) ** 2 + 0.02
        return counts / counts.sum(-1, keepdim=True)

    return rows(num_states), rows(num_states, num_states), rows(num_states, num_symbols)


def joint(path, initial, transition, emission, symbols):
    p = initial[path[0]] * emission[path[0]][symbols[0]]
    for t in range(1, len(symbols)):
        p = p * transition[path[t - 1]][path[t]] * emission[path[t]][symbols[t]]
    return p


def expect(submission, tables, symbols, words):
    returned = [int(s) for s in submission.viterbi(*tables, torch.tensor(symbols))]
    paths = itertools.product(range(len(tables[0])), repeat=len(symbols))
    tables = [table.tolist() for table in tables]  # numbers are a hundred times as fast
    best = max(paths, key=lambda path: joint(path, *tables, symbols))
    assert len(returned) == len(symbols), (
        f"{words}: {len(symbols)} symbols, and your path has {len(returned)} states."
    )
    mine, right = (joint(path, *tables, symbols) for path in (returned, best))
    assert mine >= right * 0.9999, (
        f"{words}, symbols {symbols}: your path {returned} has the joint probability {mine:.3g}; "
        f"{list(best)} has {right:.3g}."
    )


def check_two_steps(submission):
    """Short enough to see."""
    for seed in range(4):
        expect(submission, chain(seed, 2, 3), [0, 2], f"Random chain {seed} of two states")


def check_begin(submission):
    """Where it begins counts."""
    even = torch.full((2, 2), 0.5)
    for initial, emission in (
        ([0.99, 0.01], [[0.05, 0.95], [0.5, 0.5]]),
        ([0.3, 0.7], [[0.5, 0.5], [0.3, 0.7]]),
    ):
        tables = torch.tensor(initial), even, torch.tensor(emission)
        expect(submission, tables, [0, 0], f"Every transition 1/2, initial {initial}")


def check_random_chains(submission):
    """Six steps, three states."""
    for seed in range(8):
        expect(submission, chain(seed), [3, 0, 1, 1, 2, 0], f"Random chain {seed} of three states")


IMPOSSIBLE = (
    torch.tensor([0.4, 0.3, 0.3]),
    torch.tensor([[0.5, 0.5, 0.0], [0.5, 0.0, 0.5], [0.0, 0.6, 0.4]]),
    torch.tensor([[0.5, 0.4, 0.1], [0.4, 0.5, 0.1], [0.3, 0.4, 0.3]]),
)


def check_impossible(submission):
    """No path through a 0."""
    for symbols in ([0, 1, 1, 0, 1], [2, 0, 1, 1, 1]):
        expect(submission, IMPOSSIBLE, symbols, "Chain with transitions of probability 0")
    # A step through a 0 would explain eight symbols almost for sure; the honest path explains each badly.
    no_return = (
        torch.tensor([0.5, 0.5]),
        torch.tensor([[0.5, 0.5], [0.0, 1.0]]),
        torch.tensor([[1 - 1e-6, 1e-6], [1e-6, 1 - 1e-6]]),
    )
    expect(
        submission, no_return, [1, 1, 0, 0, 0, 0, 0, 0], "From state 1 there is no way to state 0"
    )


CASINO = (
    torch.tensor([0.5, 0.5]),
    torch.tensor([[0.95, 0.05], [0.05, 0.95]]),
    torch.tensor([[1 / 6] * 6, [0.1] * 5 + [0.5]]),
)
FAIR_THEN_LOADED = torch.tensor([*[0, 1, 2, 3, 4] * 120, *[5] * 200])


def check_long(submission):
    """No underflow."""
    path = [int(s) for s in submission.viterbi(*CASINO, FAIR_THEN_LOADED)]
    loaded = sum(path[610:])
    assert loaded == 190 and sum(path[:590]) == 0, (
        "800 throws of a casino: 600 without a six, then 200 sixes. Your path says loaded for "
        f"{loaded} of the last 190 throws. Products of 800 probabilities are 0, in 64 bits too."
    )


def observe(submission, rng):
    seen = []
    for _ in range(10):
        tables = chain(int(torch.randint(1000, (), generator=rng)))
        symbols = torch.randint(4, (7,), generator=rng)
        seen.append([int(s) for s in submission.viterbi(*tables, symbols)])
    seen.append([int(s) for s in submission.viterbi(*CASINO, FAIR_THEN_LOADED)][::40])
    return seen
