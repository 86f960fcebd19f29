"""The convolutional network on MNIST: `fast` and `default` in seconds, `best` in minutes."""

from dataclasses import dataclass, replace

from torch import nn

from torchcamp.models import cnn
from torchcamp.recipes.classifier import ClassifierRecipe
from torchcamp.training.devices import channels_last


@dataclass(frozen=True, kw_only=True)
class CNNRecipe(ClassifierRecipe):
    """Hyperparameters for training the CNN."""

    model: cnn.CNNConfig
    train_step = staticmethod(cnn.train_step)

    def network(self) -> nn.Module:
        return channels_last(cnn.CNN(self.model))


def default() -> CNNRecipe:
    return CNNRecipe(model=cnn.CNNConfig(channels=(16, 32, 64)), epochs=3, lr=1e-2, max_shift=1)


def fast() -> CNNRecipe:
    """One epoch: the shortest training that reads 99 % of MNIST's test images right."""
    return replace(default(), epochs=1, lr=1.4e-2)


def best() -> CNNRecipe:
    return CNNRecipe(
        model=cnn.CNNConfig(channels=(32, 64, 96), convs_per_stage=2),
        epochs=14,
        lr=8e-3,
        max_shift=2,
        distort=True,
        average_decay=0.998,
    )
