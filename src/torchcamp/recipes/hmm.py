"""The HMM: `default` reads MNIST's images row by row, `dice` finds the casino's loaded die, and
`sequences` learns from the user's own sequences of symbols."""

import functools
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, Self

import torch
from torch import Tensor, nn

from torchcamp.base.seeding import seed_everything
from torchcamp.data.batches import Batches
from torchcamp.data.images import IMAGE_SIZE, Images
from torchcamp.data.sequences import Sequences, load_dice
from torchcamp.data.symbol_files import load_sequences, padded
from torchcamp.evaluation.classification import MAX_TEST_IMAGES
from torchcamp.evaluation.evaluation import Evaluation, Measure, mean, share
from torchcamp.evaluation.generator_report import Likelihood, Picture, evaluate_generator
from torchcamp.models import hmm
from torchcamp.recipes.base import BaseRecipe
from torchcamp.recipes.images import FILM_SEED, BitsRecipe, as_bits
from torchcamp.training.distributed import total
from torchcamp.training.loop import Training
from torchcamp.training.schedules import ScheduledValue

CHUNK = 250  # sequences at a time, of pictures
NUM_SHOWN = 12  # symbols of a state in the report, the likeliest


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
        if self.model.num_symbols != IMAGE_SIZE or not self.model.bernoulli:
            raise ValueError(
                f"num_symbols must be {IMAGE_SIZE}, bernoulli true: rows of bits are read"
            )
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
            total=total,
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
    symbols: ClassVar[tuple[str, ...]] = ("1", "2", "3", "4", "5", "6")

    def load_all(self, report: Callable[[str], None]) -> Sequences:
        return load_dice(self.data, report)

    def for_data(self, data: Sequences) -> Self:
        model = replace(self.model, num_symbols=data.num_symbols, bernoulli=False)
        return replace(super().for_data(data), model=model)

    def network(self) -> nn.Module:
        return hmm.HMM(self.model)

    def build(self, device: torch.device, data: Sequences | None = None) -> Training:
        return _baum_welch(self, device, data or self.load())

    def write(self, network: Any, num_symbols: int, rng: torch.Generator) -> str:
        """Throws, and below each the die that was thrown: F for the fair one, L for the loaded one."""
        symbols, states = hmm.sample(network, 1, num_symbols, generator=rng)
        loaded = int(network.emission[:, -1].argmax())
        throws = "".join(str(symbol + 1) for symbol in symbols[0].tolist())
        dice = "".join("L" if state == loaded else "F" for state in states[0].tolist())
        lines = [(throws[i : i + 60], dice[i : i + 60]) for i in range(0, num_symbols, 60)]
        return "\n".join(f"throws {a}\ndie    {b}" for a, b in lines)

    def evaluate(self, network: Any, data: Sequences) -> Evaluation:
        return Evaluation(
            data=data.name,
            **_measured(network, data, self.split, "throw"),
            details={"nats_kind": "exact", **_tables(network)},
        )


