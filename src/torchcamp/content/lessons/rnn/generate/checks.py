"""How many, what they are, what the network was given, then the state."""

import torch
from torch import nn

from torchcamp.course.judge.checks import attempt


class Counting(nn.Module):
    """Says: one more than what I read last. Its state counts what it has read."""

    def __init__(self, num_symbols=40):
        super().__init__()
        self.size = num_symbols
        self.weight = nn.Parameter(torch.ones(()))
        self.read, self.states = [], []

    def forward(self, symbols, hidden=None):
        self.read.append(symbols.shape[1])
        self.states.append(0 if hidden is None else int(hidden))
        count = (0 if hidden is None else hidden) + symbols.shape[1]
        logits = torch.full((*symbols.shape, self.size), -50.0)
        logits.scatter_(2, (symbols[..., None] + 1) % self.size, 50.0)
        return logits * self.weight, torch.as_tensor(count)


class Parity(nn.Module):
    """Says how much it has read, in all."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(()))

    def forward(self, symbols, hidden=None):
        start = 0 if hidden is None else int(hidden)
        places = torch.arange(1, symbols.shape[1] + 1) + start
        logits = 50.0 * nn.functional.one_hot(places % 20, 20).float() * self.weight
        return logits[None], torch.tensor(start + symbols.shape[1])


def best(logits):
    return int(logits.argmax())


def run(submission, network, prompt=(3, 4), number=5):
    return submission.generate(network, torch.tensor(prompt), number, best)


def check_number(submission):
    """As many as asked for, without the prompt."""
    returned = run(submission, Counting())
    assert returned.shape == (5,), f"Five new symbols: (5,); yours is {tuple(returned.shape)}."


def check_continues(submission):
    """After the prompt."""
    returned = run(submission, Counting()).tolist()
    assert returned == [5, 6, 7, 8, 9], (
        f"A network that says one more each time continues 3 4 by 5 6 7 8 9; yours by {returned}."
    )


def check_state(submission):
    """The state is carried."""
    returned = run(submission, Parity(), (0, 0, 0)).tolist()
    assert returned == [3, 4, 5, 6, 7], (
        "A network that says how many symbols it has read, after a prompt of three, says 3 4 5 6 7; yours says "
        f"{returned}."
    )


def check_read_once(submission):
    """One symbol at a time."""
    network = Counting()
    run(submission, network, (3, 4, 5), 6)
    assert sum(network.read) <= 3 + 6, (
        f"Prompt and new symbols are 9, and the network read {sum(network.read)}: the state remembers, nothing is to be "
        "read twice."
    )


SAID = [7, 30, 2, 11]


def asked(submission):
    """What comes back where `draw` says SAID; the axes of all that it was handed, and its largest number."""
    handed = []

    def draw(logits):
        handed.append(torch.as_tensor(logits).detach())
        return SAID[(len(handed) - 1) % len(SAID)]

    returned = submission.generate(Counting(), torch.tensor([3, 4]), len(SAID), draw)
    axes = sorted({each.dim() for each in handed})
    return (
        torch.as_tensor(returned).tolist(),
        axes,
        max((float(x.max()) for x in handed), default=0),
    )


def check_draw(submission):
    """Each symbol is drawn by `draw`, from logits (V,)."""
    returned, axes, largest = asked(submission)
    assert returned == SAID, (
        f"A `draw` that says 7, 30, 2, 11, whatever its logits, must give {SAID}; yours gives {returned}."
    )
    assert axes == [1], f"`draw` wants logits (V,), with one axis; it was handed some with {axes}."
    assert largest == 50, (
        f"`draw` wants the network's logits, of which the largest was 50 here; it was handed {largest:.2f}."
    )


def check_no_graph(submission):
    """Nothing to train."""
    kept = []
    network = Counting()

    def draw(logits):
        kept.append(logits.requires_grad)
        return best(logits)

    submission.generate(network, torch.tensor([1]), 3, draw)
    assert not any(kept), "The logits that you draw from hold a graph, and nothing is trained here."


def observe(submission, rng):
    prompt = torch.randint(15, (4,), generator=rng).tolist()
    counting, parity = Counting(), Parity()
    kept = []

    def draw(logits):
        kept.append(logits.requires_grad)
        return best(logits)

    submission.generate(Counting(), torch.tensor([1]), 2, draw)
    return [
        torch.as_tensor(run(submission, counting, prompt)).tolist(),
        torch.as_tensor(run(submission, parity, prompt)).tolist(),
        sum(counting.read) > 9,
        any(kept),
        attempt(lambda: [*asked(submission)[:2], round(asked(submission)[2])]),
    ]
