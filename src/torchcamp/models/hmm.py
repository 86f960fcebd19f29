"""Hidden Markov model: a chain of hidden states, each of which emits what is seen.

A state s_0 is drawn from `initial`, each next one from the row of `transition` that belongs to the
present state, and each state emits a symbol by its row of `emission`. What is seen at one step is
one of V symbols (categorical), or a vector of V bits, each with a probability of its own
(Bernoulli): a picture is then a sequence of rows.

The probability of a sequence sums over all paths of states, which the forward pass does in T steps:

    alpha_t(s)  =  p(x_t | s) * sum_r alpha_{t-1}(r) transition[r, s],      p(x) = sum_s alpha_T(s)
    beta_t(r)   =  sum_s transition[r, s] p(x_{t+1} | s) beta_{t+1}(s)

Products of many small numbers underflow, so each alpha_t is divided by its sum c_t, and
log p(x) = sum_t log c_t. Baum-Welch learns by expected counts: how often each state begins, each
transition is taken and each symbol is emitted, given the data (E step); rows of counts divided by
their sums are the new parameters (M step). The likelihood never falls.

References: Rabiner, "A Tutorial on Hidden Markov Models", 1989, equations 19 to 25 for the passes,
33 for Viterbi, 40 for the counts, 91 to 94 for the scaling; Cappe & Moulines, 2009
(arXiv:0712.4273), for counts that are averaged over batches.

Shapes: B = sequences, T = steps, S = states, V = symbols, or bits of a vector
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

TINY = 1e-30  # the least p(x_t | s) in training: an impossible sequence must not divide by zero


@dataclass(frozen=True, kw_only=True)
class HMMConfig:
    num_states: int = 64
    num_symbols: int = 28  # V
    bernoulli: bool = True  # vectors of V bits; else one of V symbols at each step

    def __post_init__(self) -> None:
        if min(self.num_states, self.num_symbols) < 1:
            raise ValueError("num_states and num_symbols must be at least 1")


# --- The network: three tables of probabilities ----------------------------------------


class HMM(nn.Module):
    """Rows of `initial` (S,) and `transition` (S, S) sum to one, and of a categorical `emission`
    (S, V) too; of a Bernoulli `emission` each entry is the probability of a one."""

    def __init__(self, config: HMMConfig) -> None:
        super().__init__()
        self.config = config
        num_states, num_symbols = config.num_states, config.num_symbols
        # Not uniform: states that begin alike stay alike for ever.
        self.initial = table(normalise(torch.rand(num_states) + 0.5))
        self.transition = table(normalise(torch.rand(num_states, num_states) + 0.5))
        emission = torch.rand(num_states, num_symbols) + 0.5
        self.emission = table(emission / 2 if config.bernoulli else normalise(emission))

    def forward(self, symbols: Tensor, lengths: Tensor) -> Tensor:
        """log p of each sequence in nats: (B,)"""
        return log_likelihood(self, symbols, lengths)


def table(probs: Tensor) -> nn.Parameter:
    return nn.Parameter(probs, requires_grad=False)  # learned by counting, not by gradients


def normalise(counts: Tensor) -> Tensor:
    """Rows that sum to one. A row without counts, of a state that nobody visits, becomes uniform."""
    sums = counts.sum(dim=-1, keepdim=True)
    return torch.where(sums > 0, counts / torch.where(sums > 0, sums, 1.0), 1 / counts.shape[-1])


# --- Forward, backward, and what they tell ---------------------------------------------


def emission_probs(
    hmm: HMM, symbols: Tensor, lengths: Tensor, *, least: float = TINY
) -> tuple[Tensor, Tensor]:
    """p(x_t | s) up to a factor for each step, as (T, B, S), and the log of the factors (T, B).

    symbols: (B, T) int64, or (B, T, V) bits; lengths (B,). Behind a sequence's end each
    probability is one: the chain walks on, sees nothing, and the sums below do not change.
    least: smaller probabilities of a symbol are raised to it; those of bits always to TINY.
    """
    symbols = symbols.transpose(0, 1)
    if hmm.config.bernoulli:
        # sum_v x_v log p_v + (1 - x_v) log(1 - p_v)
        log_on = hmm.emission.clamp_min(TINY).log()  # (S, V)
        log_off = (1 - hmm.emission).clamp_min(TINY).log()  # (S, V)
        log_probs = symbols @ (log_on - log_off).T + log_off.sum(dim=1)  # (T, B, S)
        log_factors = log_probs.amax(dim=2)  # (T, B)
        probs = (log_probs - log_factors[:, :, None]).exp().clamp_min(TINY)  # (T, B, S)
    else:
        probs = F.embedding(symbols, hmm.emission.T).clamp_min(least)  # (T, B, S)
        log_factors = probs.new_zeros(symbols.shape)  # (T, B)
    if some_end_early(symbols, lengths):
        probs = torch.where(ended(symbols, lengths)[:, :, None], 1.0, probs)
        log_factors = torch.where(ended(symbols, lengths), 0.0, log_factors)
    return probs, log_factors


def ended(symbols: Tensor, lengths: Tensor) -> Tensor:
    """Which steps of symbols (T, B, ...) lie behind their sequence's end: (T, B)"""
    return torch.arange(len(symbols), device=symbols.device)[:, None] >= lengths


