"""The GAN on MNIST: `default`, `best`, and `lecture`, the plain fully connected pair."""

from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from torchcamp.data.images import Images
from torchcamp.models import gan
from torchcamp.recipes.adversarial import CHUNK, AdversarialRecipe
from torchcamp.recipes.images import FILM_SEED


@dataclass(frozen=True, kw_only=True)
class GANRecipe(AdversarialRecipe):
    """Hyperparameters for training the GAN."""

    model: gan.GANConfig
    train_step = staticmethod(gan.train_step)

    def network(self) -> nn.Module:
        return gan.make_generator(self.model)

    def discriminator(self) -> nn.Module:
        return gan.make_discriminator(self.model)

    def training_tensors(self, images: Images) -> tuple[Tensor, ...]:
        return (images.train_images,)

    def draw(
        self, network: Any, num_samples: int, rng: torch.Generator, label: int | None = None
    ) -> tuple[Tensor, None]:
        """Images (N, C, H, W) in [0, 1]."""
        chunks = torch.arange(num_samples).split(CHUNK)
        return torch.cat([gan.sample(network, len(c), rng=rng) for c in chunks]).cpu(), None

    def film(self, network: Any) -> Tensor:
        return gan.sample(network, 64, rng=torch.Generator().manual_seed(FILM_SEED))


def default() -> GANRecipe:
    return GANRecipe(model=gan.GANConfig(), epochs=20)


def best() -> GANRecipe:
    """A layer that shapes the noise, a discriminator that compares images, and a lighter penalty."""
    return replace(
        default(), model=gan.GANConfig(mapping_dim=256, compares=True), penalty_weight=0.1
    )


def lecture() -> GANRecipe:
    """No penalty, the learning rates of its day: it shows what the other pair is protected from."""
    return GANRecipe(
        model=gan.GANConfig(fully_connected=True),
        epochs=20,
        g_lr=2e-4,
        d_lr=2e-4,
        beta1=0.5,
        penalty_weight=0.0,
    )
