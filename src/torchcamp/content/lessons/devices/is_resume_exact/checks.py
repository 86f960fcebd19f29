"""A run that resumes exactly, then runs that forget something."""

import torch
import torch.nn.functional as F
from torch import nn


class Run:
    """A small training with momentum and noise of its own; `forgets` names what it does not save."""

    def __init__(self, seed, forgets=()):
        torch.manual_seed(seed)
        self.network = nn.Linear(3, 2)
        self.optimizer = torch.optim.SGD(self.network.parameters(), lr=0.1, momentum=0.9)
        self.rng = torch.Generator().manual_seed(seed)
        self.shift = torch.randn(3)
        self.forgets, self.steps = forgets, 0

    def step(self):
        x = torch.randn(4, 3, generator=self.rng) + self.shift
        self.optimizer.zero_grad()
        self.loss(x).backward()
        self.optimizer.step()
        self.steps += 1

    def loss(self, x):
        return self.network(x).square().sum()

    def state(self):
        parts = {
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "rng": self.rng.get_state(),
            "shift": self.shift,
        }
        return {name: value for name, value in parts.items() if name not in self.forgets}

    def load(self, state):
        if "network" in state:
            self.network.load_state_dict(state["network"])
        if "optimizer" in state:
            self.optimizer.load_state_dict(state["optimizer"])
        if "rng" in state:
            self.rng.set_state(state["rng"])
        if "shift" in state:
            self.shift = state["shift"]


def maker(forgets=(), log=None):
    def make(seed):
        run = Run(seed, forgets)
        if log is not None:
            log.append((seed, run))
        return run

    return make


class Apart(Run):
    """Weight and bias learn without each other, and the one called `lost` comes back wrong."""

    def __init__(self, seed, lost):
        super().__init__(seed)
        self.lost = lost

    def loss(self, x):
        weight, bias = self.network.weight, self.network.bias
        return F.linear(x, weight).square().sum() + bias.square().sum()

    def load(self, state):
        super().load(state)
        with torch.no_grad():
            getattr(self.network, self.lost).add_(1)


def check_exact(submission):
    """A run that saves all."""
    found = submission.is_resume_exact(maker(), 7, 3)
    assert isinstance(found, bool), f"Return True or False; yours is a {type(found).__name__}."
    assert found, (
        "This run saves network, optimizer and random state, so it resumes exactly; yours says it does not."
    )


def check_network(submission):
    """A run that forgets its network."""
    assert not submission.is_resume_exact(maker(("network",)), 6, 3), (
        "This run does not save its network, and your test says that it resumes exactly."
    )


def check_momentum(submission):
    """A run that forgets its momentum."""
    assert not submission.is_resume_exact(maker(("optimizer",)), 6, 3), (
        "This run does not save its optimizer, and your test says that it resumes exactly."
    )


def check_random_state(submission):
    """A run that forgets its random state."""
    assert not submission.is_resume_exact(maker(("rng",)), 6, 3), (
        "This run does not save the state of its random numbers, and your test says that it resumes exactly."
    )


def check_what_was_drawn_once(submission):
    """A run that forgets what it drew at its beginning."""
    assert not submission.is_resume_exact(maker(("shift",)), 6, 3), (
        "This run draws a number when it is made, and does not save it: resumed by another process it is another run, and your "
        "test says that it is the same."
    )


def check_small_differences(submission):
    """Bit for bit."""

    class Off(Run):
        def load(self, state):
            super().load(state)
            with torch.no_grad():
                self.network.bias *= 1 + 1e-6

    assert not submission.is_resume_exact(Off, 6, 3), (
        "A run whose bias comes back off by one part in a million is another run, and your test says that it is the same."
    )


def check_every_parameter(submission):
    """All parameters, not one of them."""
    for lost in ("weight", "bias"):
        assert not submission.is_resume_exact(lambda seed, lost=lost: Apart(seed, lost), 6, 3), (
            f"A run whose `{lost}` alone comes back wrong is another run, and your test says that it is the same."
        )


def observe(submission, rng):
    steps = 5 + int(torch.randint(3, (), generator=rng))

    class Off(Run):
        def load(self, state):
            super().load(state)
            with torch.no_grad():
                self.network.bias *= 1 + 1e-6

    log, half = [], 2
    answers = [
        bool(
            submission.is_resume_exact(maker(forgets, log if forgets == () else None), steps, half)
        )
        for forgets in ((), ("network",), ("optimizer",), ("rng",), ("shift",))
    ]
    made = sorted(run.steps for _, run in log)
    counts = {"as asked": sorted([half, steps - half, steps]), "one goes on": [steps - half, steps]}
    return [
        *answers,
        bool(submission.is_resume_exact(Off, steps, 2)),
        bool(submission.is_resume_exact(lambda seed: Apart(seed, "weight"), steps, 2)),
        bool(submission.is_resume_exact(lambda seed: Apart(seed, "bias"), steps, 2)),
        next((words for words, count in counts.items() if made == sorted(count)), "other steps"),
    ]
