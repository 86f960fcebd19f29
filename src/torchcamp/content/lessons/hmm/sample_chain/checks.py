"""Shapes, a chain without chance, then shares of many draws."""

from itertools import pairwise

import torch

from torchcamp.reading.probes import generator_misuse, moves_random_state

SWING = torch.tensor([[0.0, 1.0], [1.0, 0.0]])
CYCLE = torch.tensor([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
EVEN = torch.tensor([0.5, 0.5])
SURE = torch.tensor([1.0, 0.0, 0.0])


def run(submission, *tables, length, seed=0):
    states, symbols = submission.sample_chain(*tables, length, torch.Generator().manual_seed(seed))
    return [int(s) for s in states], [int(s) for s in symbols]


def check_shapes(submission):
    """As many as asked for."""
    states, symbols = run(submission, torch.tensor([0.5, 0.5]), SWING, torch.eye(2), length=7)
    assert len(states) == len(symbols) == 7, (
        f"Length 7 was asked for; you returned {len(states)} states and {len(symbols)} symbols."
    )


def check_begins(submission):
    """The first state is drawn from initial."""
    sure = torch.eye(3)
    begins = [run(submission, sure[s], CYCLE, sure, length=5)[0][0] for s in range(3)]
    assert begins == [0, 1, 2], (
        f"Three chains whose `initial` says state 0, 1 and 2 for sure: yours begin in {begins}."
    )


def check_walks(submission):
    """A chain without chance."""
    states, _ = run(submission, SURE, CYCLE, torch.eye(3), length=7)
    assert states == [0, 1, 2, 0, 1, 2, 0], (
        f"The table sends 0 to 1, 1 to 2, 2 to 0; your states were {states}."
    )


def check_emits(submission):
    """Each symbol comes from its own step's state."""
    for transition in (CYCLE, torch.full((3, 3), 1 / 3)):
        states, symbols = run(submission, SURE, transition, torch.eye(3), length=12)
        assert symbols == states, (
            f"Each state emits its own number here; states {states} emitted {symbols}."
        )


LOADED = torch.tensor([[0.1, 0.9], [0.8, 0.2]])


def check_shares(submission):
    """Chance with the right shares."""
    states, symbols = run(submission, torch.tensor([0.5, 0.5]), SWING, LOADED, length=2000)
    assert all(a != b for a, b in pairwise(states)), (
        f"The table sends 0 to 1 and 1 to 0 for sure; your states begin {states[:8]}, your symbols {symbols[:8]}."
    )
    ones = [symbol for state, symbol in zip(states, symbols) if state == 0]
    share = sum(ones) / max(1, len(ones))
    assert abs(share - 0.9) < 0.05, (
        f"State 0 emits the symbol 1 with the probability 0.9; in 2,000 steps yours did in {share:.2f} of its "
        "visits."
    )


def check_moves_by_chance(submission):
    """Each state has its row's shares of successors."""
    states, _ = run(submission, EVEN, LOADED, torch.eye(2), length=2000)
    moves = [b for a, b in pairwise(states) if a == 0]
    share = sum(moves) / max(1, len(moves))
    assert abs(share - 0.9) < 0.05, (
        "`transition` sends state 0 to state 1 with the probability 0.9; in 2,000 steps yours went there in "
        f"{share:.2f} of the cases."
    )


def check_begins_by_chance(submission):
    """Not always in the likeliest state."""
    begins = [run(submission, EVEN, SWING, torch.eye(2), length=1, seed=s)[0][0] for s in range(20)]
    assert 0 < sum(begins) < 20, (
        f"`initial` says 1/2 for either state, and 20 chains of yours, of 20 seeds, all begin in state {begins[0]}."
    )


def check_generator(submission):
    """The given generator."""
    misuse = generator_misuse(
        lambda generator: submission.sample_chain(EVEN, EVEN.expand(2, 2), LOADED, 9, generator)
    )
    assert misuse is None, misuse


def tendencies(counts):
    """Of each row: the column with the largest share, and roughly how large that is."""
    shares = counts / counts.sum(dim=1, keepdim=True).clamp(min=1)
    limits = torch.tensor([0.45, 0.71, 0.97])
    return [[int(row.argmax()), int((row.max() > limits).sum())] for row in shares]


def observe(submission, rng):
    # Else draws without the generator would be the same numbers as those with it.
    torch.manual_seed(int(torch.randint(1 << 30, (), generator=rng)))
    tables = torch.tensor([0.1, 0.1, 0.8]), CYCLE * 0.7 + 0.1, torch.eye(3) * 0.7 + 0.1
    states, symbols = submission.sample_chain(*tables, 3000, rng)
    states, symbols = states.flatten(), symbols.flatten()
    length = min(len(states), len(symbols))
    joint = torch.zeros(3, 3)
    joint.index_put_((states[:length], symbols[:length]), torch.tensor(1.0), accumulate=True)
    moves = torch.zeros(3, 3)
    moves.index_put_((states[:-1], states[1:]), torch.tensor(1.0), accumulate=True)
    first = [int(submission.sample_chain(*tables, 1, rng)[0][0]) for _ in range(120)]
    top = max(range(3), key=first.count)
    share = first.count(top) / len(first)
    begins = f"mostly in {top}" if share > 0.46 else "anywhere"
    swinging, _ = submission.sample_chain(torch.tensor([0.5, 0.5]), SWING, LOADED, 40, rng)
    swinging = [int(s) for s in swinging]
    shared = moves_random_state(lambda: submission.sample_chain(*tables, 5, rng))
    follows = {
        run(submission, torch.tensor([1.0, 0.0]), LOADED, LOADED, length=2, seed=s)[0][-1]
        for s in range(40)
    }
    return [
        shared,
        len(follows),
        length == len(symbols),
        tendencies(joint),
        tendencies(moves),
        f"always in {top}" if share == 1 else begins,
        all(a != b for a, b in pairwise(swinging)),
    ]
