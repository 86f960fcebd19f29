"""Shape, a plain GRU, time first, two layers, both directions."""

import torch
from torch import nn


def make(seed=0, **options):
    torch.manual_seed(seed)
    return nn.GRU(3, 5, **options).requires_grad_(False), torch.randn(7, 4, 3)


def by_hand(gru, x):
    """The last layer's states, layer after layer, each direction by itself."""
    num_directions = 2 if gru.bidirectional else 1
    inputs = x
    for layer in range(gru.num_layers):
        outs, ends = [], []
        for direction in range(num_directions):
            one = nn.GRU(inputs.shape[2], 5, batch_first=True).requires_grad_(False)
            for mine, theirs in zip(
                one.parameters(), gru.all_weights[layer * num_directions + direction]
            ):
                mine.copy_(theirs)
            out, end = one(inputs.flip(1) if direction else inputs)
            outs.append(out.flip(1) if direction else out)
            ends.append(end[0])
        inputs = torch.cat(outs, 2)
    return torch.cat(ends, 1)


def expect(submission, words, **options):
    gru, x = make(**options)
    returned, expected = submission.last_states(gru, x), by_hand(gru, x)
    assert returned.shape == expected.shape, (
        f"{words}: B = 7, T = 4, H = 5 give {tuple(expected.shape)}; yours is {tuple(returned.shape)}."
    )
    wrong = [i for i in range(7) if (returned[i] - expected[i]).abs().max() > 1e-4]
    if not wrong:
        return
    unit = int((returned[wrong[0]] - expected[wrong[0]]).abs().argmax())
    mine, right = (round(float(states[wrong[0], unit]), 5) for states in (returned, expected))
    raise AssertionError(
        f"{words}: the shape is right, and the states of {len(wrong)} of 7 sequences are not what the network "
        f"knows after reading each by itself. At [{wrong[0]}, {unit}] (counted from 0) it is {right}; yours is {mine}."
    )


def check_batch_first(submission):
    """One layer, batch first."""
    expect(submission, "One layer, batch_first=True", batch_first=True)


def check_time_first(submission):
    """PyTorch's default."""
    expect(submission, "One layer, batch_first=False")


def check_layers(submission):
    """The last of three layers."""
    expect(submission, "Three layers", batch_first=True, num_layers=3)


def check_both_directions(submission):
    """Forward's last step, backward's first."""
    expect(submission, "Both directions", batch_first=True, bidirectional=True)
    expect(submission, "Both directions, two layers", bidirectional=True, num_layers=2)


def observe(submission, rng):
    seed = int(torch.randint(1000, (), generator=rng))
    seen = []
    for options in (
        {"batch_first": True},
        {},
        {"batch_first": True, "num_layers": 3},
        {"batch_first": True, "bidirectional": True},
        {"batch_first": True, "bidirectional": True, "num_layers": 2},
    ):
        try:
            seen.append(submission.last_states(*make(seed, **options)))
        except (IndexError, RuntimeError) as error:
            seen.append(type(error).__name__)
    return seen
