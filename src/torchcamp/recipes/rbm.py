"""The RBM on bits of MNIST: `default` and `best`, persistent chains and the centred gradient."""

import functools
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR

from torchcamp.base.seeding import seed_everything
from torchcamp.data.batches import Batches
from torchcamp.data.images import IMAGE_SIZE, Images
from torchcamp.evaluation.evaluation import Evaluation, Measure
from torchcamp.evaluation.generator_report import Likelihood, Picture, evaluate_generator
from torchcamp.evaluation.log_partition import (
    LogPartition,
    annealed_log_partition,
    base_bias,
    reverse_annealed_log_partition,
)
from torchcamp.models import rbm
from torchcamp.recipes.images import FILM_SEED, BitsRecipe, as_bits
from torchcamp.training.distributed import total
from torchcamp.training.loop import Training
from torchcamp.training.schedules import hold_then_linear

QUICK_TEMPERATURES, QUICK_CHAINS = 300, 50  # for the measures between two epochs
FILM_STEPS = 100  # Gibbs steps of the pictures between two epochs


@dataclass(frozen=True, kw_only=True)
class RBMRecipe(BitsRecipe):
    """Hyperparameters for training the RBM; see `Recipe` for the methods."""

    model: rbm.RBMConfig
    batch_size: int = 100
    lr: float = 0.05
    momentum: float = 0.5
    hold: float = 0.2  # share of the steps before the rate falls
    persistent: bool = True  # chains continue from step to step; else they start at the data (CD-k)
    num_gibbs_steps: int = 1
    centred: bool = True
    weight_decay: float = 1e-4
    num_temperatures: int = 7250  # of the annealing that measures the likelihood
    num_sample_steps: int = 300  # Gibbs steps of each sample

    precisions: ClassVar[tuple[str, ...]] = ("fp32", "bf16")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.model.num_visible != IMAGE_SIZE**2:
            raise ValueError(f"num_visible must be {IMAGE_SIZE**2}: pictures are read at 28x28")
        if self.lr <= 0 or not 0 <= self.momentum < 1:
            raise ValueError("lr must be positive, momentum in [0, 1)")
        if self.num_gibbs_steps < 1 or not 0 <= self.hold < 1 or self.weight_decay < 0:
            raise ValueError(
                "num_gibbs_steps must be at least 1, hold in [0, 1), weight_decay not negative"
            )
        if not 20 <= self.num_temperatures <= 10**7 or self.num_sample_steps < 1:
            raise ValueError(
                "num_temperatures must lie between 20 and 10 million, num_sample_steps be at least 1"
            )

    def network(self) -> nn.Module:
        return rbm.RBM(self.model)

    def build(self, device: torch.device, data: Images | None = None) -> Training:
        bits = (data or self.load()).to(device).binarised()
        seed_everything(self.seed)
        network = rbm.RBM(self.model).to(device)
        mean = _mean(bits)
        network.visible_bias.data.copy_(base_bias(mean))
        network.visible_mean.copy_(mean)
        batches = Batches(
            bits.train_images,
            batch_size=self.batch_size_for(bits),
            seed=self.seed,
            prepare=as_bits,
        )
        optimizer = torch.optim.SGD(
            network.parameters(),
            lr=self.lr,
            momentum=self.momentum,
            weight_decay=self.weight_decay,
            fused=True,
        )
        step = functools.partial(
            rbm.train_step,
            network,
            optimizer,
            persistent=self.persistent,
            num_gibbs_steps=self.num_gibbs_steps,
            centred=self.centred,
            total=total,
        )
        num_steps = self.epochs * batches.steps_per_epoch
        return Training(
            step=step,
            batches=batches,
            state={
                "network": network,
                "optimizer": optimizer,
                "schedule": LambdaLR(optimizer, hold_then_linear(num_steps, 0.0, self.hold)),
            },
            network=network,
            evaluate=functools.partial(self._quick_measures, network, bits, mean),
            sample=functools.partial(_film, network),
            split=[(network, "chains")],
        )

    def draw(
        self, network: Any, num_samples: int, rng: torch.Generator, label: int | None = None
    ) -> tuple[Tensor, None]:
        """Bits (N, 1, 28, 28)."""
        visible = rbm.sample(
            network, num_samples, num_gibbs_steps=self.num_sample_steps, generator=rng
        )
        return as_images(visible), None

    def evaluate(self, network: Any, data: Images) -> Evaluation:
        """Measures, with the likelihood by annealing in both directions; the worse one is reported."""
        images = data.to(next(network.parameters()).device)
        bits = images.binarised()
        mean, test = _mean(bits), as_bits(bits.test_images).flatten(start_dim=1)
        energies = torch.cat([rbm.free_energy(network, c) for c in test.split(1000)]).cpu()
        rng = torch.Generator().manual_seed(FILM_SEED)
        num_temperatures = self.num_temperatures
        forward = annealed_log_partition(
            network, mean, num_temperatures=num_temperatures, generator=rng
        )
        reverse = reverse_annealed_log_partition(
            network, mean, num_temperatures=num_temperatures, generator=rng
        )
        over_images = energies.std().item() / len(energies) ** 0.5

        def nats(log_partition: LogPartition) -> Measure:
            error = (over_images**2 + log_partition.error**2) ** 0.5
            value = energies.mean().item() + log_partition.value
            return Measure(
                value=value, error=error, unit="nats per image", num_samples=len(energies)
            )

        worse = max(forward, reverse, key=lambda each: each.value)
        likelihood = Likelihood(
            nats=energies + worse.value,
            kind="AIS",
            binarisation="static",
            error=nats(worse).error,
            more={"nats_ais": nats(forward), "nats_reverse_ais": nats(reverse)},
        )
        return evaluate_generator(
            images,
            functools.partial(self.draw, network),
            split=self.split,
            likelihood=likelihood,
            binarisation="static",
            pictures=rbm_pictures(network, bits),
        )

    def _quick_measures(self, network: rbm.RBM, bits: Images, mean: Tensor) -> dict[str, float]:
        """A rough likelihood from a short annealing, and how far test and training images differ."""
        test = as_bits(bits.test_images[:2000]).flatten(start_dim=1)
        train = as_bits(bits.train_images[:2000]).flatten(start_dim=1)
        test_energy = rbm.free_energy(network, test).mean().item()
        log_partition = annealed_log_partition(
            network,
            mean,
            num_temperatures=QUICK_TEMPERATURES,
            num_chains=QUICK_CHAINS,
            generator=torch.Generator().manual_seed(FILM_SEED),
        )
        gap = test_energy - rbm.free_energy(network, train).mean().item()
        return {"rough_nats": test_energy + log_partition.value, "free_energy_gap": gap}


