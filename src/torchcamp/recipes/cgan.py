"""The conditional GAN on MNIST: `default`, `best`, and `lecture`, the plain fully connected pair."""

from dataclasses import dataclass, replace
from typing import Any, Self

import torch
from torch import Tensor, nn

from torchcamp.data.images import Images
from torchcamp.evaluation.evaluation import Evaluation
from torchcamp.evaluation.generator_report import Picture
from torchcamp.models import cgan
from torchcamp.recipes.adversarial import CHUNK, AdversarialRecipe
from torchcamp.recipes.images import FILM_SEED, require_same_classes

MAX_FILM_CLASSES = 10  # in the pictures between two epochs: the first ones


@dataclass(frozen=True, kw_only=True)
class CGANRecipe(AdversarialRecipe):
    """Hyperparameters for training the conditional GAN."""

    model: cgan.CGANConfig
    train_step = staticmethod(cgan.train_step)

    def for_data(self, data: Images) -> Self:
        recipe = super().for_data(data)
        return replace(recipe, model=replace(recipe.model, num_classes=data.num_classes))

    def network(self) -> nn.Module:
        return cgan.make_generator(self.model)

    def discriminator(self) -> nn.Module:
        return cgan.make_discriminator(self.model)

    def training_tensors(self, images: Images) -> tuple[Tensor, ...]:
        return (images.train_images, images.train_labels)

    def draw(
        self, network: Any, num_samples: int, rng: torch.Generator, label: int | None = None
    ) -> tuple[Tensor, Tensor]:
        """Images (N, C, H, W) in [0, 1] and their labels (N,): all `label`, or each in turn."""
        labels = torch.arange(num_samples) % self.model.num_classes
        if label is not None:
            labels.fill_(label)
        chunks = torch.arange(num_samples).split(CHUNK)
        images = [cgan.sample(network, labels[chunk], rng=rng) for chunk in chunks]
        return torch.cat(images).cpu(), labels

    def film(self, network: Any) -> Tensor:
        rng = torch.Generator().manual_seed(FILM_SEED)
        side = min(self.model.num_classes, MAX_FILM_CLASSES)
        return cgan.class_grid(network, side, rng=rng)[: side * side]

    def pictures(self, network: Any) -> list[Picture]:
        rng = torch.Generator().manual_seed(FILM_SEED)
        return [
            Picture(
                title="Class by noise",
                caption="Each row is one class, each column one noise vector.",
                images=cgan.class_grid(network, 12, rng=rng),
                columns=12,
            )
        ]

    def evaluate(self, network: nn.Module, data: Images) -> Evaluation:
        require_same_classes(self.model.num_classes, data)
        return super().evaluate(network, data)


def default() -> CGANRecipe:
    return CGANRecipe(model=cgan.CGANConfig(), epochs=20)


def best() -> CGANRecipe:
    """A lighter penalty, so that more digits are the requested ones; twice as long, with a slower average."""
    return replace(default(), epochs=40, penalty_weight=0.2, average_decay=0.9995)


def lecture() -> CGANRecipe:
    """No penalty, the learning rates of its day: it shows what the other pair is protected from."""
    return CGANRecipe(
        model=cgan.CGANConfig(fully_connected=True),
        epochs=20,
        g_lr=2e-4,
        d_lr=2e-4,
        beta1=0.5,
        penalty_weight=0.0,
    )
