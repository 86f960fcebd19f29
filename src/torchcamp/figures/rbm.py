"""Lesson 9: a Gibbs chain to step through, and a small RBM to watch while it learns."""

from typing import Any

import torch
from torch import Tensor, nn

from torchcamp.base.plain import plain
from torchcamp.base.wire import Answer, State
from torchcamp.data.images import Images
from torchcamp.evaluation.log_partition import annealed_log_partition, exact_log_partition
from torchcamp.figures.arrays import signed_shares, to_bytes
from torchcamp.models import rbm
from torchcamp.widgets.filters import Filters
from torchcamp.widgets.gibbs import Gibbs

MAX_STEPS = 50  # the most for one message
SMALL = 12  # hidden units of the small RBM: few enough to sum over all 2^12 states
BATCH_SIZE = 50
TEMPERATURES = (10, 30, 100, 300, 1000)


def gibbs(network: nn.Module, images: Images) -> Gibbs:
    """A chain of `network` that starts at a drawing, at a test picture, or at noise."""
    chain = Chain(network, images)
    return Gibbs(
        answer=chain.answer, state={"do": "example", "clamp": False, "soft": False, "steps": 1}
    )


class Chain:
    """The chain's state, and the typical free energy of test pictures."""

    def __init__(self, network: nn.Module, images: Images) -> None:
        self.rbm: Any = network
        self.bits = (images.test_images[:300] > 127).float().flatten(1)
        energies = rbm.free_energy(self.rbm, self.bits).detach()
        self.typical = [float(torch.quantile(energies, share)) for share in (0.05, 0.5, 0.95)]
        self.generator = torch.Generator().manual_seed(0)
        self.example = -1
        self._start(self.bits[0])

    def _start(self, visible: Tensor) -> None:
        self.start = self.visible = self.probs = visible
        self.num_steps = 0
        self.energies = [rbm.free_energy(self.rbm, visible[None]).item()]

    @torch.no_grad()
    def answer(self, state: State) -> Answer:
        """Start a new chain, or take some steps."""
        if state["do"] == "draw":
            self._start((torch.tensor(state["pixels"]) > 100).float())
        elif state["do"] == "example":
            self.example = (self.example + 1) % len(self.bits)
            self._start(self.bits[self.example])
        elif state["do"] == "noise":
            self._start((torch.rand(784, generator=self.generator) < 0.5).float())
        elif state["do"] == "steps":
            for _ in range(min(int(state["steps"]), MAX_STEPS)):
                self._step(clamp=bool(state["clamp"]), soft=bool(state["soft"]))
        hidden = self.rbm.hidden_probs(self.visible[None])[0]
        reply = {
            "numSteps": self.num_steps,
            "energies": self.energies[-200:],
            "typical": self.typical,
            "hiddenOn": float((hidden > 0.5).float().mean()),
            "numHidden": len(hidden),
            "fresh": state["do"] in ("draw", "example", "noise"),
        }
        return plain(reply), [to_bytes(self.visible), to_bytes(self.probs), to_bytes(hidden)]

    def _step(self, *, clamp: bool, soft: bool) -> None:
        hidden = self.rbm.hidden_probs(self.visible[None])
        if not soft:  # soft, which is wrong: the probabilities themselves are handed down
            hidden = rbm.draw_bits(hidden, self.generator)
        self.probs = self.rbm.visible_probs(hidden)[0]
        visible = rbm.draw_bits(self.probs, self.generator)
        if clamp:  # the upper half stays as it was at the start
            visible[: 14 * 28] = self.start[: 14 * 28]
        self.visible = visible
        self.num_steps += 1
        self.energies.append(rbm.free_energy(self.rbm, visible[None]).item())


def filters(images: Images) -> Filters:
    """An RBM with so few hidden units that its likelihood can be computed exactly."""
    return Filters(answer=SmallRBM(images).answer, state={"do": "look", "steps": 20, "rate": 0.05})


class SmallRBM:
    """The RBM, its training, and the history of its likelihood."""

    def __init__(self, images: Images) -> None:
        self.train_bits = (images.train_images[:2000] > 127).float().flatten(1)
        self.test_bits = (images.test_images[:200] > 127).float().flatten(1)
        self.mean = self.train_bits.mean(dim=0)
        self._reset()

    def _reset(self) -> None:
        # Weights and chains are drawn from one seed; the global random state is left unchanged.
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            self.rbm = rbm.RBM(
                rbm.RBMConfig(num_visible=784, num_hidden=SMALL, num_chains=BATCH_SIZE)
            )
        with torch.no_grad():
            self.rbm.visible_bias.copy_(self.mean.clamp(0.01, 0.99).logit())
            self.rbm.visible_mean.copy_(self.mean)
        self.optimizer = torch.optim.SGD(self.rbm.parameters(), lr=0.05)
        self.generator = torch.Generator().manual_seed(0)
        self.num_steps = 0
        self.curve: list[list[float]] = []
        self._measure()

    @torch.no_grad()
    def _measure(self) -> None:
        self.log_z = exact_log_partition(self.rbm)
        log_p = -rbm.free_energy(self.rbm, self.test_bits) - self.log_z
        self.curve.append([self.num_steps, float(log_p.mean())])

    def answer(self, state: State) -> Answer:
        """Train some steps, or estimate log Z by annealing to compare with the exact value."""
        if state["do"] == "reset":
            self._reset()
        elif state["do"] == "steps":
            self.optimizer.param_groups[0]["lr"] = float(state["rate"])
            for _ in range(min(int(state["steps"]), MAX_STEPS)):
                batch = torch.randint(len(self.train_bits), (BATCH_SIZE,), generator=self.generator)
                rbm.train_step(self.rbm, self.optimizer, self.train_bits[batch])
                self.num_steps += 1
            self._measure()
        estimates = []
        if state["do"] == "anneal":
            for number in TEMPERATURES:
                estimate = annealed_log_partition(
                    self.rbm, self.mean, num_temperatures=number, num_chains=50,
                    generator=self.generator,
                )  # fmt: skip
                estimates.append([number, estimate.value, estimate.error])
        with torch.no_grad():
            hidden = self.rbm.hidden_probs(self.test_bits).mean(dim=0)
        reply = {
            "numSteps": self.num_steps,
            "curve": self.curve[-300:],
            "logZ": self.log_z,
            "estimates": estimates,
            "on": hidden.tolist(),
        }
        return plain(reply), [signed_shares(w) for w in self.rbm.weight.detach().T]


def one_step(network: Any) -> tuple[Tensor, Tensor]:
    """A Gibbs step from two of the training chains, for the lesson to quote."""
    return rbm.gibbs_step(network, network.chains[:2])


def two_sides(network: Any, images: Images) -> dict[str, Tensor]:
    """Both sides of contrastive divergence for two pictures, for the lesson to quote."""
    return rbm.statistics(network, (images.test_images[:2] > 127).float())
