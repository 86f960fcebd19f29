"""The residual network on photographs: `fast`, `default`, `best`, and the published sizes."""

from dataclasses import dataclass
from typing import ClassVar

from torch import nn

from torchcamp.models import resnet
from torchcamp.recipes.classifier import ClassifierRecipe
from torchcamp.training.devices import channels_last


@dataclass(frozen=True, kw_only=True)
class ResNetRecipe(ClassifierRecipe):
    """Hyperparameters for training the ResNet."""

    model: resnet.ResNetConfig
    data: str = "cifar10"
    batch_size: int = 256
    weight_decay: float = 0.05
    warmup: float = 0.2
    label_smoothing: float = 0.1
    max_shift: int = 4
    flip: bool = True

    train_step = staticmethod(resnet.train_step)
    mirror_border: ClassVar[bool] = True

    def network(self) -> nn.Module:
        return channels_last(resnet.ResNet(self.model))


def default() -> ResNetRecipe:
    return ResNetRecipe(model=resnet.ResNetConfig(), epochs=14, lr=5e-3)


def resnet18() -> ResNetRecipe:
    """The paper's ResNet-18, for weights that are published: --from FILE and --size 224."""
    return _published((2, 2, 2, 2))


def resnet34() -> ResNetRecipe:
    """The paper's ResNet-34; see `resnet18`."""
    return _published((3, 4, 6, 3))


def _published(blocks: tuple[int, int, int, int]) -> ResNetRecipe:
    model = resnet.ResNetConfig(channels=(64, 128, 256, 512), blocks=blocks, stem="7x7")
    return ResNetRecipe(model=model, epochs=10, batch_size=32, lr=1e-3)


def fast() -> ResNetRecipe:
    """Two minutes on two cores: pictures are halved at once."""
    model = resnet.ResNetConfig(stem="4x4", channels=(64, 128, 256, 512))
    return ResNetRecipe(model=model, epochs=4, lr=8e-3)


def best() -> ResNetRecipe:
    return ResNetRecipe(
        model=resnet.ResNetConfig(channels=(64, 128, 256, 512)),
        epochs=40,
        lr=8e-3,
        average_decay=0.998,
    )
