"""The HMM against enumeration of all paths, against hmmlearn, and against what EM promises."""

import itertools
import math
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from torchcamp.models import hmm
from torchcamp.reading.shapes import check_shapes

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # a release from before numpy's and scikit-learn's newest words
    from hmmlearn.hmm import CategoricalHMM

NUM_STATES, NUM_SYMBOLS = 3, 4


def make(seed: int = 0, *, bernoulli: bool = False, states: int = NUM_STATES) -> hmm.HMM:
    torch.manual_seed(seed)
    config = hmm.HMMConfig(num_states=states, num_symbols=NUM_SYMBOLS, bernoulli=bernoulli)
    network = hmm.HMM(config).double()
    tables = [network.initial, network.transition, *([] if bernoulli else [network.emission])]
    for table in tables:
        table.copy_(hmm.normalise(table))  # to one in 64 bits
    return network


def sequences(seed: int = 0, count: int = 5, longest: int = 6) -> tuple[Tensor, Tensor]:
    """Symbols padded with zeros, and lengths from 1 to `longest`."""
    generator = torch.Generator().manual_seed(seed)
    symbols = torch.randint(NUM_SYMBOLS, (count, longest), generator=generator)
    lengths = torch.randint(1, longest + 1, (count,), generator=generator)
    lengths[0] = longest
    symbols[torch.arange(longest) >= lengths[:, None]] = 0
    return symbols, lengths


def bits(seed: int = 0, count: int = 5, longest: int = 4) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    symbols = torch.rand(count, longest, NUM_SYMBOLS, generator=generator).round().double()
    lengths = torch.tensor([longest, 1, 2, longest, 3][:count])
    return symbols, lengths


def path_log_probs(network: hmm.HMM, sequence: Tensor) -> dict[tuple[int, ...], float]:
    """log p(path, sequence) of every path of states, by multiplying it out."""
    result = {}
    for path in itertools.product(range(network.config.num_states), repeat=len(sequence)):
        log_prob = 0.0
        for t, (state, symbol) in enumerate(zip(path, sequence, strict=True)):
            before = network.initial if t == 0 else network.transition[path[t - 1]]
            log_prob += math.log(before[state])
            if network.config.bernoulli:
                p = network.emission[state]
                log_prob += (symbol * p.log() + (1 - symbol) * (1 - p).log()).sum().item()
            else:
                log_prob += math.log(network.emission[state, symbol])
        result[path] = log_prob
    return result


@pytest.mark.parametrize(
    ("network", "batch"),
    [(make(), sequences()), (make(bernoulli=True), bits())],
    ids=["categorical", "bernoulli"],
)
def test_forward_posterior_and_viterbi_equal_enumeration(
    network: hmm.HMM, batch: tuple[Tensor, Tensor]
):
    symbols, lengths = batch
    log_likelihood = hmm.log_likelihood(network, symbols, lengths)
    posterior = hmm.state_posterior(network, symbols, lengths)
    states, log_joint = hmm.decode(network, symbols, lengths)
    for i, length in enumerate(lengths.tolist()):
        paths = path_log_probs(network, symbols[i, :length])
        total = torch.tensor(list(paths.values()), dtype=torch.float64).logsumexp(0).item()
        assert log_likelihood[i].item() == pytest.approx(total, rel=1e-12)
        expected = torch.zeros(symbols.shape[1], NUM_STATES, dtype=torch.float64)
        for path, log_prob in paths.items():
            for t, state in enumerate(path):
                expected[t, state] += math.exp(log_prob - total)
        assert torch.allclose(posterior[i], expected, atol=1e-12)
        best = max(paths, key=lambda path: paths[path])
        assert states[i].tolist() == [*best, *[-1] * (symbols.shape[1] - length)]
        assert log_joint[i].item() == pytest.approx(paths[best], rel=1e-12)


def test_the_worked_number_of_the_catalogue():
    """pi = (.6, .4), A = (.7 .3; .4 .6), B = (.1 .4 .5; .6 .3 .1), seen 0, 1, 2: 0.033612."""
    network = hmm.HMM(hmm.HMMConfig(num_states=2, num_symbols=3, bernoulli=False)).double()
    double = torch.float64
    network.initial.copy_(torch.tensor([0.6, 0.4], dtype=double))
    network.transition.copy_(torch.tensor([[0.7, 0.3], [0.4, 0.6]], dtype=double))
    network.emission.copy_(torch.tensor([[0.1, 0.4, 0.5], [0.6, 0.3, 0.1]], dtype=double))
    log_p = network(torch.tensor([[0, 1, 2]]), torch.tensor([3]))
    assert math.exp(log_p.item()) == pytest.approx(0.033612, rel=1e-9)


# --- hmmlearn --------------------------------------------------------------------------


