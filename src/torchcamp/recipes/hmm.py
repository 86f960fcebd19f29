"""The HMM: `default` reads MNIST's images row by row, `dice` finds the casino's loaded die."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import torch
from torch import Tensor, nn

from torchcamp.base.seeding import seed_everything
from torchcamp.data.batches import Batches
from torchcamp.data.images import IMAGE_SIZE, Images
from torchcamp.data.sequences import Sequences, load_dice
from torchcamp.evaluation.classification import MAX_TEST_IMAGES
from torchcamp.evaluation.evaluation import Evaluation, mean
from torchcamp.evaluation.generator_report import Likelihood, Picture, evaluate_generator
from torchcamp.models import hmm
from torchcamp.recipes.base import BaseRecipe
from torchcamp.recipes.images import FILM_SEED, BitsRecipe, as_bits
from torchcamp.training.loop import Training
from torchcamp.training.schedules import ScheduledValue

CHUNK = 250  # sequences at a time, of pictures


@dataclass(frozen=True, kw_only=True)
class RowHMMRecipe(BitsRecipe):
    """Hyperparameters for training on images as sequences of 28 rows of bits; see `Recipe`.

    The counts of Baum-Welch are averaged over batches: step t moves the average by the share
    (t + 2) ^ -decay, but by no less than `least_rate`, towards the batch's counts.
    """

    model: hmm.HMMConfig
    batch_size: int = 1000
    decay: float = 0.7
    least_rate: float = 0.02
    pseudo_count: float = 0.01  # of each emission in a batch's counts
    start_share: float = 0.3  # of a random training row in a state's first emission

    precisions: ClassVar[tuple[str, ...]] = ("fp32",)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0.5 < self.decay <= 1 or not 0 < self.least_rate <= 1:
            raise ValueError("decay must lie in (0.5, 1], least_rate in (0, 1]")
        if self.pseudo_count < 0 or not 0 < self.start_share <= 1:
            raise ValueError("pseudo_count must not be negative, start_share must lie in (0, 1]")

    def network(self) -> nn.Module:
        return hmm.HMM(self.model)

    def build(self, device: torch.device, data: Images | None = None) -> Training:
        bits = (data or self.load()).to(device).binarised()
        seed_everything(self.seed)
        network = hmm.HMM(self.model).to(device)
        start_at_rows(network, bits, self.start_share)
        batches = Batches(
            bits.train_images,
            batch_size=self.batch_size_for(bits),
            seed=self.seed,
            prepare=as_rows,
        )
        rate = ScheduledValue(lambda step: max(self.least_rate, (step + 2) ** -self.decay), device)
        average = {
            name: torch.zeros_like(value)
            for name, value in hmm.statistics(network, as_rows(bits.train_images[:1])).items()
        }
        step = functools.partial(
            hmm.train_step,
            network,
            average=average,
            rate=rate.value,
            pseudo_count=self.pseudo_count,
            chunk_size=CHUNK,
        )
        return Training(
            step=step,
            batches=batches,
            state={"network": network, "average": average, "rate": rate},
            network=network,
            evaluate=lambda: {f"{self.split}_nats": row_nats(network, bits).mean().item()},
            sample=functools.partial(_film, network),
        )

    def draw(
        self, network: Any, num_samples: int, rng: torch.Generator, label: int | None = None
    ) -> tuple[Tensor, None]:
        """Bits (N, 1, 28, 28)."""
        rows, _ = hmm.sample(network, num_samples, IMAGE_SIZE, generator=rng)
        return rows[:, None], None

    def evaluate(self, network: Any, data: Images) -> Evaluation:
        images = data.to(next(network.parameters()).device)
        bits = images.binarised()
        likelihood = Likelihood(nats=row_nats(network, bits), kind="exact", binarisation="static")
        return evaluate_generator(
            images,
            functools.partial(self.draw, network),
            split=self.split,
            likelihood=likelihood,
            binarisation="static",
            pictures=hmm_pictures(network, bits),
        )


@dataclass(frozen=True, kw_only=True)
class DiceRecipe(BaseRecipe[Sequences]):
    """Hyperparameters for Baum-Welch on throws of dice; each step updates on all sequences."""

    model: hmm.HMMConfig
    data: str = "dice"
    epochs: int = 300

    precisions: ClassVar[tuple[str, ...]] = ("fp32",)

    def load_all(self, report: Callable[[str], None]) -> Sequences:
        return load_dice(self.data, report)

    def for_data(self, data: Sequences) -> Self:
        model = replace(self.model, num_symbols=data.num_symbols, bernoulli=False)
        return replace(super().for_data(data), model=model)

    def network(self) -> nn.Module:
        return hmm.HMM(self.model)

    def build(self, device: torch.device, data: Sequences | None = None) -> Training:
        dice = data or self.load()
        seed_everything(self.seed)
        network = hmm.HMM(self.model).to(device)
        symbols, lengths = dice.train.to(device), dice.train_lengths.to(device)
        return Training(
            step=functools.partial(hmm.train_step, network),
            batches=Batches(symbols, lengths, batch_size=len(symbols), seed=self.seed),
            state={"network": network},
            network=network,
            evaluate=lambda: {f"{self.split}_nats": per_throw(network, dice).mean().item()},
        )

    def write(self, network: Any, num_symbols: int, rng: torch.Generator) -> str:
        """Throws, and below each the die that was thrown: F for the fair one, L for the loaded one."""
        symbols, states = hmm.sample(network, 1, num_symbols, generator=rng)
        loaded = int(network.emission[:, -1].argmax())
        throws = "".join(str(symbol + 1) for symbol in symbols[0].tolist())
        dice = "".join("L" if state == loaded else "F" for state in states[0].tolist())
        lines = [(throws[i : i + 60], dice[i : i + 60]) for i in range(0, num_symbols, 60)]
        return "\n".join(f"throws {a}\ndie    {b}" for a, b in lines)

    def evaluate(self, network: Any, data: Sequences) -> Evaluation:
        nats = per_throw(network, data)
        counts = data.train.flatten()[_inside(data.train, data.train_lengths)].bincount(
            minlength=data.num_symbols
        )
        frequencies = (counts / counts.sum()).log()
        inside = _inside(data.test, data.test_lengths)
        floor = -frequencies[data.test.flatten()[inside]].mean().item()
        nats_per_throw = mean(nats, "nats per throw", floor=floor)
        return Evaluation(
            data=data.name,
            measures={"nats": nats_per_throw},
            summary={f"{self.split}_nats": nats_per_throw.value},
            details={
                "nats_kind": "exact",
                "initial": network.initial.tolist(),
                "transition": network.transition.tolist(),
                "emission": network.emission.tolist(),
            },
        )


# --- Pictures as sequences of rows -----------------------------------------------------


def as_rows(images: Tensor) -> tuple[Tensor, Tensor]:
    """Black or white pictures (B, 1, 28, 28) to sequences of bits (B, 28, 28) and lengths (B,)."""
    rows = as_bits(images).squeeze(1)
    return rows, torch.full((len(rows),), rows.shape[1], device=rows.device)


@torch.no_grad()
def start_at_rows(network: hmm.HMM, bits: Images, share: float) -> None:
    """Start each state's emission at a random training row, mixed with the mean row at its height.

    A state that starts at a real row has something to explain; the transitions start nearly
    uniform.
    """
    rows, _ = as_rows(bits.train_images)
    means = rows.mean(dim=0)  # of each height
    num_states = network.config.num_states
    pictures = torch.randint(len(rows), (num_states,)).to(rows.device)
    heights = (torch.arange(num_states) % rows.shape[1]).to(rows.device)
    emission = share * rows[pictures, heights] + (1 - share) * means[heights]
    network.emission.copy_(emission.clamp(0.01, 0.99))


@torch.no_grad()
def row_nats(network: hmm.HMM, bits: Images) -> Tensor:
    """-log p of each test image in nats: (N,), on the CPU."""
    test = bits.test_images[:MAX_TEST_IMAGES]
    nats = [-hmm.log_likelihood(network, *as_rows(chunk)) for chunk in test.split(CHUNK)]
    return torch.cat(nats).cpu()


def _film(network: hmm.HMM) -> Tensor:
    rng = torch.Generator().manual_seed(FILM_SEED)
    rows, _ = hmm.sample(network, 64, IMAGE_SIZE, generator=rng)
    return rows[:, None]


def hmm_pictures(network: hmm.HMM, bits: Images, columns: int = 10) -> list[Picture]:
    """What each state emits, and test images above what their likeliest path of states emits."""
    rows, lengths = as_rows(bits.test_images[:columns])
    states, _ = hmm.decode(network, rows, lengths)
    paths = network.emission[states]  # (B, T, V)
    order = network.emission.argmax(dim=1).argsort()
    means = network.emission[order][:, None, None, :].expand(-1, 1, 4, -1)
    return [
        Picture(
            title="Seen through the states",
            caption="Above test images, below the mean rows of the states on the likeliest path.",
            images=torch.cat([rows, paths])[:, None].cpu(),
            columns=columns,
        ),
        Picture(
            title="The states",
            caption=f"The mean row of each of the {len(order)} states, by its brightest pixel.",
            images=means.cpu(),
            columns=8,
        ),
    ]


# --- Dice ------------------------------------------------------------------------------


def _inside(symbols: Tensor, lengths: Tensor) -> Tensor:
    """Which entries of the flattened table belong to a sequence."""
    return (torch.arange(symbols.shape[1]) < lengths[:, None]).flatten()


def per_throw(network: hmm.HMM, dice: Sequences) -> Tensor:
    """-log p of each test sequence in nats per throw: (N,), on the CPU."""
    device = network.initial.device
    lengths = dice.test_lengths.to(device)
    return (-hmm.log_likelihood(network, dice.test.to(device), lengths) / lengths).cpu()


def default() -> RowHMMRecipe:
    return RowHMMRecipe(model=hmm.HMMConfig(num_states=512), epochs=10)


def dice() -> DiceRecipe:
    return DiceRecipe(model=hmm.HMMConfig(num_states=2, num_symbols=6, bernoulli=False))
