"""Restricted Boltzmann machine: two layers of bits that pull at each other.

Visible bits v (the pixels) and hidden bits h have the energy

    E(v, h)  =  - v . b  -  h . c  -  v W h,        p(v, h) = exp(-E(v, h)) / Z

There are no connections inside a layer, so given one layer the bits of the other are independent,
p(h_j = 1 | v) = sigmoid(c_j + (v W)_j), and the hidden bits can be summed out:

    F(v)  =  -log sum_h exp(-E(v, h))  =  - v . b  -  sum_j softplus( c_j + (v W)_j )

The gradient of log p(v) is a difference of two expectations, of v h under the data and under the
model. Contrastive divergence replaces the second by k Gibbs steps: begun at the data (CD-k), or
going on from where the last step's chains were left (persistent, PCD).

Centring subtracts the mean activities from v and h in that gradient. It is the same model, but one
weight no longer does the work of a bias, and learning is far less dependent on how many pixels are
white.

References: Hinton, "Training Products of Experts by Minimizing Contrastive Divergence", 2002;
Tieleman, "Training Restricted Boltzmann Machines using Approximations to the Likelihood Gradient",
2008; Melchior et al., "How to Center Deep Boltzmann Machines", 2016 (arXiv:1311.1354), equations
5 to 9; Fischer & Igel, "An Introduction to Restricted Boltzmann Machines", 2012, equations 20 to
28, for energy, free energy and gradient.

Shapes: B = batch, N = chains, V = num_visible, H = num_hidden
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer


@dataclass(frozen=True, kw_only=True)
class RBMConfig:
    num_visible: int = 784
    num_hidden: int = 500
    num_chains: int = 500  # that go on from step to step of the training, and beyond it

    def __post_init__(self) -> None:
        if min(self.num_visible, self.num_hidden, self.num_chains) < 1:
            raise ValueError("num_visible, num_hidden and num_chains must be at least 1")


# --- The network -----------------------------------------------------------------------


class RBM(nn.Module):
    """Bits (B, V) and hidden bits (B, H); `forward` is the free energy."""

    visible_mean: Tensor
    hidden_mean: Tensor
    chains: Tensor

    def __init__(self, config: RBMConfig) -> None:
        super().__init__()
        self.config = config
        self.weight = nn.Parameter(0.01 * torch.randn(config.num_visible, config.num_hidden))
        self.visible_bias = nn.Parameter(torch.zeros(config.num_visible))
        self.hidden_bias = nn.Parameter(torch.zeros(config.num_hidden))
        # Running means of the units' activity on data: centring subtracts them.
        self.register_buffer("visible_mean", torch.full((config.num_visible,), 0.5))
        self.register_buffer("hidden_mean", torch.full((config.num_hidden,), 0.5))
        # Hidden bits of chains that wander through the model; where training leaves them, samples
        # begin.
        start = torch.full((config.num_chains, config.num_hidden), 0.5)
        self.register_buffer("chains", draw_bits(start))

    def forward(self, visible: Tensor) -> Tensor:
        return free_energy(self, visible)

    def hidden_probs(self, visible: Tensor) -> Tensor:
        """p(h = 1 | v): (B, H), as fine as the weights also where autocast multiplies in 16 bits"""
        pull = torch.addmm(self.hidden_bias, visible, self.weight)
        return torch.sigmoid(pull.to(self.weight.dtype))

    def visible_probs(self, hidden: Tensor) -> Tensor:
        """p(v = 1 | h): (B, V), likewise"""
        pull = torch.addmm(self.visible_bias, hidden, self.weight.T)
        return torch.sigmoid(pull.to(self.weight.dtype))


def energy(rbm: RBM, visible: Tensor, hidden: Tensor) -> Tensor:
    """E(v, h) of each pair: (B,)"""
    pairs = ((visible @ rbm.weight) * hidden).sum(dim=1)  # (B,)
    return -(visible @ rbm.visible_bias) - hidden @ rbm.hidden_bias - pairs


def free_energy(rbm: RBM, visible: Tensor) -> Tensor:
    """F(v) = -log of the unnormalised probability of v, in nats: (B,)"""
    pull = torch.addmm(rbm.hidden_bias, visible, rbm.weight)  # (B, H)
    return -(visible @ rbm.visible_bias) - F.softplus(pull).sum(dim=1)


def draw_bits(probs: Tensor, generator: torch.Generator | None = None) -> Tensor:
    """Independent bits, one with the given probability."""
    if generator is None:
        noise = torch.rand_like(probs)
    else:
        noise = torch.rand(probs.shape, generator=generator, dtype=probs.dtype).to(probs.device)
    return noise.lt_(probs)  # 1.0 where noise < probs, else 0.0


def gibbs_step(rbm: RBM, hidden: Tensor) -> tuple[Tensor, Tensor]:
    """Draw the visible bits given the hidden ones, then the hidden ones anew: (N, V), (N, H)"""
    visible = draw_bits(rbm.visible_probs(hidden))  # (N, V)
    hidden = draw_bits(rbm.hidden_probs(visible))  # (N, H)
    return visible, hidden


# --- Its training step -----------------------------------------------------------------


@torch.no_grad()
def statistics(
    rbm: RBM, images: Tensor, chains: Tensor | None = None, *, num_gibbs_steps: int = 1
) -> dict[str, Tensor]:
    """What the gradient needs, summed over the batch of bits (B, 1, 28, 28) or (B, V).

    chains: hidden bits (N, H) that go on from step to step (PCD) and are moved in place; without
    them the chains begin at the data (CD-k).

    Both sides use the probabilities of the hidden units where they are the last word, which adds
    less noise, and bits where they drive the next layer.
    """
    visible = images.flatten(start_dim=1)  # (B, V)
    hidden = draw_bits(rbm.hidden_probs(visible)) if chains is None else chains  # (N, H)
    for _ in range(num_gibbs_steps - 1):
        _, hidden = gibbs_step(rbm, hidden)
    model = draw_bits(rbm.visible_probs(hidden))  # (N, V)
    batch_size, num_chains = len(visible), len(model)
    pairs = torch.cat([visible, model])  # (B + N, V)
    both = rbm.hidden_probs(pairs)  # (B + N, H)
    data_hidden, model_hidden = both.split([batch_size, num_chains])
    if chains is not None:
        chains.copy_(draw_bits(model_hidden))
    # With fewer or more chains than images, each chain counts as B / N of an image.
    weight = batch_size / num_chains
    pairs[batch_size:] *= -weight  # the model's share is subtracted
    return {
        "products": (pairs.T @ both).to(both.dtype),  # (V, H): data minus model
        "visible_data": visible.sum(dim=0),
        "visible_model": weight * model.sum(dim=0),
        "hidden_data": data_hidden.sum(dim=0),
        "hidden_model": weight * model_hidden.sum(dim=0),
        "num_images": torch.full((), float(batch_size), device=visible.device),
    }


@torch.no_grad()
def update(
    rbm: RBM,
    optimizer: Optimizer,
    statistics: dict[str, Tensor],
    *,
    centred: bool = True,
    momentum_of_mean: float = 0.99,
) -> dict[str, Tensor]:
    """Set each parameter's gradient of -log p per image, and let the optimizer step."""
    n = statistics["num_images"]
    visible_data, hidden_data = statistics["visible_data"] / n, statistics["hidden_data"] / n
    rbm.visible_mean.lerp_(visible_data, 1 - momentum_of_mean)
    rbm.hidden_mean.lerp_(hidden_data, 1 - momentum_of_mean)
    # The gradients of -log p: model minus data.
    weight = statistics["products"] / -n  # (V, H)
    visible_bias = statistics["visible_model"] / n - visible_data  # (V,)
    hidden_bias = statistics["hidden_model"] / n - hidden_data  # (H,)
    metrics = {"difference": visible_bias.abs().mean()}
    if centred:
        # <(v - mu)(h - lambda)> in place of <v h>, on both sides
        mu, offset = rbm.visible_mean, rbm.hidden_mean
        weight.addr_(mu, hidden_bias, alpha=-1).addr_(visible_bias, offset, alpha=-1)
        visible_bias = visible_bias - weight @ offset
        hidden_bias = hidden_bias - mu @ weight
    rbm.weight.grad, rbm.visible_bias.grad, rbm.hidden_bias.grad = weight, visible_bias, hidden_bias
    optimizer.step()
    return metrics


