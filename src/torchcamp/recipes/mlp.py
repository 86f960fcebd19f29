"""The multilayer perceptron on MNIST, permutation-invariant: pixels are not moved."""

from torchcamp.models.mlp import MLPConfig
from torchcamp.recipes.classifier import ClassifierRecipe


def default() -> ClassifierRecipe:
    return ClassifierRecipe(model=MLPConfig(), epochs=15, lr=3e-3)
