"""The multilayer perceptron on MNIST, permutation-invariant: pixels are not moved."""

from torchcamp.models.mlp import MLPConfig
from torchcamp.recipes.classifier import ClassifierRecipe


def default() -> ClassifierRecipe:
    return ClassifierRecipe(model=MLPConfig(), epochs=30, batch_size=512, lr=6e-3)
