"""The GAN on MNIST: `default`, and `lecture`, the plain fully connected pair."""

from torchcamp.models.gan import GANConfig
from torchcamp.recipes.adversarial import AdversarialRecipe


def default() -> AdversarialRecipe:
    return AdversarialRecipe(model=GANConfig(), epochs=20)


def lecture() -> AdversarialRecipe:
    """No penalty, the rates of its time: it shows what the other pair is protected from."""
    return AdversarialRecipe(
        model=GANConfig(fully_connected=True),
        epochs=20,
        g_lr=2e-4,
        d_lr=2e-4,
        beta1=0.5,
        penalty_weight=0.0,
    )
