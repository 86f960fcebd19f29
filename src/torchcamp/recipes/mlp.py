"""The multilayer perceptron on MNIST, permutation-invariant: pixels are not moved."""

from dataclasses import dataclass

from torch import nn

from torchcamp.models import mlp
from torchcamp.recipes.classifier import ClassifierRecipe


@dataclass(frozen=True, kw_only=True)
class MLPRecipe(ClassifierRecipe):
    """Hyperparameters for training the MLP."""

    model: mlp.MLPConfig
    train_step = staticmethod(mlp.train_step)

    def network(self) -> nn.Module:
        return mlp.MLP(self.model)


def default() -> MLPRecipe:
    return MLPRecipe(model=mlp.MLPConfig(), epochs=30, batch_size=512, lr=6e-3)