@dataclass(frozen=True, kw_only=True)
class SequencesRecipe(BaseRecipe[Sequences]):
    """Hyperparameters for Baum-Welch on the user's own sequences; each step updates on all of them."""

    model: hmm.HMMConfig
    data: str = "sequences:FILE"
    encoding: str = "utf-8"  # of the file; its byte order mark takes precedence
    symbols: tuple[str, ...] = ()  # of the data; a symbol's index here is its number
    epochs: int = 200
    pseudo_count: float = 0.1  # of each emission, so that what training never saw stays possible

    precisions: ClassVar[tuple[str, ...]] = ("fp32",)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.pseudo_count < 0:
            raise ValueError("pseudo_count must not be negative")

    def load_all(self, report: Callable[[str], None]) -> Sequences:
        return load_sequences(self.data, report, self.encoding)

    def for_data(self, data: Sequences) -> Self:
        model = replace(self.model, num_symbols=data.num_symbols, bernoulli=False)
        return replace(super().for_data(data), model=model, symbols=data.symbols)

    def adapted(
        self, data: Sequences, chosen: Collection[str], report: Callable[[str], None]
    ) -> Self:
        """For few symbols: no more states than leave ten symbols for each entry of the tables."""
        num_symbols, num_states = int(data.train_lengths.sum()), self.model.num_states
        while num_states > 2 and num_symbols < 10 * num_states * (num_states + data.num_symbols):
            num_states -= 1
        if {"num_states", "model.num_states"} & set(chosen) or num_states == self.model.num_states:
            return self
        report(
            f"{num_symbols:,} training symbols: {num_states} states; --set num_states=N chooses "
            "otherwise"
        )
        return replace(self, model=replace(self.model, num_states=num_states))

    def network(self) -> nn.Module:
        return hmm.HMM(self.model)

    def build(self, device: torch.device, data: Sequences | None = None) -> Training:
        return _baum_welch(self, device, data or self.load(), self.pseudo_count)

    def write(self, network: Any, num_symbols: int, rng: torch.Generator) -> str:
        """Symbols by name, and below each the state, counted from 0, that emitted it."""
        symbols, states = hmm.sample(network, 1, num_symbols, generator=rng)
        return side_by_side([self.symbols[i] for i in symbols[0].tolist()], states[0].tolist())

    def evaluate(self, network: Any, data: Sequences) -> Evaluation:
        data = _recoded(data, self.symbols)
        return Evaluation(
            data=data.name,
            **_measured(network, data, self.split, "symbol"),
            details={"nats_kind": "exact", "symbols": list(self.symbols), **_tables(network)},
            sections=[("evaluation/states.html", _states_section(network, self.symbols, data))],
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
            caption="Test images in the upper row; below each, what the states on its likeliest path expect.",
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


# --- Symbols ---------------------------------------------------------------------------


def _baum_welch(
    recipe: DiceRecipe | SequencesRecipe,
    device: torch.device,
    data: Sequences,
    pseudo_count: float = 0.0,
) -> Training:
    """A training of which each step is one update on all sequences."""
    seed_everything(recipe.seed)
    network = hmm.HMM(recipe.model).to(device)
    symbols, lengths = data.train.to(device), data.train_lengths.to(device)
    return Training(
        step=functools.partial(hmm.train_step, network, pseudo_count=pseudo_count, total=total),
        batches=Batches(symbols, lengths, batch_size=len(symbols), seed=recipe.seed),
        state={"network": network},
        network=network,
        evaluate=functools.partial(_quick_measures, network, data, recipe.split),
    )


def _quick_measures(network: hmm.HMM, data: Sequences, split: str) -> dict[str, float]:
    """What `_measured` calls nats and impossible, after each epoch."""
    nats = per_symbol(network, data)
    possible = nats.isfinite()
    measures = {}
    if possible.any():
        measures[f"{split}_nats"] = nats[possible].mean().item()
    if not possible.all():
        measures["impossible"] = 1 - possible.float().mean().item()
    return measures


def per_symbol(network: hmm.HMM, data: Sequences) -> Tensor:
    """-log p of each test sequence in nats per symbol: (N,), on the CPU; inf where impossible."""
    device = network.initial.device
    lengths = data.test_lengths.to(device)
    return (-hmm.log_likelihood(network, data.test.to(device), lengths) / lengths).cpu()


def _measured(
    network: hmm.HMM, data: Sequences, split: str, symbol: str
) -> dict[Literal["measures", "summary"], Any]:
    """Nats per symbol; the floor is what the frequencies of the symbols alone give, each counted
    once more if training lacks one.

    Where the model gives a test sequence probability zero its nats are infinite: the share of such
    sequences is a measure of its own, and the nats are those of the others.
    """
    nats = per_symbol(network, data)
    possible = nats.isfinite()
    measures: dict[str, Measure] = {}
    if possible.any():
        counts = data.train.flatten()[_inside(data.train, data.train_lengths)].bincount(
            minlength=data.num_symbols
        )
        inside = _inside(data.test[possible], data.test_lengths[possible])
        seen = data.test[possible].flatten()[inside]
        if bool((counts[seen] == 0).any()):
            counts = counts + 1
        floor = -(counts / counts.sum()).log()[seen].mean().item()
        measures["nats"] = mean(nats[possible], f"nats per {symbol}", floor=floor)
    if not possible.all():
        measures["impossible"] = share(~possible, "share of test sequences")
    names = {"nats": f"{split}_nats", "impossible": "impossible"}
    return {
        "measures": measures,
        "summary": {names[name]: measure.value for name, measure in measures.items()},
    }


def _inside(symbols: Tensor, lengths: Tensor) -> Tensor:
    """Which entries of the flattened table belong to a sequence."""
    return (torch.arange(symbols.shape[1]) < lengths[:, None]).flatten()


def _tables(network: hmm.HMM) -> dict[str, Any]:
    names = ("initial", "transition", "emission")
    return {name: getattr(network, name).tolist() for name in names}


def _recoded(data: Sequences, symbols: tuple[str, ...]) -> Sequences:
    """The same sequences with symbols numbered as in `symbols`.

    Raises:
        DataError: they have a symbol that is not among these.
    """
    if data.symbols == symbols:
        return data

    def parts(table: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        rows = zip(table.tolist(), lengths.tolist(), strict=True)
        return padded([[data.symbols[i] for i in row[:length]] for row, length in rows], symbols)

    train, train_lengths = parts(data.train, data.train_lengths)
    test, test_lengths = parts(data.test, data.test_lengths)
    return replace(
        data,
        num_symbols=len(symbols),
        symbols=symbols,
        train=train,
        train_lengths=train_lengths,
        test=test,
        test_lengths=test_lengths,
    )


def _states_section(
    network: hmm.HMM, symbols: tuple[str, ...], data: Sequences
) -> dict[str, object]:
    """What the report says about each state: when it comes, where it leads, what it emits."""
    device = network.initial.device
    chunks = zip(data.train.split(CHUNK), data.train_lengths.split(CHUNK), strict=True)
    visits = torch.stack(
        [
            hmm.statistics(network, (symbols.to(device), lengths.to(device)))["visits"]
            for symbols, lengths in chunks
        ]
    ).sum(dim=0)
    shares = (visits / visits.sum()).tolist()
    order = network.emission.amax(dim=0).argsort(descending=True, stable=True)[:NUM_SHOWN]
    shown = sorted(order.tolist())
    return {
        "symbols": [symbols[i] for i in shown],
        "num_left_out": len(symbols) - len(shown),
        "states": [
            {
                "initial": network.initial[state].item(),
                "share": shares[state],
                "transition": network.transition[state].tolist(),
                "emission": network.emission[state, shown].tolist(),
            }
            for state in range(network.config.num_states)
        ],
    }


def side_by_side(symbols: Sequence[str], states: Sequence[int], width: int = 72) -> str:
    """Symbols above the numbers of their states, in lines of about `width` characters."""
    cell = max(len(text) for text in (*symbols, str(max(states))))
    gap = " " if cell > 1 else ""
    count = max(1, width // (cell + len(gap)))
    lines = []
    for start in range(0, len(symbols), count):
        for title, row in (("symbols", symbols), ("states ", states)):
            cells = gap.join(f"{each!s:<{cell}}" for each in row[start : start + count])
            lines.append(f"{title} {cells}".rstrip())
    return "\n".join(lines)


def default() -> RowHMMRecipe:
    return RowHMMRecipe(model=hmm.HMMConfig(num_states=512), epochs=10)


def dice() -> DiceRecipe:
    return DiceRecipe(model=hmm.HMMConfig(num_states=2, num_symbols=6, bernoulli=False))


def sequences() -> SequencesRecipe:
    return SequencesRecipe(model=hmm.HMMConfig(num_states=4, num_symbols=2, bernoulli=False))
