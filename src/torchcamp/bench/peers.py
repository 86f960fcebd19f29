"""Other libraries that do the same work as a recipe, where they are installed.

    hmmlearn, pomegranate   one iteration of expectation-maximisation of the HMM
    scikit-learn            an epoch of persistent contrastive divergence of the RBM

Both sides of a pair have the same data; those of the HMM begin with the same tables.
"""

import importlib.metadata
import importlib.util
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from torchcamp.bench.intervals import Ratio, ratio_of
from torchcamp.data.images import Images
from torchcamp.models import hmm
from torchcamp.models import rbm as rbm_model
from torchcamp.recipes import rbm as rbm_recipe
from torchcamp.recipes.images import as_bits
from torchcamp.training.devices import resolve_precision
from torchcamp.training.loop import fit

CPU = torch.device("cpu")
NUM_SEQUENCES, LENGTH, NUM_SYMBOLS, NUM_STATES = 500, 100, 50, 32
NUM_HIDDEN, NUM_CHAINS = 500, 100
NUM_IMAGES = 10_000  # of an epoch of the RBM
PAUSE = (
    0.1  # seconds in which one library's idle threads stop waiting for work before another's begin
)
# Peer -> the module that it is imported by, and the recipe whose work it does.
PEERS = {
    "hmmlearn": ("hmmlearn", "hmm"),
    "pomegranate": ("pomegranate", "hmm"),
    "scikit-learn": ("sklearn", "rbm"),
}
EM = (
    f"one iteration of EM, {NUM_SEQUENCES} sequences of {LENGTH} symbols out of {NUM_SYMBOLS}, "
    f"{NUM_STATES} states"
)

Tables = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True, kw_only=True)
class PeerResult:
    """Ours against another library; seconds are medians over the pairs."""

    name: str
    version: str
    work: str
    precision: str
    seconds: float
    peer_seconds: float
    ratio: Ratio


def not_installed(recipes: tuple[str, ...]) -> list[str]:
    """The peers of these recipes that this environment lacks."""
    return [
        name
        for name, (module, recipe) in PEERS.items()
        if recipe in recipes and importlib.util.find_spec(module) is None
    ]


def installed(recipes: tuple[str, ...]) -> list[str]:
    """The peers of these recipes that can be run here."""
    missing = not_installed(recipes)
    return [
        name for name, (_, recipe) in PEERS.items() if recipe in recipes and name not in missing
    ]


def measure_peer(name: str, num_pairs: int, images: Images) -> list[PeerResult]:
    """One result, or one for each precision of ours.

    Args:
        name: of `PEERS`, and installed.
        images: the RBM learns the first `NUM_IMAGES` of its training pictures.
    """
    if PEERS[name][1] == "hmm":
        return [_measure_em(name, num_pairs)]
    return _measure_pcd(num_pairs, images)


# --- Expectation-maximisation --------------------------------------------------------------


def em_start() -> tuple[Tables, Tensor]:
    """Tables whose rows sum to one, and symbols (N, T)."""
    rng = np.random.default_rng(0)
    tables = (
        rng.dirichlet(np.ones(NUM_STATES)),
        rng.dirichlet(np.ones(NUM_STATES), NUM_STATES),
        rng.dirichlet(np.ones(NUM_SYMBOLS), NUM_STATES),
    )
    return tables, torch.from_numpy(rng.integers(0, NUM_SYMBOLS, (NUM_SEQUENCES, LENGTH)))


def em_ours(tables: Tables, symbols: Tensor) -> tuple[float, np.ndarray]:
    """Seconds of one iteration, and the new transition table."""
    config = hmm.HMMConfig(num_states=NUM_STATES, num_symbols=NUM_SYMBOLS, bernoulli=False)
    network = hmm.HMM(config)
    parameters = (network.initial, network.transition, network.emission)
    for parameter, table in zip(parameters, tables, strict=True):
        parameter.copy_(torch.from_numpy(table))
    lengths = torch.full((NUM_SEQUENCES,), LENGTH)
    started = time.perf_counter()
    hmm.train_step(network, (symbols, lengths))
    return time.perf_counter() - started, network.transition.numpy()


def em_hmmlearn(tables: Tables, symbols: Tensor) -> tuple[float, np.ndarray]:
    from hmmlearn.hmm import CategoricalHMM

    model = CategoricalHMM(
        NUM_STATES, n_iter=1, init_params="", params="ste", n_features=NUM_SYMBOLS
    )
    model.startprob_, model.transmat_, model.emissionprob_ = tables
    column, lengths = symbols.numpy().reshape(-1, 1), [LENGTH] * NUM_SEQUENCES
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about convergence after one iteration
        started = time.perf_counter()
        model.fit(column, lengths)
        return time.perf_counter() - started, model.transmat_