def theirs(network: hmm.HMM, num_iterations: int = 1) -> Any:
    model = CategoricalHMM(
        n_components=network.config.num_states, n_iter=num_iterations, tol=-np.inf,
        init_params="", params="ste", n_features=network.config.num_symbols,
    )  # fmt: skip
    model.startprob_ = network.initial.numpy().copy()
    model.transmat_ = network.transition.numpy().copy()
    model.emissionprob_ = network.emission.numpy().copy()
    return model


def concatenated(symbols: Tensor, lengths: Tensor) -> tuple[np.ndarray, list[int]]:
    parts = [symbols[i, :length] for i, length in enumerate(lengths.tolist())]
    return torch.cat(parts).numpy()[:, None], lengths.tolist()


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_likelihood_and_viterbi_equal_hmmlearns(dtype: torch.dtype):
    network = make(states=8)
    symbols, lengths = sequences(1, count=20, longest=60)
    model = theirs(network)
    network = network.to(dtype)
    ours = hmm.log_likelihood(network, symbols, lengths)
    states, log_joint = hmm.decode(network, symbols, lengths)
    assert ours.sum().item() == pytest.approx(
        model.score(*concatenated(symbols, lengths)), rel=1e-6
    )
    for i, length in enumerate(lengths.tolist()):
        log_prob, path = model.decode(symbols[i, :length].numpy()[:, None])
        assert log_joint[i].item() == pytest.approx(log_prob, rel=1e-6)
        assert states[i, :length].tolist() == path.tolist()


def test_every_step_of_em_equals_hmmlearns():
    network = make(states=5)
    batch = sequences(2, count=30, longest=25)
    for num_iterations in range(1, 8):
        model = theirs(make(states=5), num_iterations)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about convergence, which is not what is compared
            model.fit(*concatenated(*batch))
        hmm.train_step(network, batch, chunk_size=7)
        for name, value in (
            ("initial", model.startprob_),
            ("transition", model.transmat_),
            ("emission", model.emissionprob_),
        ):
            ours = getattr(network, name).numpy()
            assert np.allclose(ours, value, rtol=1e-6, atol=1e-12), (num_iterations, name)


# --- What EM promises ------------------------------------------------------------------


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), bernoulli=st.booleans())
def test_the_likelihood_never_falls_and_rows_sum_to_one(seed: int, bernoulli: bool):
    network = make(seed, bernoulli=bernoulli, states=2 + seed % 4)
    batch = bits(seed) if bernoulli else sequences(seed, count=12, longest=9)
    before = -math.inf
    for _ in range(15):
        now = hmm.log_likelihood(network, *batch).sum().item()
        assert now >= before - 1e-9
        before = now
        hmm.train_step(network, batch)
        rows = [network.initial, network.transition]
        if not bernoulli:
            rows.append(network.emission)
        for row in rows:
            assert torch.allclose(row.sum(dim=-1), torch.ones(()).double(), atol=1e-12)
        assert bool((network.emission >= 0).all())
        assert bool((network.emission <= 1).all())


def test_chunks_and_one_piece_give_the_same_counts():
    network, (symbols, lengths) = make(), sequences(3, count=10)
    whole = hmm.statistics(network, (symbols, lengths))
    first = hmm.statistics(network, (symbols[:4], lengths[:4]))
    second = hmm.statistics(network, (symbols[4:], lengths[4:]))
    for name, value in whole.items():
        assert torch.allclose(value, first[name] + second[name]), name
    assert whole["initial"].sum().item() == pytest.approx(10)
    assert whole["transition"].sum().item() == pytest.approx(lengths.sum().item() - 10)
    assert whole["emission"].sum().item() == pytest.approx(lengths.sum().item())


def test_a_batch_with_full_rate_is_plain_em():
    plain, stepwise, batch = make(), make(), sequences()
    average = {name: torch.ones_like(v) for name, v in hmm.statistics(plain, batch).items()}
    hmm.train_step(plain, batch)
    hmm.train_step(stepwise, batch, average=average, rate=torch.tensor(1.0))
    assert torch.allclose(plain.transition, stepwise.transition)
    assert torch.allclose(plain.emission, stepwise.emission)


