"""The residual network on photographs: `fast`, `default`, `best`, and the published sizes."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import torch
from torch import nn

from torchcamp.data.images import Images
from torchcamp.models import resnet
from torchcamp.recipes.classifier import ClassifierRecipe
from torchcamp.training.devices import channels_last


@dataclass(frozen=True, kw_only=True)
class ResNetRecipe(ClassifierRecipe):
    """Hyperparameters for training the ResNet: SGD with Nesterov's momentum, crops and mirrors."""

    model: resnet.ResNetConfig
    data: str = "cifar10"
    batch_size: int = 256
    lr: float = 0.2
    momentum: float = 0.9
    weight_decay: float = 1e-3  # of filters and matrices
    warmup: float = 0.2
    label_smoothing: float = 0.1
    max_shift: int = 4
    flip: bool = True

    train_step = staticmethod(resnet.train_step)
    mirror_border: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.momentum < 1:
            raise ValueError("momentum must lie between 0 and 1")

    def network(self) -> nn.Module:
        return channels_last(resnet.ResNet(self.model))

    def adapted(self, data: Images, chosen: Collection[str], report: Callable[[str], None]) -> Self:
        """Where few pictures get smaller batches, the rate falls in proportion to the batch.

        The linear rule of Goyal et al., "Accurate, Large Minibatch SGD", 2017 (arXiv:1706.02677).
        """
        recipe = super().adapted(data, chosen, report)
        if recipe.batch_size == self.batch_size or "lr" in chosen:
            return recipe
        lr = self.lr * recipe.batch_size / self.batch_size
        report(f"learning rate {lr:g}, scaled to the batch size; change it with --lr")
        return replace(recipe, lr=lr)

    def optimizer(self, network: nn.Module) -> torch.optim.Optimizer:
        """SGD; biases and the scales of batch norms do not decay."""
        trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
        groups = [
            {"params": [p for p in trained if p.dim() > 1], "weight_decay": self.weight_decay},
            {"params": [p for p in trained if p.dim() == 1], "weight_decay": 0.0},
        ]
        return torch.optim.SGD(
            groups, lr=self.lr, momentum=self.momentum, nesterov=True, fused=True
        )


def default() -> ResNetRecipe:
    """About 13 minutes for CIFAR-10 on two cores."""
    return ResNetRecipe(model=resnet.ResNetConfig(), epochs=18)


def fast() -> ResNetRecipe:
    """Less than two minutes for CIFAR-10 on two cores."""
    return ResNetRecipe(model=resnet.ResNetConfig(), epochs=2, max_shift=2)


def best() -> ResNetRecipe:
    """Twice as wide, a block in every stage, more than twice as long; for a GPU, or a night."""
    model = resnet.ResNetConfig(channels=(64, 128, 256, 512), blocks=(0, 1, 1, 1))
    return ResNetRecipe(model=model, epochs=40, average_decay=0.998)


def resnet18() -> ResNetRecipe:
    """The paper's ResNet-18, for weights that are published: --from FILE and --size 224."""
    return _published((2, 2, 2, 2))


def resnet34() -> ResNetRecipe:
    """The paper's ResNet-34; see `resnet18`."""
    return _published((3, 4, 6, 3))


def _published(blocks: tuple[int, int, int, int]) -> ResNetRecipe:
    model = resnet.ResNetConfig(
        channels=(64, 128, 256, 512), blocks=blocks, downsampling="stride", stem="7x7"
    )
    return ResNetRecipe(
        model=model,
        epochs=10,
        batch_size=32,
        lr=0.01,
        weight_decay=5e-4,
    )
