"""As it is, wrapped, incomplete, other shapes."""

import torch
from torch import nn

from torchcamp.course.judge.checks import attempt


class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(3, 4)
        self.submodule = nn.Linear(4, 2)  # "module." inside a name is no prefix
        self.model = nn.Linear(2, 2)  # made of letters of "module": `lstrip` would eat them


def make(seed):
    torch.manual_seed(seed)
    return Head()


def same(a, b):
    return all(torch.equal(v, b.state_dict()[k]) for k, v in a.state_dict().items())


def wrapped(state):
    return {f"module.{key}": value for key, value in state.items()}


def check_plain(submission):
    """The keys agree."""
    network, theirs = make(0), make(1)
    submission.load_weights(network, theirs.state_dict())
    assert same(network, theirs), "The network's weights are not those of the file afterwards."


def check_wrapped(submission):
    """`module.` in front of every key."""
    network, theirs = make(0), make(1)
    saved = wrapped(theirs.state_dict())
    submission.load_weights(network, saved)
    assert same(network, theirs), (
        f"With keys such as `{next(iter(saved))}` the network's weights are not those of the file."
    )


def check_incomplete(submission):
    """Something is missing, or too much."""
    for words, change in (
        ("without `body.bias`", lambda s: s.pop("body.bias")),
        ("with a key `extra` more", lambda s: s.update(extra=torch.zeros(1))),
    ):
        saved = dict(make(1).state_dict())
        change(saved)
        outcome = attempt(lambda s=saved: submission.load_weights(make(0), s))
        assert isinstance(outcome, dict) and outcome.get("raised"), (
            f"A file {words} was loaded without an error."
        )


def check_other_shapes(submission):
    """A weight of another network."""
    for key, shape in (("body.weight", (4, 5)), ("body.bias", (1,))):
        saved = dict(make(1).state_dict())
        right = tuple(saved[key].shape)
        saved[key] = torch.zeros(shape)
        outcome = attempt(lambda s=saved: submission.load_weights(make(0), s))
        assert isinstance(outcome, dict) and outcome.get("raised"), (
            f"A file whose `{key}` is {shape}, where the network's is {right}, was loaded without an error."
        )


def check_saved_unchanged(submission):
    """The file is your colleague's."""
    saved = wrapped(make(1).state_dict())
    keys = list(saved)
    attempt(lambda: submission.load_weights(make(0), saved))
    assert list(saved) == keys, f"The keys of `saved` are {list(saved)[:2]} ... after the call."


def observe(submission, rng):
    seed = int(torch.randint(1000, (), generator=rng))
    state = make(seed).state_dict()
    probes = [dict(state), wrapped(state), dict(list(state.items())[1:]), state | {"extra": torch.zeros(1)},
              state | {"body.weight": torch.zeros(4, 5)}, dict(reversed(state.items())),
              state | {"body.bias": torch.zeros(1)}]  # fmt: skip
    seen = []
    for saved in probes:
        network, keys = make(seed + 1), list(saved)
        outcome = attempt(lambda n=network, s=saved: submission.load_weights(n, s))
        values = [v.flatten()[:3] for v in network.state_dict().values()]
        seen.append([outcome, values, list(saved) == keys])
    return seen