def as_images(visible: Tensor) -> Tensor:
    """Visible units (N, V) as pictures (N, 1, 28, 28), on the CPU."""
    return visible.view(-1, 1, IMAGE_SIZE, IMAGE_SIZE).cpu()


def _mean(bits: Images) -> Tensor:
    """Mean over the training images: (V,)."""
    return as_bits(bits.train_images).mean(dim=0).flatten()


def _film(network: rbm.RBM) -> Tensor:
    rng = torch.Generator().manual_seed(FILM_SEED)
    return as_images(rbm.sample(network, 64, num_gibbs_steps=FILM_STEPS, generator=rng))


@torch.no_grad()
def rbm_pictures(network: rbm.RBM, bits: Images, columns: int = 12) -> list[Picture]:
    """Filters, and chains of Gibbs steps that begin at test images."""
    strongest = network.weight.norm(dim=0).argsort(descending=True)[: columns**2]
    filters = network.weight[:, strongest].T
    scale = filters.abs().amax(dim=1, keepdim=True).clamp_min(1e-9)
    visible = as_bits(bits.test_images[:8]).flatten(start_dim=1)
    rows = [visible]
    for number in range(1, 2 ** (columns - 2) + 1):
        hidden = rbm.draw_bits(network.hidden_probs(visible))
        probs = network.visible_probs(hidden)
        visible = rbm.draw_bits(probs)
        if number & (number - 1) == 0:  # 1, 2, 4, 8, ...
            rows.append(probs)
    chains = torch.stack(rows, dim=1).flatten(0, 1)
    return [
        Picture(
            title="Filters",
            caption=f"The weights of the {len(filters)} hidden units with the largest ones: "
            "bright pixels switch the unit on, dark ones off.",
            images=as_images(0.5 + filters / (2 * scale)),
            columns=columns,
        ),
        Picture(
            title="Gibbs chains",
            caption="Each row begins at a test image; then the probabilities of the pixels after "
            "1, 2, 4, 8, ... steps.",
            images=as_images(chains),
            columns=columns,
        ),
    ]


def default() -> RBMRecipe:
    return RBMRecipe(model=rbm.RBMConfig(), epochs=40)


def best() -> RBMRecipe:
    """Three times as long: a nat better."""
    return replace(default(), epochs=120)
