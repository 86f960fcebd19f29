"""How the two reference networks were trained, as recipes `FILE.py:function`.

They are not among the named recipes, because nobody needs a third, but anyone can train these two
again. See `evaluation.reference_networks`.
"""

from dataclasses import dataclass, replace
from typing import Self

from torch import nn

from torchcamp.data.images import Images
from torchcamp.evaluation.reference_networks import FeatureNet, FeatureNetConfig
from torchcamp.models import mlp
from torchcamp.recipes import cnn
from torchcamp.recipes.classifier import ClassifierRecipe


@dataclass(frozen=True, kw_only=True)
class FeatureNetRecipe(ClassifierRecipe):
    """Hyperparameters for training the network whose features are compared."""

    model: FeatureNetConfig
    train_step = staticmethod(mlp.train_step)  # the step of any classifier

    def for_data(self, data: Images) -> Self:
        return replace(self, data=data.name)  # always ten classes

    def network(self) -> nn.Module:
        return FeatureNet(self.model)


def features() -> FeatureNetRecipe:
    return FeatureNetRecipe(
        model=FeatureNetConfig(), epochs=10, lr=4e-3, max_shift=2, distort=True, average_decay=0.998
    )


def labels() -> cnn.CNNRecipe:
    return cnn.best()
