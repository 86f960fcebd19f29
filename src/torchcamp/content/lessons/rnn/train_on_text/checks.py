"""The first loss, whether it runs on, what is carried, then clipping and what is kept."""

import copy

import torch
import torch.nn.functional as F
from torch import nn

from torchcamp.reading.probes import graph_size


class Small(nn.Module):
    """A GRU that remembers what it was handed."""

    def __init__(self, num_symbols=6):
        super().__init__()
        self.embedding = nn.Embedding(num_symbols, 4)
        self.gru = nn.GRU(4, 5, batch_first=True)
        self.output = nn.Linear(5, num_symbols)
        self.symbols, self.handed, self.ended, self.sizes = [], [], [], []

    def forward(self, symbols, hidden=None):
        self.symbols.append(symbols)
        self.handed.append(None if hidden is None else hidden.detach().clone())
        self.sizes.append(graph_size(hidden))
        states, hidden = self.gru(self.embedding(symbols), hidden)
        self.ended.append(hidden.detach().clone())
        return self.output(states), hidden

    def first_calls(self, chunks):
        """For each chunk, the number of the first call with its inputs; None where there was none."""
        same = [[n for n, s in enumerate(self.symbols) if torch.equal(s, x)] for x, _ in chunks]
        return [calls[0] if calls else None for calls in same]


def make(seed=0, number=4, rate=0.5):
    torch.manual_seed(seed)
    network = Small()
    chunks = [tuple(torch.randint(6, (2, 3, 4))) for _ in range(number)]
    return network, torch.optim.SGD(network.parameters(), lr=rate), chunks


def check_first_loss(submission):
    """One chunk."""
    network, optimizer, chunks = make(number=1)
    logits, _ = copy.deepcopy(network)(chunks[0][0])
    expected = float(F.cross_entropy(logits.flatten(0, 1), chunks[0][1].flatten()))
    losses = submission.train_on_text(network, optimizer, chunks)
    assert isinstance(losses, list) and len(losses) == 1, "One chunk gives a list of one loss."
    assert abs(float(losses[0]) - expected) < 1e-4, (
        f"The first chunk costs {expected:.4f} nats per character; yours says {float(losses[0]):.4f}."
    )


def check_floats(submission):
    """A list of numbers."""
    network, optimizer, chunks = make(number=1)
    (loss,) = submission.train_on_text(network, optimizer, chunks)
    assert not isinstance(loss, torch.Tensor) or not loss.requires_grad, (
        "Your list holds losses with their graphs: every chunk of the text stays in memory."
    )


def check_runs_on(submission):
    """A second chunk."""
    network, optimizer, chunks = make()
    try:
        submission.train_on_text(network, optimizer, chunks)
    except RuntimeError as error:
        words = str(error).partition(".")[0].partition(": [")[0]
        back = (
            " The graph was used up by an earlier `backward()`." if "second time" in words else ""
        )
        raise AssertionError(
            f"One chunk by itself goes well; with four PyTorch refused: {words}.{back}"
        ) from None


def check_carried(submission):
    """The numbers go on."""
    network, optimizer, chunks = make()
    submission.train_on_text(network, optimizer, chunks)
    calls = network.first_calls(chunks)
    assert None not in calls, (
        f"The network was never called with the inputs of chunk {calls.index(None)}."
    )
    handed = [network.handed[call] for call in calls]
    assert handed[0] is None or not handed[0].any(), (
        "The first chunk must begin with no state (None, or zeros)."
    )
    for n in range(1, len(chunks)):
        ended = network.ended[calls[n - 1]]
        assert handed[n] is not None and handed[n].any(), (
            f"Chunk {n} was handed no state, or zeros, and not the state that chunk {n - 1} ended with."
        )
        gap = float((handed[n] - ended).abs().max())
        assert gap < 1e-4, (
            f"Chunk {n} was handed a state that is off by up to {gap:.4f} from the one that chunk {n - 1} ended with."
        )


def check_no_history(submission):
    """Their history does not."""
    network, optimizer, chunks = make(number=5)
    submission.train_on_text(network, optimizer, chunks)
    assert max(network.sizes) == 0, (
        f"The states that were handed on hold graphs of {network.sizes} nodes: a chunk's way back goes on into "
        "those before it."
    )


