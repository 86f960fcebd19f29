"""The RNN: `default` draws MNIST's bits row by row, `text` writes character by character."""

import functools
import math
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self, TypeVar

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR

from torchcamp.base.errors import RecipeError
from torchcamp.base.seeding import seed_everything
from torchcamp.data.batches import Batches
from torchcamp.data.images import IMAGE_SIZE, Images
from torchcamp.data.sequences import Text, decode, encode, listed, load_text
from torchcamp.evaluation.classification import MAX_TEST_IMAGES
from torchcamp.evaluation.evaluation import Evaluation, Measure, mean
from torchcamp.evaluation.generator_report import Likelihood, Picture, evaluate_generator
from torchcamp.models import rnn
from torchcamp.recipes.base import BaseRecipe
from torchcamp.recipes.images import FILM_SEED, BitsRecipe, as_bits, random_bits
from torchcamp.training.averaging import with_average
from torchcamp.training.loop import Training
from torchcamp.training.schedules import hold_then_linear

SAMPLE_SYMBOLS = 600  # characters of the sample in a report
PROMPT = "The "  # of runs from before a recipe had its own
Network = TypeVar("Network", rnn.RowRNN, rnn.CharRNN)


@dataclass(frozen=True, kw_only=True)
class RowRNNRecipe(BitsRecipe):
    """Hyperparameters for training on rows of bits; see `Recipe` for the methods."""

    model: rnn.RowRNNConfig
    lr: float = 2e-3
    warmup: float = 0.01  # share of the steps until the full rate
    hold: float = 0.3  # share of the steps before the rate falls
    weight_decay: float = 0.01
    max_norm: float = 10.0  # of the gradient
    average_decay: float = 0.998
    pixels: str = "static"  # bits drawn once, or dynamic: drawn anew at each use

    precisions: ClassVar[tuple[str, ...]] = ("fp32", "bf16")

    def __post_init__(self) -> None:
        super().__post_init__()
        _check(self)
        if (self.model.num_rows, self.model.row_length) != (IMAGE_SIZE, IMAGE_SIZE):
            raise ValueError(
                f"num_rows and row_length must be {IMAGE_SIZE}: pictures are read at 28x28"
            )
        if self.pixels not in ("static", "dynamic"):
            raise ValueError("pixels must be static or dynamic")

    def network(self) -> nn.Module:
        return rnn.RowRNN(self.model)

    def build(self, device: torch.device, data: Images | None = None) -> Training:
        grey = (data or self.load()).to(device)
        bits = grey.binarised()
        seed_everything(self.seed)
        dynamic = self.pixels == "dynamic"
        batches = Batches(
            grey.train_images if dynamic else bits.train_images,
            batch_size=self.batch_size_for(grey),
            seed=self.seed,
            prepare=random_bits if dynamic else as_bits,
        )

        def quick_measures(network: rnn.RowRNN) -> dict[str, float]:
            return {f"{self.split}_nats": row_nats(network, bits).mean().item()}

        network = rnn.RowRNN(self.model).to(device)
        return _training(self, network, batches, quick_measures, sample=_film)

    def draw(
        self,
        network: Any,
        num_samples: int,
        rng: torch.Generator,
        label: int | None = None,
        temperature: float = 1.0,
    ) -> tuple[Tensor, None]:
        """Bits (N, 1, 28, 28)."""
        images = rnn.sample(network, num_samples, temperature=temperature, generator=rng)
        return images.cpu(), None

    def evaluate(self, network: Any, data: Images) -> Evaluation:
        images = data.to(next(network.parameters()).device)
        bits = images.binarised()
        likelihood = Likelihood(
            nats=row_nats(network, bits), kind="exact", binarisation=self.pixels
        )
        return evaluate_generator(
            images,
            functools.partial(self.draw, network),
            split=self.split,
            likelihood=likelihood,
            binarisation=self.pixels,
            pictures=[completions(network, bits)],
        )


