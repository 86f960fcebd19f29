"""The residual network on photographs: `fast`, `default`, `best`, and the published sizes."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import ClassVar, Self, cast

import torch
from torch import Tensor, nn

from torchcamp.data.augment import to_float
from torchcamp.data.images import Images
from torchcamp.models import resnet
from torchcamp.recipes.classifier import ClassifierRecipe
from torchcamp.training.devices import channels_last
from torchcamp.training.muon import Muon

NUM_WHITENED = 5_000  # pictures whose patches choose the stem's filters


@dataclass(frozen=True, kw_only=True)
class ResNetRecipe(ClassifierRecipe):
    """Hyperparameters for training the ResNet: Muon, or SGD with Nesterov's momentum; crops and mirrors.

    Muon moves filters; biases and the last layer move by SGD at rates of their own, in proportion to `lr`.
    """

    model: resnet.ResNetConfig
    data: str = "cifar10"
    batch_size: int = 1000
    lr: float = 0.24
    muon: bool = True
    momentum: float = 0.6
    bias_lr: float = 0.22  # of biases and the shifts of norms, by `lr`; with Muon
    head_lr: float = 2.8  # of the last layer, by `lr`; with Muon
    head_momentum: float = 0.85  # of both; with Muon
    weight_decay: float = 2e-3  # share taken at each step: with Muon of biases and the last layer
    warmup: float = 0.0
    label_smoothing: float = 0.2
    max_shift: int = 2
    flip: bool = True

    train_step = staticmethod(resnet.train_step)
    mirror_border: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (0 < self.momentum < 1 and 0 < self.head_momentum < 1):
            raise ValueError("momentum and head_momentum must lie between 0 and 1")
        if min(self.bias_lr, self.head_lr) <= 0:
            raise ValueError("bias_lr and head_lr must be positive")

    def network(self) -> nn.Module:
        model = replace(self.model, mirror=self.model.mirror and self.flip)
        return channels_last(resnet.ResNet(model))

    def initialise(self, network: nn.Module, images: Tensor) -> None:
        """Whiten the stem by some of the training pictures."""
        cast(resnet.ResNet, network).whiten(to_float(images[:NUM_WHITENED]))

    def adapted(self, data: Images, chosen: Collection[str], report: Callable[[str], None]) -> Self:
        """Where few pictures get smaller batches, the rate falls too.

        In proportion to the batch, the linear rule of Goyal et al., "Accurate, Large Minibatch SGD", 2017
        (arXiv:1706.02677); with Muon, whose steps have one length, to its square root.
        """
        recipe = super().adapted(data, chosen, report)
        if recipe.batch_size == self.batch_size or "lr" in chosen:
            return recipe
        share = recipe.batch_size / self.batch_size
        lr = self.lr * (share**0.5 if self.muon else share)
        report(f"learning rate {lr:.3g}, scaled to the batch size; change it with --lr")
        return replace(recipe, lr=lr)

    def optimizer(self, network: nn.Module) -> torch.optim.Optimizer:
        """Muon or SGD; with SGD, biases and the scales of batch norms do not decay."""
        trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
        filters = [p for p in trained if p.dim() == 4]
        matrices = [p for p in trained if p.dim() == 2]
        vectors = [p for p in trained if p.dim() == 1]
        if not self.muon:
            groups = [
                {"params": filters + matrices, "weight_decay": self.weight_decay},
                {"params": vectors, "weight_decay": 0.0},
            ]
            return torch.optim.SGD(
                groups, lr=self.lr, momentum=self.momentum, nesterov=True, fused=True
            )
        groups = [{"params": filters, "unit_rows": True}]
        for params, ratio in ((vectors, self.bias_lr), (matrices, self.head_lr)):
            lr = self.lr * ratio
            groups.append(
                {
                    "params": params,
                    "orthogonal": False,
                    "lr": lr,
                    "momentum": self.head_momentum,
                    "weight_decay": self.weight_decay / lr,
                }
            )
        return Muon(groups, lr=self.lr, momentum=self.momentum, steps=3)


def default() -> ResNetRecipe:
    """Seven to 15 minutes for CIFAR-10 on two cores, depending on them, to 90 %."""
    return ResNetRecipe(model=resnet.ResNetConfig(), epochs=11)


def fast() -> ResNetRecipe:
    """84 s for CIFAR-10 on two cores, to 83 %."""
    return ResNetRecipe(model=resnet.ResNetConfig(channels=(24, 48, 96, 192)), epochs=2)


def best() -> ResNetRecipe:
    """Wider and deeper, more than four times as long; for a GPU, or a night."""
    model = resnet.ResNetConfig(channels=(24, 128, 384, 512), blocks=(0, 2, 2, 2))
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
        muon=False,
        momentum=0.9,
        weight_decay=5e-4,
        warmup=0.2,
        label_smoothing=0.1,
        max_shift=4,
    )