def check_anew(submission):
    """A second text does not know the first."""
    network, optimizer, chunks = make()
    submission.train_on_text(network, optimizer, chunks[:2])
    number = len(network.handed)
    submission.train_on_text(network, optimizer, chunks[2:])
    handed = network.handed[number]
    assert handed is None or not handed.any(), (
        "A second call is another text; it began with the state of the first."
    )


def step_length(submission, seed=0, max_norm=0.01, number=1, steep=1.0):
    """How far one step moves the weights; with `steep` the gradient is longer."""
    network, optimizer, chunks = make(seed, number=number, rate=1.0)
    network.output.weight.data *= steep
    before = [p.detach().clone() for p in network.parameters()]
    submission.train_on_text(network, optimizer, chunks, max_norm=max_norm)
    moved = [(p.detach() - q).flatten() for p, q in zip(network.parameters(), before)]
    return float(torch.cat(moved).norm())


def check_clipped(submission):
    """No step is longer than the clip allows."""
    length = step_length(submission)
    assert abs(length - 0.01) < 1e-3, (
        f"With rate 1 and max_norm 0.01 one step has the length 0.01; yours has {length:.4f}."
    )


def check_clipped_only(submission):
    """A gradient that is short enough stays as it is."""
    length, whole = step_length(submission, max_norm=0.5), step_length(submission, max_norm=1e9)
    assert abs(length - whole) < 1e-3, (
        f"Without a clip this step has the length {whole:.4f}, so max_norm 0.5 changes nothing; yours has {length:.4f}."
    )


def off(submission, seed=0):
    """How far the weights are, after three chunks, from a loop that empties the gradients."""
    network, optimizer, chunks = make(seed, number=3, rate=0.3)
    twin = copy.deepcopy(network)
    submission.train_on_text(network, optimizer, chunks, max_norm=1e9)
    hidden = None
    for x, y in chunks:
        logits, hidden = twin(x, hidden)
        hidden = hidden.detach()
        loss = F.cross_entropy(logits.flatten(0, 1), y.flatten())
        for p, grad in zip(twin.parameters(), torch.autograd.grad(loss, list(twin.parameters()))):
            p.data -= 0.3 * grad
    return max((p - q).abs().max().item() for p, q in zip(network.parameters(), twin.parameters()))


def check_kept_apart(submission):
    """Each chunk's gradient is its own."""
    worst = off(submission)
    assert worst < 1e-4, (
        f"After three chunks the weights are off by up to {worst:.3f} from a training in which each step follows its own "
        "chunk's gradient."
    )


def check_every_loss(submission):
    """A loss for each chunk."""
    network, optimizer, chunks = make(number=3, rate=0.0)
    twin, hidden, right = copy.deepcopy(network), None, []
    for x, y in chunks:
        logits, hidden = twin(x, hidden)
        right.append(round(float(F.cross_entropy(logits.flatten(0, 1), y.flatten())), 4))
    losses = [round(float(x), 4) for x in submission.train_on_text(network, optimizer, chunks)]
    assert len(losses) == 3 and max(abs(a - b) for a, b in zip(losses, right)) < 1e-3, (
        f"With rate 0 three chunks cost {right}; your list is {losses}."
    )


def observe(submission, rng):
    seed = int(torch.randint(1000, (), generator=rng))
    network, optimizer, chunks = make(seed)
    try:
        losses = submission.train_on_text(network, optimizer, chunks)
        calls = [n for n in network.first_calls(chunks) if n is not None] + [len(network.handed)]
        submission.train_on_text(network, optimizer, chunks[:1])
    except RuntimeError as error:
        return str(error)[:40]
    handed = [None if h is None or not h.any() else h for h in (network.handed[n] for n in calls)]
    graphs = ["graph" if network.sizes[n] else "none" for n in calls]
    kept = any(isinstance(loss, torch.Tensor) and loss.requires_grad for loss in losses)
    return [
        [float(loss) for loss in losses],
        kept,
        handed,
        graphs,
        round(step_length(submission, seed) * 300),
        round(step_length(submission, seed, max_norm=2.0, steep=40.0) * 30),
        off(submission, seed) < 1e-4,
    ]
