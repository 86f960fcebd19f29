"""The recipe that the GAN and the conditional GAN share: two players, two Adams, one average."""

import functools
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR

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
from torchcamp.models import cgan, gan
from torchcamp.recipes.images import FILM_SEED, ImageRecipe, require_same_classes
from torchcamp.training.averaging import average_weights, averaged
from torchcamp.training.loop import Training
from torchcamp.training.schedules import hold_then_linear

NUM_LOOKED_AT = 1000  # samples, for a look between two epochs
COLLAPSED = 0.02  # of the test images covered by the samples
GRACE = 0.25  # share of the epochs in which no collapse is said: every generator begins with blurs


@dataclass(frozen=True, kw_only=True)
class AdversarialRecipe(ImageRecipe):
    """Numbers of a training of two players; see `Recipe` for the methods."""

    model: gan.GANConfig | cgan.CGANConfig
    batch_size: int = 64
    g_lr: float = 2e-3
    d_lr: float = 2e-3
    beta1: float = 0.0  # of both Adams: momentum makes two players circle
    hold: float = 0.5  # share of the steps before the rates fall
    penalty_weight: float = 1.0
    num_penalty_images: int = 8
    average_decay: float = 0.999

    precisions: ClassVar[tuple[str, ...]] = ("fp32", "bf16")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.batch_size < 2:
            raise ValueError("batch_size must be at least 2: batch norm needs more than one image")
        if min(self.g_lr, self.d_lr) <= 0 or self.penalty_weight < 0 or self.num_penalty_images < 1:
            raise ValueError("rates must be positive, the penalty's weight not negative")
        if not 0 <= self.average_decay < 1 or not 0 <= self.hold < 1:
            raise ValueError("average_decay and hold must lie in [0, 1)")

    @property
    def conditional(self) -> bool:
        return isinstance(self.model, cgan.CGANConfig)

    def fitted(self, data: Images) -> "AdversarialRecipe":
        if isinstance(self.model, cgan.CGANConfig):
            model = replace(self.model, num_classes=data.num_classes)
            return replace(self, data=data.name, model=model)
        return replace(self, data=data.name)

    def network(self) -> nn.Module:
        """The generator: what is sampled, averaged and kept."""
        return _module(self.model).make_generator(self.model)

    def build(self, device: torch.device, data: Images | None = None) -> Training:
        images = (data or self.load()).to(device)
        seed_everything(self.seed)
        module = _module(self.model)
        generator = _fast(self.network(), device)
        discriminator = _fast(module.make_discriminator(self.model), device)
        labels = [images.train_labels] if self.conditional else []
        batches = Batches(
            images.train_images,
            *labels,
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
        step = functools.partial(
            module.train_step,
            generator,
            discriminator,
            g_optimizer,
            d_optimizer,
            penalty_weight=self.penalty_weight,
            num_penalty_images=self.num_penalty_images,
        )
        average = average_weights(generator, self.average_decay)
        return Training(
            step=averaged(step, generator, average),
            batches=batches,
            state={
                "generator": generator,
                "discriminator": discriminator,
                "g_optimizer": g_optimizer,
                "d_optimizer": d_optimizer,
                "g_schedule": LambdaLR(g_optimizer, factor),
                "d_schedule": LambdaLR(d_optimizer, factor),
                "average": average,
            },
            network=average.module,
            evaluate=functools.partial(self._look, average.module, images),
            sample=functools.partial(self._film, average.module),
            notice=self.notice,
        )

    def draw(
        self,
        network: Any,
        num_samples: int,
        rng: torch.Generator,
        label: int | None = None,
    ) -> tuple[Tensor, Tensor | None]:
        """Images (N, 1, 28, 28) in [0, 1] and, where the model takes them, their labels (N,).

        All of class `label`, or the classes in turn.
        """
        chunks = torch.arange(num_samples).split(1000)
        if not self.conditional:
            return torch.cat([gan.sample(network, len(c), rng=rng) for c in chunks]).cpu(), None
        labels = torch.arange(num_samples) % self.model.num_classes  # type: ignore[union-attr]
        if label is not None:
            labels.fill_(label)
        images = [cgan.sample(network, labels[chunk], rng=rng) for chunk in chunks]
        return torch.cat(images).cpu(), labels

    def evaluate(self, network: Any, data: Images) -> Evaluation:
        if isinstance(self.model, cgan.CGANConfig):
            require_same_classes(self.model.num_classes, data)
        images = data.to(next(network.parameters()).device)
        pictures = []
        if self.conditional:
            grid = cgan.class_grid(network, 12, rng=torch.Generator().manual_seed(FILM_SEED))
            pictures.append(
                Picture(
                    title="Class by noise",
                    caption="Each row one class, each column one noise vector.",
                    images=grid,
                    columns=12,
                )
            )
        return evaluate_generator(
            images, functools.partial(self.draw, network), split=self.split, pictures=pictures
        )

    def notice(self, row: dict[str, float]) -> str | None:
        """A sentence when the samples cover next to nothing, though they have had time to."""
        if row["epoch"] < GRACE * self.epochs or row["coverage"] >= COLLAPSED:
            return None
        return (
            f"collapsed: the samples cover {100 * row['coverage']:.1f} % of the test images; the "
            "generator draws a few pictures only. Another seed or smaller rates may help"
        )

    def _look(self, network: nn.Module, images: Images) -> dict[str, float]:
        rng = torch.Generator().manual_seed(FILM_SEED)
        samples, _ = self.draw(network, min(NUM_LOOKED_AT, len(images.test_images)), rng)
        return quick_distances(images, samples)

    def _film(self, network: Any) -> Tensor:
        """The same noise after every epoch."""
        rng = torch.Generator().manual_seed(FILM_SEED)
        if self.conditional:
            return cgan.class_grid(network, self.model.num_classes, rng=rng)  # type: ignore[union-attr]
        return gan.sample(network, 64, rng=rng)


def _fast(network: nn.Module, device: torch.device) -> nn.Module:
    """On the device, in the layout in which convolutions are fastest; shapes do not change."""
    return network.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def _module(config: gan.GANConfig | cgan.CGANConfig) -> Any:
    return cgan if isinstance(config, cgan.CGANConfig) else gan


def _prepare(images: Tensor, labels: Tensor | None = None) -> Any:
    pixels = to_float(images)
    return pixels if labels is None else (pixels, labels)
