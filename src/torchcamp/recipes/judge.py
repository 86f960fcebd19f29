"""How the two judges were trained (see `evaluation.judges`): `FILE.py:function` recipes.

They are no recipes by name: nobody needs a third judge, but anyone can make the two again.
"""

from dataclasses import dataclass, replace

from torch import nn

from torchcamp.data.images import Images
from torchcamp.evaluation.judges import FeatureNet, FeatureNetConfig
from torchcamp.recipes import cnn
from torchcamp.recipes.classifier import ClassifierRecipe


@dataclass(frozen=True, kw_only=True)
class FeatureJudgeRecipe(ClassifierRecipe):
    """A classifier's training, with the network that gives features."""

    model: FeatureNetConfig  # type: ignore[assignment]

    def fitted(self, data: Images) -> "FeatureJudgeRecipe":
        return replace(self, data=data.name)

    def network(self) -> nn.Module:
        return FeatureNet(self.model)


def features() -> ClassifierRecipe:
    return FeatureJudgeRecipe(
        model=FeatureNetConfig(), epochs=10, lr=4e-3, max_shift=2, distort=True, average_decay=0.998
    )


def labels() -> ClassifierRecipe:
    return cnn.best()
