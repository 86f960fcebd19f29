"""The convolutional network on MNIST: `default` in seconds, `best` in minutes."""

from torchcamp.models.cnn import CNNConfig
from torchcamp.recipes.classifier import ClassifierRecipe


def default() -> ClassifierRecipe:
    return ClassifierRecipe(model=CNNConfig(channels=(16, 32, 64)), epochs=3, lr=1e-2, max_shift=1)


def best() -> ClassifierRecipe:
    return ClassifierRecipe(
        model=CNNConfig(channels=(32, 64, 96), convs_per_stage=2),
        epochs=10,
        lr=8e-3,
        max_shift=2,
        distort=True,
        average_decay=0.998,
    )
