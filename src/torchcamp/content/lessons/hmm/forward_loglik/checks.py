"""One symbol, three, random chains against all paths, then a long one."""

import itertools

import torch

from torchcamp.course.judge.checks import expect_graph

INITIAL = torch.tensor([0.6, 0.4])
TRANSITION = torch.tensor([[0.7, 0.3], [0.4, 0.6]])
EMISSION = torch.tensor([[0.1, 0.4, 0.5], [0.6, 0.3, 0.1]])


def chain(seed, num_states=3, num_symbols=4):
    generator = torch.Generator().manual_seed(seed)

    def rows(*shape):
        counts = torch.rand(*shape, generator=generator) + 0.05
        return counts / counts.sum(-1, keepdim=True)

    return rows(num_states), rows(num_states, num_states), rows(num_states, num_symbols)


def all_paths(initial, transition, emission, symbols):
    """p by summing over every path of states."""
    total = 0.0
    initial, transition, emission = (t.tolist() for t in (initial, transition, emission))
    for path in itertools.product(range(len(initial)), repeat=len(symbols)):
        p = initial[path[0]] * emission[path[0]][symbols[0]]
        for t in range(1, len(symbols)):
            p = p * transition[path[t - 1]][path[t]] * emission[path[t]][symbols[t]]
        total += p
    return total


def expect(submission, tables, symbols, words):
    symbols = torch.tensor(symbols)
    returned = float(submission.forward_loglik(*tables, symbols))
    expected = all_paths(*tables, symbols)
    assert abs(returned - torch.tensor(expected).log().item()) < 1e-3, (
        f"{words}: your log p is {returned:.4f}, so p is {torch.tensor(returned).exp():.6f}; summed over "
        f"all paths p is {expected:.6f}."
    )


def check_one_symbol(submission):
    """The beginning."""
    expect(submission, (INITIAL, TRANSITION, EMISSION), [0], "The symbol 0 alone")


def check_three_symbols(submission):
    """The statement's own."""
    expect(submission, (INITIAL, TRANSITION, EMISSION), [0, 1, 2], "The symbols 0, 1, 2")


def check_random_chains(submission):
    """Three states, four symbols."""
    for seed in range(3):
        expect(submission, chain(seed), [3, 0, 1, 1, 2], f"Random chain {seed}")


def check_long(submission):
    """A thousand steps."""
    symbols = torch.arange(1000) * 7 % 3
    returned = float(submission.forward_loglik(INITIAL, TRANSITION, EMISSION, symbols))
    assert -1500 < returned < -900, (
        f"For a sequence of 1,000 symbols your log p is {returned:.4f}. It is about -1,150; the product itself "
        "is far below what 32 bits can hold."
    )


def check_graph(submission):
    """The tables could be learnt by gradients."""
    expect_graph(
        lambda *tables: submission.forward_loglik(*tables, torch.tensor([0, 2, 1])),
        initial=INITIAL,
        transition=TRANSITION,
        emission=EMISSION,
    )


def observe(submission, rng):
    seed = int(torch.randint(1000, (), generator=rng))
    seen = [
        float(submission.forward_loglik(INITIAL, TRANSITION, EMISSION, torch.tensor(s)))
        for s in ([0], [0, 1, 2], [2, 2, 0, 1])
    ]
    seen.append(float(submission.forward_loglik(*chain(seed), torch.tensor([3, 0, 1, 1, 2]))))
    long = float(submission.forward_loglik(*chain(seed), torch.arange(600) % 4))
    return [*seen, long if long > -1e4 else "lost"]
