"""The partition function of an RBM: exactly where it is small, by annealing where it is not.

The likelihood of an RBM is exp(-F(v)) / Z, and Z is a sum over all 2^V pictures. With few hidden
units it can be had exactly by summing over them instead. Otherwise annealed importance sampling
(AIS) walks chains from a model whose Z is known, the one with no weights and the data's mean as
its bias, through many models in between,

    p_beta(v)  ~  exp( v . b_beta ) prod_j ( 1 + exp( beta (c + v W)_j ) ),
    b_beta  =  (1 - beta) b_base + beta b,

and adds up how the unnormalised probability of where each chain stands changes from one to the
next. The mean of the resulting weights is an unbiased estimate of Z, which is too small when the
chains miss a part of the model: log Z comes out low and the likelihood too good. Walking the other
way, from samples of the RBM down to the base, errs in the other direction. The truth lies between
the two, as far as the samples that the second begins with are fair.

References: Salakhutdinov & Murray, "On the Quantitative Analysis of Deep Belief Networks", 2008,
equations 11 to 17 and section 4.1 for the temperatures; Burda et al., "Accurate and Conservative
Estimates of MRF Log-likelihood using Reverse Annealing", 2015 (arXiv:1412.8566), section 3.

Shapes: N = chains, V = visible units, H = hidden units
"""

import math
from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor

from torchcamp.models.rbm import RBM, draw_bits, sample

MAX_EXACT_UNITS = 20


@dataclass(frozen=True, kw_only=True)
class LogPartition:
    """An estimate of log Z in nats, with its standard error."""

    value: float
    error: float


@torch.no_grad()
def exact_log_partition(rbm: RBM) -> float:
    """log Z in nats, by summing over all states of the hidden units.

    Raises:
        ValueError: more than 20 hidden units.
    """
    num_hidden = rbm.config.num_hidden
    if num_hidden > MAX_EXACT_UNITS:
        raise ValueError(f"2^{num_hidden} states are too many; at most 2^{MAX_EXACT_UNITS}")
    total = torch.tensor(-math.inf, dtype=torch.float64)
    numbers = torch.arange(2**num_hidden)
    for chunk in numbers.split(2**14):
        hidden = (chunk[:, None] >> torch.arange(num_hidden) & 1).double()
        pull = rbm.visible_bias.cpu().double() + hidden @ rbm.weight.cpu().double().T
        log_probs = hidden @ rbm.hidden_bias.cpu().double() + F.softplus(pull).sum(dim=1)
        total = torch.logaddexp(total, log_probs.logsumexp(dim=0))
    return total.item()


def temperatures(num: int) -> Tensor:
    """`num` values of beta from 0 to 1, closer together towards the end.

    In the proportions of Salakhutdinov & Murray: 1/29 of them up to 0.5, 8/29 up to 0.9.
    """
    first, second = max(2, num // 29), max(2, num * 8 // 29)
    parts = [
        torch.linspace(0, 0.5, first + 1)[:-1],
        torch.linspace(0.5, 0.9, second + 1)[:-1],
        torch.linspace(0.9, 1, num - first - second),
    ]
    return torch.cat(parts)


def base_bias(visible_mean: Tensor) -> Tensor:
    """Visible biases of the model without weights: log-odds of the data's mean, (V,)"""
    return visible_mean.clamp(0.01, 0.99).logit()


@torch.no_grad()
def annealed_log_partition(
    rbm: RBM,
    visible_mean: Tensor,
    *,
    num_temperatures: int,
    num_chains: int = 100,
    generator: torch.Generator | None = None,
) -> LogPartition:
    """AIS from the base model to the RBM; expected to come out low.

    Args:
        visible_mean: of the training data, (V,); its log-odds are the base model's bias.
        generator: of the chains; on the CPU.
    """
    bias = base_bias(visible_mean)
    visible = draw_bits(torch.sigmoid(bias).expand(num_chains, -1), generator)
    log_weights = _anneal(rbm, bias, visible, temperatures(num_temperatures), generator)
    return _estimate(_log_base(rbm, bias), log_weights)


@torch.no_grad()
def reverse_annealed_log_partition(
    rbm: RBM,
    visible_mean: Tensor,
    *,
    num_temperatures: int,
    num_chains: int = 100,
    num_gibbs_steps: int = 1000,
    generator: torch.Generator | None = None,
) -> LogPartition:
    """AIS from samples of the RBM to the base model; expected to come out high.

    The samples are the training's chains after `num_gibbs_steps` further steps.
    """
    bias = base_bias(visible_mean)
    visible = sample(rbm, num_chains, num_gibbs_steps=num_gibbs_steps, generator=generator)
    betas = temperatures(num_temperatures).flip(0)
    log_weights = _anneal(rbm, bias, visible, betas, generator)
    # The weights estimate Z_base / Z, so their logarithm counts the other way round.
    estimate = _estimate(0.0, log_weights)
    return LogPartition(value=_log_base(rbm, bias) - estimate.value, error=estimate.error)


def _anneal(
    rbm: RBM, base: Tensor, visible: Tensor, betas: Tensor, generator: torch.Generator | None
) -> Tensor:
    """The log of each chain's weight (N,), walking from betas[0], where `visible` is drawn from."""
    log_weights = torch.zeros(len(visible), dtype=torch.float64)  # on the CPU: mps has no float64
    steps = betas.tolist()
    difference = rbm.visible_bias - base  # (V,)
    for before, beta in pairwise(steps):
        pull = torch.addmm(rbm.hidden_bias, visible, rbm.weight)  # (N, H)
        change = F.softplus(beta * pull) - F.softplus(before * pull)  # (N, H)
        log_weights += ((beta - before) * (visible @ difference) + change.sum(dim=1)).cpu()
        hidden = draw_bits(torch.sigmoid(beta * pull), generator)
        bias = base + beta * difference
        visible = draw_bits(torch.sigmoid(bias + beta * (hidden @ rbm.weight.T)), generator)
    return log_weights


def _log_base(rbm: RBM, bias: Tensor) -> float:
    """log Z of the model without weights."""
    return F.softplus(bias.cpu().double()).sum().item() + rbm.config.num_hidden * math.log(2)


def _estimate(log_base: float, log_weights: Tensor) -> LogPartition:
    """log of the mean weight; its error by the delta method, std(w) / (mean(w) sqrt(N))."""
    num_chains = len(log_weights)
    log_mean = torch.logsumexp(log_weights, dim=0).item() - math.log(num_chains)
    relative = (log_weights - log_mean).exp()
    error = relative.std().item() / math.sqrt(num_chains)
    return LogPartition(value=log_base + log_mean, error=error)