def train_step(
    rbm: RBM,
    optimizer: Optimizer,
    images: Tensor,
    *,
    persistent: bool = True,
    num_gibbs_steps: int = 1,
    centred: bool = True,
    total: Callable[[dict[str, Tensor]], dict[str, Tensor]] = lambda sums: sums,
) -> dict[str, Tensor]:
    """Contrastive divergence on bits (B, 1, 28, 28): statistics, then update.

    persistent: go on with `rbm.chains` (PCD); else begin at the data (CD-k).
    total: adds the statistics of all processes that share a batch.
    """
    chains = rbm.chains if persistent else None
    sums = total(statistics(rbm, images, chains, num_gibbs_steps=num_gibbs_steps))
    return update(rbm, optimizer, sums, centred=centred)


# --- Sampling from it ------------------------------------------------------------------


@torch.no_grad()
def sample(
    rbm: RBM,
    num_samples: int,
    *,
    num_gibbs_steps: int = 300,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Bits (num_samples, V): each chain of the training goes on, as often as it takes.

    Chains that begin at noise would need far more steps: they fall into the next valley of the
    energy and stay there. Copies of one chain part soon, but keep its kind of picture for long.
    """
    hidden = rbm.chains[torch.arange(num_samples) % len(rbm.chains)]  # (N, H)
    visible = hidden.new_zeros(num_samples, rbm.config.num_visible)  # (N, V)
    for _ in range(num_gibbs_steps):
        visible = draw_bits(rbm.visible_probs(hidden), generator)  # (N, V)
        hidden = draw_bits(rbm.hidden_probs(visible), generator)  # (N, H)
    return visible
