"""How the two reference networks were trained (see `evaluation.reference_networks`): `FILE.py:function` recipes.

They have no recipe name of their own: nobody needs a third, but anyone can make the two again.
"""

from dataclasses import dataclass, replace

from torch import nn

from torchcamp.data.images import Images
from torchcamp.evaluation.reference_networks import FeatureNet, FeatureNetConfig
from torchcamp.recipes import cnn
from torchcamp.recipes.classifier import ClassifierRecipe


@dataclass(frozen=True, kw_only=True)
class FeatureNetRecipe(ClassifierRecipe):
    """A classifier's training, with the network that gives features."""

    model: FeatureNetConfig  # type: ignore[assignment]

    def fitted(self, data: Images) -> "FeatureNetRecipe":
        return replace(self, data=data.name)

    def network(self) -> nn.Module:
        return FeatureNet(self.model)


def features() -> ClassifierRecipe:
    return FeatureNetRecipe(
        model=FeatureNetConfig(), epochs=10, lr=4e-3, max_shift=2, distort=True, average_decay=0.998
    )


def labels() -> ClassifierRecipe:
    return cnn.best()