def test_pseudo_counts_are_added_before_the_rows_are_shares():
    """By hand, with a pseudo count of 3 and 3 states: each transition and start gets 1 more."""
    network = make()
    counts = {
        "initial": torch.tensor([3.0, 0.0, 0.0]),
        "transition": torch.tensor([[6.0, 0, 0], [0, 0, 0], [1, 2, 3]]),
        "emission": torch.tensor([[1.0, 0, 0, 0], [0, 0, 0, 0], [0, 2, 0, 6]]),
    }
    hmm.update(network, counts, pseudo_count=3.0)
    assert network.initial.tolist() == pytest.approx([4 / 6, 1 / 6, 1 / 6])
    for ours, expected in (
        (network.transition, [[7 / 9, 1 / 9, 1 / 9], [1 / 3] * 3, [2 / 9, 3 / 9, 4 / 9]]),
        (
            network.emission,
            [[4 / 13, 3 / 13, 3 / 13, 3 / 13], [1 / 4] * 4, [3 / 20, 5 / 20, 3 / 20, 9 / 20]],
        ),
    ):
        for row, expected_row in zip(ours.tolist(), expected, strict=True):
            assert row == pytest.approx(expected_row)


def test_pseudo_counts_of_bits_are_one_of_each_value():
    """A bit that was on in 1 of 4 visits, with a pseudo count of 3: (1 + 3) / (4 + 2 * 3)."""
    network = make(bernoulli=True)
    counts = {
        "initial": torch.ones(NUM_STATES),
        "transition": torch.ones(NUM_STATES, NUM_STATES),
        "emission": torch.ones(NUM_STATES, NUM_SYMBOLS),
        "visits": torch.tensor([4.0, 1.0, 0.0]),
    }
    counts["emission"][2] = 0.0
    hmm.update(network, counts, pseudo_count=3.0)
    assert network.emission[:, 0].tolist() == pytest.approx([4 / 10, 4 / 7, 3 / 6])


def test_a_training_step_hands_its_pseudo_count_to_the_update():
    network, batch = make(), sequences()
    counts = hmm.statistics(network, batch)
    hmm.train_step(network, batch, pseudo_count=2.0)
    expected = hmm.normalise(counts["emission"] + 2.0)
    assert torch.allclose(network.emission, expected)


def test_padding_is_not_seen():
    network, (symbols, lengths) = make(), sequences(4)
    other = symbols.clone()
    other[torch.arange(symbols.shape[1]) >= lengths[:, None]] = NUM_SYMBOLS - 1
    for function in (hmm.log_likelihood, hmm.state_posterior):
        assert torch.equal(function(network, symbols, lengths), function(network, other, lengths))
    ours, theirs = (hmm.statistics(network, (each, lengths)) for each in (symbols, other))
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_a_state_that_nobody_visits_keeps_rows_that_sum_to_one():
    network, batch = make(), sequences()
    network.initial.copy_(torch.tensor([1.0, 0.0, 0.0]))
    network.transition.copy_(torch.tensor([[1.0, 0, 0], [0, 1, 0], [0, 0, 1]]))
    hmm.train_step(network, batch)
    for row in (network.initial, network.transition, network.emission):
        assert torch.allclose(row.sum(dim=-1), torch.ones(()).double())


def test_long_sequences_do_not_underflow():
    network = make().float()
    symbols = torch.randint(NUM_SYMBOLS, (2, 5000))
    log_p = hmm.log_likelihood(network, symbols, torch.tensor([5000, 5000]))
    assert bool(torch.isfinite(log_p).all())
    assert bool((log_p < -1000).all())


@pytest.mark.parametrize("bernoulli", [False, True])
def test_samples_have_the_models_frequencies(bernoulli: bool):
    network = make(5, bernoulli=bernoulli)
    symbols, states = hmm.sample(network, 4000, 3, generator=torch.Generator().manual_seed(0))
    first = states[:, 0].bincount(minlength=NUM_STATES) / 4000
    assert torch.allclose(first.double(), network.initial, atol=0.04)  # 5 standard errors
    second = network.initial @ network.transition
    assert torch.allclose(
        (states[:, 1].bincount(minlength=NUM_STATES) / 4000).double(), second, atol=0.04
    )
    for state in range(NUM_STATES):
        seen = symbols[states == state]
        if bernoulli:
            shares = seen.double().mean(dim=0)
        else:
            shares = (seen.bincount(minlength=NUM_SYMBOLS) / len(seen)).double()
        assert torch.allclose(shares, network.emission[state], atol=0.06)


@pytest.mark.parametrize("bernoulli", [False, True])
def test_every_shape_comment_is_true(bernoulli: bool):
    network = make(bernoulli=bernoulli)
    symbols, lengths = bits(count=5) if bernoulli else sequences(count=5, longest=7)
    sizes = {"B": 5, "T": symbols.shape[1], "S": NUM_STATES, "V": NUM_SYMBOLS}

    def call() -> None:
        hmm.train_step(network, (symbols, lengths))
        hmm.decode(network, symbols, lengths)
        hmm.state_posterior(network, symbols, lengths)
        hmm.sample(network, 5, symbols.shape[1])

    findings = check_shapes(Path(str(hmm.__file__)), call, sizes)
    assert len(findings.claims) >= 15
    assert findings.wrong == ()