def em_pomegranate(tables: Tables, symbols: Tensor) -> tuple[float, np.ndarray]:
    distributions: Any = importlib.import_module("pomegranate.distributions")
    models: Any = importlib.import_module("pomegranate.hmm")
    initial, transition, emission = (torch.from_numpy(t).float() for t in tables)
    model = models.DenseHMM(
        [distributions.Categorical(row[None]) for row in emission],
        edges=transition,
        starts=initial,
        ends=torch.full((NUM_STATES,), 1e-9),  # sequences end anywhere
    )
    column = symbols[:, :, None]
    started = time.perf_counter()
    model.summarize(column)
    model.from_summaries()
    seconds = time.perf_counter() - started
    learned = model.edges.detach().exp()
    return seconds, (learned / learned.sum(dim=1, keepdim=True)).numpy()


EM_SIDES: Mapping[str, Callable[[Tables, Tensor], tuple[float, np.ndarray]]] = {
    "hmmlearn": em_hmmlearn,
    "pomegranate": em_pomegranate,
}


def _measure_em(name: str, num_pairs: int) -> PeerResult:
    tables, symbols = em_start()
    pairs = _pairs(
        lambda: EM_SIDES[name](tables, symbols)[0], lambda: em_ours(tables, symbols)[0], num_pairs
    )
    return _result(name, EM, "fp32", pairs)


# --- Persistent contrastive divergence -------------------------------------------------------


def pcd_sklearn(images: Images, epochs: int, lr: float = 0.05) -> tuple[float, Any]:
    """Seconds of so many epochs in float32, and the model."""
    from sklearn.neural_network import BernoulliRBM

    pixels = as_bits(images.binarised().train_images).flatten(start_dim=1).numpy()
    model = BernoulliRBM(
        NUM_HIDDEN, learning_rate=lr, batch_size=NUM_CHAINS, n_iter=epochs, random_state=0
    )
    started = time.perf_counter()
    model.fit(pixels)
    return time.perf_counter() - started, model


def pcd_ours(images: Images, epochs: int, precision: str) -> tuple[float, rbm_model.RBM]:
    """Seconds of the recipe's training loop, including its schedule; and the RBM."""
    model = rbm_model.RBMConfig(num_hidden=NUM_HIDDEN, num_chains=NUM_CHAINS)
    recipe = replace(rbm_recipe.default(), data=images.name, epochs=epochs, model=model)
    training = recipe.build(CPU, images)
    training.evaluate, training.sample = dict, None
    started = time.perf_counter()
    fit(training, num_epochs=epochs, device=CPU, precision=precision)
    seconds = time.perf_counter() - started
    return seconds, training.network  # type: ignore[return-value]


def _measure_pcd(num_pairs: int, images: Images) -> list[PeerResult]:
    images = images.first(NUM_IMAGES // 2)  # which has twice as many to train on
    num_images = len(images.train_images)
    work = (
        f"an epoch of persistent contrastive divergence, {num_images:,} images, {NUM_HIDDEN} "
        f"hidden units, {NUM_CHAINS} chains"
    )
    precisions = (resolve_precision("auto", rbm_recipe.RBMRecipe.precisions, CPU), "fp32")
    results = []
    for precision in dict.fromkeys(precisions):
        pairs = _pairs(
            lambda: pcd_sklearn(images, 1)[0],
            lambda p=precision: pcd_ours(images, 1, p)[0],
            num_pairs,
        )
        results.append(_result("scikit-learn", work, precision, pairs))
    return results


def _pairs(
    theirs: Callable[[], float], ours: Callable[[], float], num_pairs: int
) -> list[tuple[float, float]]:
    """Seconds of both sides, in turn, after one warm-up of each."""
    theirs()
    ours()
    pairs = []
    for _ in range(num_pairs):
        time.sleep(PAUSE)
        seconds = theirs()
        time.sleep(PAUSE)
        pairs.append((seconds, ours()))
    return pairs


def _result(name: str, work: str, precision: str, pairs: list[tuple[float, float]]) -> PeerResult:
    return PeerResult(
        name=name,
        version=importlib.metadata.version(name),
        work=work,
        precision=precision,
        seconds=float(np.median([ours for _, ours in pairs])),
        peer_seconds=float(np.median([theirs for theirs, _ in pairs])),
        ratio=ratio_of([theirs / ours for theirs, ours in pairs]),
    )
