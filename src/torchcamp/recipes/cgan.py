"""The conditional GAN on MNIST: `default`, and `lecture`, the plain fully connected pair."""

from torchcamp.models.cgan import CGANConfig
from torchcamp.recipes.adversarial import AdversarialRecipe


def default() -> AdversarialRecipe:
    return AdversarialRecipe(model=CGANConfig(), epochs=20)


def lecture() -> AdversarialRecipe:
    return AdversarialRecipe(model=CGANConfig(fully_connected=True), epochs=20, penalty_weight=0.0)