def some_end_early(symbols: Tensor, lengths: Tensor) -> bool:
    """Whether there is something to mask behind a sequence's end; the mask changes nothing elsewhere.

    A GPU is not asked, since the answer would have to be waited for: there it is always masked.
    """
    return not symbols.is_cpu or bool(ended(symbols, lengths).any())


def forward_pass(hmm: HMM, probs: Tensor) -> tuple[Tensor, Tensor]:
    """Scaled alpha (T, B, S), each step summing to one, and the scales c (T, B, 1)."""
    alpha = torch.empty_like(probs)  # (T, B, S)
    scales = probs.new_empty(*probs.shape[:2], 1)  # (T, B, 1)
    before = hmm.initial  # (S,), from the second step on (B, S)
    for joint, prob, scale in zip(alpha.unbind(), probs.unbind(), scales.unbind(), strict=True):
        torch.mul(before, prob, out=joint)
        torch.sum(joint, dim=1, keepdim=True, out=scale)
        joint.div_(scale)
        before = joint @ hmm.transition
    return alpha, scales


def backward_pass(hmm: HMM, probs: Tensor, scales: Tensor) -> tuple[Tensor, Tensor]:
    """beta (T, B, S), scaled like alpha, and what of it arrives at each step, both (T, B, S).

    arriving[t] = p(x_t | s) beta_t(s) / c_t is the part of beta_{t-1} before the transition.
    """
    beta = torch.ones_like(probs)  # (T, B, S)
    arriving = probs / scales  # (T, B, S)
    backwards = hmm.transition.T.contiguous()  # (S, S)
    betas, arrivals = beta.unbind(), arriving.unbind()
    for t in range(len(probs) - 1, 0, -1):
        torch.mm(arrivals[t], backwards, out=betas[t - 1])
        arrivals[t - 1].mul_(betas[t - 1])
    return beta, arriving


@torch.no_grad()
def log_likelihood(hmm: HMM, symbols: Tensor, lengths: Tensor) -> Tensor:
    """log p of each sequence in nats: (B,); -inf for one that no path of states can emit."""
    probs, log_factors = emission_probs(hmm, symbols, lengths, least=0.0)
    _, scales = forward_pass(hmm, probs)
    log_p = (scales.squeeze(2).log() + log_factors).sum(dim=0)  # (B,)
    # A scale of zero: the sequence is impossible, or the only path to it has underflowed.
    zero = ~(scales > 0).all(dim=0).squeeze(1)  # (B,), also where a zero has made it nan
    if zero.any():
        log_p[zero] = log_forward(hmm, probs[:, zero]) + log_factors[:, zero].sum(dim=0)
    return log_p


