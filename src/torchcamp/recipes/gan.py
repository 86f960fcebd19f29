"""The GAN on MNIST: `default`, and `lecture`, the plain fully connected pair."""

from torchcamp.models.gan import GANConfig
from torchcamp.recipes.adversarial import AdversarialRecipe


def default() -> AdversarialRecipe:
    return AdversarialRecipe(model=GANConfig(), epochs=30)


def lecture() -> AdversarialRecipe:
    return AdversarialRecipe(model=GANConfig(fully_connected=True), epochs=30, penalty_weight=0.0)
