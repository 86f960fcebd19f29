"""What reaches the cross-entropy, and what a parrot pays under the changed line."""

from unittest import mock

import torch
import torch.nn.functional as F

from torchcamp.course.judge.predictions import compare, first_wrong, rewritten
from torchcamp.models.rnn import CharRNN, CharRNNConfig

CONFIG = CharRNNConfig(num_symbols=100, embedding_dim=4, hidden_size=8)
HELLO = torch.tensor([[ord(c) - ord("a") for c in "hello"]])


def parrot(symbols):
    return 50.0 * F.one_hot(symbols, 100), None


@torch.no_grad()
def happened():
    rnn, calls = CharRNN(CONFIG), []
    cross_entropy = F.cross_entropy

    def look(logits, targets, **options):
        calls.append((logits, targets))
        return cross_entropy(logits, targets, **options)

    with mock.patch.object(F, "cross_entropy", look):
        rnn.nats(HELLO)
        rnn.nats(torch.zeros(3, 9, dtype=torch.int64))
    changed = rewritten(CharRNN, "targets = symbols[:, 1:]", "targets = symbols[:, :-1]")(CONFIG)
    with mock.patch.object(changed, "forward", parrot):
        loss = changed.nats(HELLO).item()
    (_, targets), (logits, _) = calls
    return {
        "targets_of_hello": "".join(chr(ord("a") + int(i)) for i in targets[0]),
        "logits_shape": tuple(logits.shape),
        "parrot_is_perfect": loss < 1e-6,
    }


def check_targets_of_hello(submission):
    """All but the first."""
    words = compare(submission, happened(), "targets_of_hello")
    assert not words, words + " h is read and e predicted, e is read and l predicted, and so on."


def check_logits_shape(submission):
    """Classes in axis 1."""
    words = compare(submission, happened(), "logits_shape")
    assert not words, (
        words + " Eight characters are read, and `F.cross_entropy` wants the classes in axis 1."
    )


def check_parrot_is_perfect(submission):
    """A task that teaches nothing."""
    words = compare(submission, happened(), "parrot_is_perfect")
    assert not words, (
        words
        + " The network is asked for what it has just been given. The loss falls beautifully, and "
        "nothing is learnt about the language."
    )


def observe(submission, rng):
    return first_wrong(submission, happened())