def log_forward(hmm: HMM, probs: Tensor) -> Tensor:
    """The forward pass with logarithms, which cannot underflow: log p of each sequence, up to its
    factors. Slower, so only for what `forward_pass` cannot do."""
    log_probs, log_transition = probs.log(), hmm.transition.log()
    log_alpha = hmm.initial.log() + log_probs[0]
    for log_prob in log_probs[1:]:
        log_alpha = (log_alpha[:, :, None] + log_transition).logsumexp(dim=1) + log_prob
    return log_alpha.logsumexp(dim=1)


@torch.no_grad()
def state_posterior(hmm: HMM, symbols: Tensor, lengths: Tensor) -> Tensor:
    """p(s_t | whole sequence) as (B, T, S); zero behind a sequence's end."""
    probs, _ = emission_probs(hmm, symbols, lengths)
    alpha, scales = forward_pass(hmm, probs)
    beta, _ = backward_pass(hmm, probs, scales)
    posterior = (alpha * beta).transpose(0, 1)  # (B, T, S)
    inside = ~ended(symbols.transpose(0, 1), lengths).T  # (B, T)
    return posterior * inside[:, :, None]


@torch.no_grad()
def decode(hmm: HMM, symbols: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
    """Viterbi: the likeliest path of states (B, T), and the log of its joint probability (B,).

    Behind a sequence's end the path holds -1. An impossible sequence has log probability -inf, and
    its path means nothing.
    """
    probs, log_factors = emission_probs(hmm, symbols, lengths, least=0.0)
    log_probs, log_transition = probs.log(), hmm.transition.log()
    done = ended(symbols.transpose(0, 1), lengths)  # (T, B)
    best = hmm.initial.log() + log_probs[0]  # (B, S)
    came_from = torch.zeros(probs.shape, dtype=torch.int64, device=probs.device)  # (T, B, S)
    stay = torch.arange(probs.shape[2], device=probs.device)
    for t in range(1, len(probs)):
        values, states = (best[:, :, None] + log_transition).max(dim=1)  # (B, S), (B, S)
        # Behind the end nothing moves.
        best = torch.where(done[t][:, None], best, values + log_probs[t])
        came_from[t] = torch.where(done[t][:, None], stay, states)
    log_joint, state = best.max(dim=1)  # (B,), (B,)
    path = [state]
    for t in range(len(probs) - 1, 0, -1):
        state = came_from[t].gather(1, state[:, None]).squeeze(1)  # (B,)
        path.append(state)
    states = torch.stack(path[::-1])  # (T, B)
    return states.masked_fill(done, -1).T, log_joint + log_factors.sum(dim=0)


# --- Its training step: one update of Baum-Welch -----------------------------------------


@torch.no_grad()
def statistics(hmm: HMM, batch: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
    """The E step: expected counts, summed over the sequences of the batch.

    initial (S,), transition (S, S), emission (S, V), visits (S,): how often each state was there,
    log_likelihood () of all sequences, num_sequences ().
    """
    symbols, lengths = batch
    probs, log_factors = emission_probs(hmm, symbols, lengths)
    alpha, scales = forward_pass(hmm, probs)
    beta, arriving = backward_pass(hmm, probs, scales)
    done = ended(symbols.transpose(0, 1), lengths)  # (T, B)
    posterior = alpha * beta  # (T, B, S)
    if some_end_early(symbols.transpose(0, 1), lengths):
        posterior = posterior * ~done[:, :, None]
        arriving = arriving * ~done[:, :, None]
    # Each transition's count: alpha_t(r) transition[r, s] arriving_{t+1}(s), summed over t and B.
    pairs = alpha[:-1].flatten(0, 1).T @ arriving[1:].flatten(0, 1)  # (S, S)
    seen = symbols.transpose(0, 1).flatten(0, 1)  # each step's symbol, or its bits
    visits = posterior.flatten(0, 1)  # (T * B, S)
    if hmm.config.bernoulli:
        emission = visits.T @ seen  # (S, V)
    else:
        emission = torch.zeros_like(hmm.emission.T).index_add_(0, seen, visits).T  # (S, V)
    return {
        "initial": posterior[0].sum(dim=0),
        "transition": pairs * hmm.transition,
        "emission": emission,
        "visits": visits.sum(dim=0),
        "log_likelihood": scales.log().sum() + log_factors.sum(),
        "num_sequences": torch.full((), float(len(symbols)), device=symbols.device),
    }


@torch.no_grad()
def update(hmm: HMM, statistics: dict[str, Tensor], *, pseudo_count: float = 0.0) -> None:
    """The M step: rows of counts become rows of probabilities.

    pseudo_count: added to every count, so that what was never seen stays possible. A transition
    gets 1 / S of it.
    """
    share = pseudo_count / hmm.config.num_states
    hmm.initial.copy_(normalise(statistics["initial"] + share))
    hmm.transition.copy_(normalise(statistics["transition"] + share))
    emission = statistics["emission"] + pseudo_count
    if hmm.config.bernoulli:
        visits = statistics["visits"][:, None] + 2 * pseudo_count
        hmm.emission.copy_((emission / visits.clamp_min(TINY)).clamp(0, 1))
    else:
        hmm.emission.copy_(normalise(emission))


@torch.no_grad()
def train_step(
    hmm: HMM,
    batch: tuple[Tensor, Tensor],
    *,
    average: dict[str, Tensor] | None = None,
    rate: float | Tensor = 1.0,
    pseudo_count: float = 0.0,
    chunk_size: int = 128,
    total: Callable[[dict[str, Tensor]], dict[str, Tensor]] = lambda counts: counts,
) -> dict[str, Tensor]:
    """One update of EM on symbols (B, T) or (B, T, V) and lengths (B,).

    On the whole training set this is Baum-Welch. On batches the counts are averaged over the
    steps: `average` holds them and moves by the share `rate` towards the batch's. The counts are
    added up over chunks of sequences, whose tables stay in the processor's cache, and by `total`
    over all processes that share a batch.
    """
    counts: dict[str, Tensor] = {}
    for symbols, lengths in zip(*(part.split(chunk_size) for part in batch), strict=True):
        for name, value in statistics(hmm, (symbols, lengths)).items():
            counts[name] = counts[name] + value if name in counts else value
    counts = total(counts)
    nats = -counts["log_likelihood"] / counts["num_sequences"]  # ()
    if average is not None:
        for name, value in average.items():
            value.lerp_(counts[name], torch.as_tensor(rate, dtype=value.dtype))
        counts = average
    update(hmm, counts, pseudo_count=pseudo_count)
    return {"loss": nats}


# --- Sampling from it ------------------------------------------------------------------


@torch.no_grad()
def sample(
    hmm: HMM, num_samples: int, length: int, *, generator: torch.Generator | None = None
) -> tuple[Tensor, Tensor]:
    """Sequences (num_samples, T) or (num_samples, T, V) and their states (num_samples, T)."""
    initial, transition = hmm.initial.cpu(), hmm.transition.cpu()
    emission = hmm.emission.cpu()
    state = torch.multinomial(initial, num_samples, replacement=True, generator=generator)
    states, symbols = [], []
    for t in range(length):
        if t:
            state = torch.multinomial(transition[state], 1, generator=generator).squeeze(1)
        states.append(state)
        if hmm.config.bernoulli:
            noise = torch.rand(num_samples, emission.shape[1], generator=generator)
            symbols.append((noise < emission[state]).float())
        else:
            symbols.append(torch.multinomial(emission[state], 1, generator=generator).squeeze(1))
    return torch.stack(symbols, dim=1), torch.stack(states, dim=1)