@dataclass(frozen=True, kw_only=True)
class CharRNNRecipe(BaseRecipe[Text]):
    """Hyperparameters for training on text; see `Recipe` for the methods."""

    model: rnn.CharRNNConfig
    data: str = "text"
    encoding: str = "utf-8"  # of your own file; its byte order mark takes precedence
    characters: str = ""  # of the training text; a character's index here is its symbol
    prompt: str = ""  # what samples begin with; empty: how most lines of the text begin
    epochs: int = 20
    batch_size: int = 64  # windows of the text
    window: int = 128  # characters that the network reads in one step of training
    lr: float = 3e-3
    warmup: float = 0.02
    hold: float = 0.3
    weight_decay: float = 0.01
    max_norm: float = 1.0
    average_decay: float = 0.99

    precisions: ClassVar[tuple[str, ...]] = ("fp32", "bf16")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.batch_size < 1 or self.window < 1:
            raise ValueError("batch_size and window must be at least 1")
        _check(self)

    def load_all(self, report: Callable[[str], None]) -> Text:
        return load_text(self.data, report, self.encoding)

    def for_data(self, data: Text) -> Self:
        model = replace(self.model, num_symbols=len(data.characters))
        prompt = self.prompt or data.prompt
        _require_known(prompt, data.characters)
        return replace(
            super().for_data(data), characters=data.characters, model=model, prompt=prompt
        )

    def adapted(self, data: Text, chosen: Collection[str], report: Callable[[str], None]) -> Self:
        """For a short text: shorter windows, smaller batches and more epochs.

        With more steps than about 31 N^(1/4) the network learns N characters by heart: for 200 to
        20,000 of Python's help texts that was where the test loss was lowest.
        """
        num_characters = len(data.train)
        window, batch_size, epochs = self.window, self.batch_size, self.epochs
        if "window" not in chosen:
            window = min(window, max(16, num_characters // 16))
        num_windows = max(1, (num_characters - 1) // window)
        if "batch_size" not in chosen and num_windows < 10 * batch_size:
            # A power of two that makes ten steps or more of an epoch.
            batch_size = min(batch_size, max(4, 2 ** int(math.log2(max(1, num_windows / 10)))))
        batch_size = min(batch_size, num_windows)
        if "epochs" not in chosen:
            epochs = max(epochs, math.ceil(31 * num_characters**0.25 / (num_windows // batch_size)))
        if (window, batch_size, epochs) == (self.window, self.batch_size, self.epochs):
            return self
        report(
            f"{num_characters:,} training characters: windows of {window}, {epochs} epochs in "
            f"batches of {batch_size}; change this with --set window=N, --epochs and --batch-size"
        )
        return replace(self, window=window, batch_size=batch_size, epochs=epochs)

    def network(self) -> nn.Module:
        return rnn.CharRNN(self.model)

    def build(self, device: torch.device, data: Text | None = None) -> Training:
        text = data or self.load()
        seed_everything(self.seed)
        if self.window >= len(text.train):
            raise ValueError(
                f"window is {self.window}, but the training text has {len(text.train):,} "
                f"characters: choose a window below that"
            )
        windows = text_windows(text.train, self.window).to(device)
        batches = Batches(
            windows,
            batch_size=min(self.batch_size, len(windows)),
            seed=self.seed,
            prepare=lambda symbols: symbols,
        )

        def quick_measures(network: rnn.CharRNN) -> dict[str, float]:
            nats = text_nats(network, text, self.window).mean().item()
            return {f"{self.split}_bits_per_character": nats / math.log(2)}

        network = rnn.CharRNN(self.model).to(device)
        return _training(self, network, batches, quick_measures)

    def write(
        self,
        network: Any,
        num_symbols: int,
        rng: torch.Generator,
        *,
        prompt: str | None = None,
        temperature: float = 1.0,
    ) -> str:
        """The prompt, or the recipe's own, and what the network writes after it."""
        if prompt is None:
            first = PROMPT if set(PROMPT) <= set(self.characters) else self.characters[0]
            prompt = self.prompt or first
        _require_known(prompt, self.characters)
        known = encode(prompt, self.characters)
        device = next(network.parameters()).device
        drawn = rnn.sample_text(
            network, known.to(device), num_symbols, temperature=temperature, generator=rng
        )
        return decode(torch.cat([known, drawn.cpu()]), self.characters)

    def evaluate(self, network: Any, data: Text) -> Evaluation:
        """Bits per character of the test text; the floor is what character frequencies alone give."""
        data = data.recoded(self.characters)
        nats = text_nats(network, data, self.window)
        num_known = len(data.characters)
        counts = data.train[data.train < num_known].bincount(minlength=num_known).double() + 1
        # A character that training lacks costs the floor and the network alike.
        costs = torch.cat([-(counts / counts.sum()).log(), torch.tensor([data.unknown_nats])])
        unigram = costs[data.test.clamp_max(num_known)].mean().item()
        # Windows are nearly independent, single characters are not.
        per_window = nats[: len(nats) // self.window * self.window].view(-1, self.window).mean(1)
        per_window_mean = mean(per_window, "nats per character")
        value, error = nats.mean().item(), per_window_mean.error
        bits = 1 / math.log(2)
        measures = {
            "nats": Measure(
                value=value,
                error=error,
                unit="nats per character",
                num_samples=len(nats),
                floor=unigram,
            ),
            "bits_per_character": Measure(
                value=value * bits,
                error=error and error * bits,
                unit="bits",
                num_samples=len(nats),
                floor=unigram * bits,
            ),
        }
        rng = torch.Generator().manual_seed(FILM_SEED)
        texts = [
            (temperature, self.write(network, SAMPLE_SYMBOLS, rng, temperature=temperature))
            for temperature in (0.5, 0.8, 1.0)
        ]
        return Evaluation(
            data=data.name,
            measures=measures,
            summary={f"{self.split}_bits_per_character": value * bits},
            details={"nats_kind": "exact"} | _unknown(data),
            sections=[("evaluation/texts.html", {"texts": texts})],
        )


def _training(
    recipe: RowRNNRecipe | CharRNNRecipe,
    network: Network,
    batches: Batches,
    quick_measures: Callable[[Network], dict[str, float]],
    sample: Callable[[Network], Tensor] | None = None,
) -> Training:
    """What both trainings share: AdamW, a schedule, clipping and averaged weights.

    Args:
        quick_measures: measures of the averaged network after each epoch.
        sample: pictures drawn by it after each epoch.
    """
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=recipe.lr, weight_decay=recipe.weight_decay, fused=True
    )
    num_steps = recipe.epochs * batches.steps_per_epoch
    schedule = LambdaLR(optimizer, hold_then_linear(num_steps, recipe.warmup, recipe.hold))
    state: dict[str, Any] = {"network": network, "optimizer": optimizer, "schedule": schedule}
    step, evaluated = with_average(
        functools.partial(rnn.train_step, network, optimizer, max_norm=recipe.max_norm),
        network,
        recipe.average_decay,
        state,
    )
    return Training(
        step=step,
        batches=batches,
        state=state,
        network=evaluated,
        evaluate=functools.partial(quick_measures, evaluated),
        sample=functools.partial(sample, evaluated) if sample else None,
    )


def _check(recipe: RowRNNRecipe | CharRNNRecipe) -> None:
    if recipe.lr <= 0 or recipe.max_norm <= 0 or recipe.weight_decay < 0:
        raise ValueError("lr and max_norm must be positive, weight_decay not negative")
    if not 0 <= recipe.warmup <= recipe.hold < 1 or not 0 <= recipe.average_decay < 1:
        raise ValueError("warmup, hold and average_decay must lie in [0, 1), warmup below hold")


# --- Rows ------------------------------------------------------------------------------


@torch.no_grad()
def row_nats(network: rnn.RowRNN, bits: Images) -> Tensor:
    """-log p of each test image, exactly, in nats: (N,), on the CPU."""
    test = as_bits(bits.test_images[:MAX_TEST_IMAGES])
    return torch.cat([network.nats(chunk) for chunk in test.split(500)]).cpu()


def _film(network: rnn.RowRNN) -> Tensor:
    return rnn.sample(network, 64, generator=torch.Generator().manual_seed(FILM_SEED))


def completions(network: rnn.RowRNN, bits: Images, columns: int = 10, num_rows: int = 6) -> Picture:
    """The upper half of test images, each completed several times."""
    rng = torch.Generator().manual_seed(FILM_SEED)
    first = as_bits(bits.test_images[:columns])
    columns = len(first)  # fewer where there are fewer test images
    upper = first[:, :, :14]
    drawn = [rnn.sample(network, columns, generator=rng, begun=upper) for _ in range(num_rows)]
    return Picture(
        title="Completed",
        caption="Test images in the first row; below, their upper halves, completed by the RNN.",
        images=torch.cat([first, *drawn]).cpu(),
        columns=columns,
    )


# --- Text ------------------------------------------------------------------------------


def text_windows(symbols: Tensor, window: int) -> Tensor:
    """The text cut into (N, window + 1): each begins with the last character of the one before."""
    count = (len(symbols) - 1) // window
    return symbols[: count * window + 1].unfold(0, window + 1, window)


@torch.no_grad()
def text_nats(network: rnn.CharRNN, text: Text, window: int) -> Tensor:
    """-log p of each character of the test text after the first, in nats: (N,), on the CPU.

    The hidden state is carried through the whole text. Characters that training lacks are not read,
    and each costs `Text.unknown_nats`.
    """
    device = next(network.parameters()).device
    is_known = text.test < len(text.characters)
    test, hidden, nats = text.test[is_known].to(device), None, []
    for start in range(0, len(test) - 1, 10 * window):
        symbols = test[start : start + 10 * window + 1]
        logits, hidden = network(symbols[None, :-1], hidden)
        nats.append(nn.functional.cross_entropy(logits[0], symbols[1:], reduction="none").cpu())
    every = torch.full((len(is_known),), text.unknown_nats)
    if len(test):
        every[is_known] = torch.cat([torch.zeros(1), *nats])
        return every[torch.arange(len(every)) != is_known.int().argmax()]  # not the first known one
    return every


def _unknown(text: Text) -> dict[str, object]:
    """What the measures say about test characters that training lacks, if there are any."""
    count = int((text.test >= len(text.characters)).sum())
    if not count:
        return {}
    bits = text.unknown_nats / math.log(2)
    return {"unknown_characters": {"count": count, "of": len(text.test), "bits_each": bits}}


def _require_known(prompt: str, characters: str) -> None:
    """Refuse a prompt that the network cannot read.

    Raises:
        RecipeError: it is empty, or has characters that the training text lacks; they are named.
    """
    if not prompt:
        raise RecipeError("the prompt is empty: give at least one character of the training text")
    unknown = list(dict.fromkeys(c for c in prompt if c not in characters))
    if unknown:
        raise RecipeError(
            f"the training text has no {listed(unknown)}, which the prompt {prompt!r} needs: "
            f"use its own characters, such as {listed([c for c in characters if c.isprintable()])}"
        )


def default() -> RowRNNRecipe:
    return RowRNNRecipe(model=rnn.RowRNNConfig(), epochs=30)


def best() -> RowRNNRecipe:
    """Wider, longer, and on bits drawn anew at each use, which it cannot learn by heart."""
    return replace(default(), model=rnn.RowRNNConfig(hidden_size=384), epochs=40, pixels="dynamic")


def text() -> CharRNNRecipe:
    return CharRNNRecipe(model=rnn.CharRNNConfig())
