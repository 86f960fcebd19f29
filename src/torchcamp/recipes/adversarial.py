"""What the GAN's and the conditional GAN's recipes share: two players, two Adams, one average."""

import functools
import math
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR

from torchcamp.base.errors import RecipeError
from torchcamp.base.seeding import seed_everything
from torchcamp.data.augment import to_float
from torchcamp.data.batches import Batches
from torchcamp.data.images import Images
from torchcamp.evaluation.evaluation import Evaluation
from torchcamp.evaluation.generator_report import (
    Picture,
    evaluate_generator,
    quick_distances,
)
from torchcamp.recipes.images import (
    FILM_SEED,
    ImageRecipe,
    require_same_shape,
    shape_of,
)
from torchcamp.training.averaging import with_average
from torchcamp.training.devices import channels_last
from torchcamp.training.distributed import ranks
from torchcamp.training.loop import Training
from torchcamp.training.schedules import hold_then_linear

NUM_QUICK_SAMPLES = 1000  # measured between two epochs
COLLAPSED = 0.02  # share of the test images covered by the samples
GRACE = 0.25  # share of the epochs without a warning: every generator begins with blurs
GRACE_STEPS = 200  # likewise, for trainings that are short altogether
CHUNK = 1000  # samples drawn at a time


@dataclass(frozen=True, kw_only=True)
class AdversarialRecipe(ImageRecipe):
    """Hyperparameters for training two players; see `Recipe` for the methods.

    A subclass says what the two players are and how they are sampled: `train_step`, `network` (the
    generator), `discriminator`, `training_tensors`, `draw` and `film`.
    """

    model: Any
    batch_size: int = 64
    g_lr: float = 2e-3
    d_lr: float = 2e-3
    beta1: float = 0.0  # of both Adams: momentum makes two players circle
    hold: float = 0.5  # share of the steps before the rates fall
    penalty_weight: float = 1.0
    num_penalty_images: int = 8
    average_decay: float = 0.999

    precisions: ClassVar[tuple[str, ...]] = ("fp32", "bf16")
    train_step: ClassVar[Callable[..., dict[str, Tensor]]]

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.batch_size < 2:
            raise ValueError("batch_size must be at least 2: batch norm needs more than one image")
        if min(self.g_lr, self.d_lr) <= 0 or self.penalty_weight < 0 or self.num_penalty_images < 1:
            raise ValueError(
                "g_lr and d_lr must be positive, penalty_weight not negative, "
                "num_penalty_images at least 1"
            )
        if not 0 <= self.average_decay < 1 or not 0 <= self.hold < 1:
            raise ValueError("average_decay and hold must lie in [0, 1)")

    # --- What differs between the two ---------------------------------------------------------

    @abstractmethod
    def network(self) -> nn.Module:
        """The generator: what is sampled, averaged and kept."""

    @abstractmethod
    def discriminator(self) -> nn.Module: ...

    @abstractmethod
    def training_tensors(self, images: Images) -> tuple[Tensor, ...]:
        """What batches are made of: the training images, and their labels where they count."""

    @abstractmethod
    def draw(
        self, network: Any, num_samples: int, rng: torch.Generator, label: int | None = None
    ) -> tuple[Tensor, Tensor | None]:
        """Images (N, C, H, W) in [0, 1], and their labels (N,) where the model takes them."""

    @abstractmethod
    def film(self, network: Any) -> Tensor:
        """Images (N, C, H, W) of the same noise after every epoch."""

    def pictures(self, network: Any) -> list[Picture]:
        """Further pictures for the report."""
        return []

    # --- What they share ----------------------------------------------------------------------

    def for_data(self, data: Images) -> Self:
        if len(data.train_images) < 2:
            raise RecipeError(
                f"{data.name} has one training image; batch norm in a generator needs two or more"
            )
        model = replace(self.model, **shape_of(data, self.model))
        return replace(super().for_data(data), model=model)

    def build(self, device: torch.device, data: Images | None = None) -> Training:
        images = (data or self.load()).to(device)
        seed_everything(self.seed)
        generator = channels_last(self.network().to(device))
        discriminator = channels_last(self.discriminator().to(device))
        batches = Batches(
            *self.training_tensors(images),
            batch_size=self.batch_size_for(images),
            seed=self.seed,
            prepare=_prepare,
        )
        betas = (self.beta1, 0.99)
        g_optimizer = torch.optim.Adam(
            generator.parameters(), lr=self.g_lr, betas=betas, fused=True
        )
        d_optimizer = torch.optim.Adam(
            discriminator.parameters(), lr=self.d_lr, betas=betas, fused=True
        )
        factor = hold_then_linear(self.epochs * batches.steps_per_epoch, 0.0, self.hold)
        state: dict[str, Any] = {
            "generator": generator,
            "discriminator": discriminator,
            "g_optimizer": g_optimizer,
            "d_optimizer": d_optimizer,
            "g_schedule": LambdaLR(g_optimizer, factor),
            "d_schedule": LambdaLR(d_optimizer, factor),
        }
        step = functools.partial(
            self.train_step,
            generator,
            discriminator,
            g_optimizer,
            d_optimizer,
            penalty_weight=self.penalty_weight,
            # Of this process's part of a batch; all of them together look at as many as one would.
            num_penalty_images=math.ceil(self.num_penalty_images / ranks().size),
        )
        step, evaluated = with_average(step, generator, self.average_decay, state)
        return Training(
            step=step,
            batches=batches,
            state=state,
            network=evaluated,
            evaluate=functools.partial(self._quick_measures, evaluated, images),
            sample=functools.partial(self.film, evaluated),
            notice=self.notice,
        )

    def evaluate(self, network: nn.Module, data: Images) -> Evaluation:
        require_same_shape(self.model.image_shape, data)
        images = data.to(next(network.parameters()).device)
        pictures = self.pictures(network)
        draw = functools.partial(self.draw, network)
        return evaluate_generator(images, draw, split=self.split, pictures=pictures)

    def notice(self, row: dict[str, float]) -> str | None:
        """A warning if the samples cover next to nothing although they have had time to."""
        coverage = row.get("coverage", 1.0)  # not measured where there are too few images
        if row["epoch"] < GRACE * self.epochs or row["step"] < GRACE_STEPS:
            return None
        if coverage >= COLLAPSED:
            return None
        return (
            f"collapsed: the samples cover {100 * coverage:.1f} % of the test images; the "
            "generator draws a few pictures only. Another seed or smaller rates may help"
        )

    def _quick_measures(self, network: nn.Module, images: Images) -> dict[str, float]:
        rng = torch.Generator().manual_seed(FILM_SEED)
        samples, _ = self.draw(network, min(NUM_QUICK_SAMPLES, len(images.test_images)), rng)
        return quick_distances(images, samples)


def _prepare(images: Tensor, *labels: Tensor) -> Tensor | tuple[Tensor, ...]:
    pixels = to_float(images)
    return (pixels, *labels) if labels else pixels
