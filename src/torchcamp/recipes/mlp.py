"""The multilayer perceptron on MNIST, `default` and `best`, permutation-invariant: pixels are not moved."""

import math
from dataclasses import dataclass
from typing import Any

from torch import nn

from torchcamp.data.images import Images
from torchcamp.models import mlp
from torchcamp.recipes.classifier import ClassifierRecipe


@dataclass(frozen=True, kw_only=True)
class MLPRecipe(ClassifierRecipe):
    """Hyperparameters for training the MLP."""

    model: mlp.MLPConfig
    train_step = staticmethod(mlp.train_step)

    def network(self) -> nn.Module:
        return mlp.MLP(self.model)

    def input_of(self, data: Images) -> dict[str, Any]:
        return {"num_pixels": math.prod(data.image_shape)}


def default() -> MLPRecipe:
    return MLPRecipe(model=mlp.MLPConfig(), epochs=30, batch_size=512, lr=6e-3)


def best() -> MLPRecipe:
    """A third hidden layer, wider and for longer: a minute or two."""
    model = mlp.MLPConfig(hidden_dims=(512, 512, 512), dropout=0.3)
    return MLPRecipe(model=model, epochs=70, batch_size=512, lr=6e-3)
