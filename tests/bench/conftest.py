"""Every recipe, small enough for a test: the networks, the data, and the sizes of the peaks."""

import functools
from collections.abc import Iterator

import pytest

from torchcamp.bench import benchmark, pairs, peaks, peers
from torchcamp.data.images import Images, load_images
from torchcamp.recipes.registry import find_recipe
from torchcamp.recipes.settings import with_settings

# Enough of each network to be itself, and small enough for a test.
SMALL = {
    "mlp": ["hidden_dims=8"], "cnn": ["channels=2,3,4"], "resnet": ["channels=3,4,4,5", "blocks=0,0,0,1"],
    "hmm": ["num_states=5"], "rbm": ["num_hidden=6", "num_chains=7"], "vae": ["hidden_dim=8", "latent_dim=2"],
    "rnn": ["hidden_size=6", "row_units=3"], "gan": ["channels=2"], "cgan": ["channels=2"],
}  # fmt: skip


@functools.cache
def digits() -> Images:
    return load_images("digits")


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, no_mnist: None) -> Iterator[None]:
    """Small networks in small batches, on 200 digits; rates and pairs that take no time."""

    def find(name: str, preset: str | None = None) -> object:
        return with_settings(find_recipe(name, preset), [*SMALL[name], "batch_size=20"])

    monkeypatch.setattr(pairs, "find_recipe", find)
    monkeypatch.setattr(pairs, "load_images", lambda name: digits().first(100))
    monkeypatch.setattr(pairs, "NUM_DIGITS", 200)
    monkeypatch.setattr(pairs, "NUM_RANDOM", 100)
    monkeypatch.setattr(peaks, "SIDES", {"cpu": (16, 32, 64)})
    monkeypatch.setattr(peaks, "CONVOLUTIONS", {"cpu": ((1, 2, 5), (1, 2, 6), (1, 2, 7))})
    monkeypatch.setattr(peaks, "COPIED_BYTES", 4000)
    monkeypatch.setattr(peers, "PAUSE", 0.0)
    monkeypatch.setattr(peers, "NUM_HIDDEN", 5)
    monkeypatch.setattr(peers, "NUM_SEQUENCES", 20)
    monkeypatch.setattr(peers, "LENGTH", 10)
    efforts = {
        name: benchmark.Effort(
            num_pairs=effort.num_pairs, pair_seconds=0.0, peak_seconds=0.0, limit=600.0
        )
        for name, effort in benchmark.EFFORTS.items()
    }
    monkeypatch.setattr(benchmark, "EFFORTS", efforts)
    pairs.benchmark_images.cache_clear()
    yield
    pairs.benchmark_images.cache_clear()
