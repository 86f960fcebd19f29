"""How mymodel is trained: its data, its hyperparameters, and how it is evaluated.

    torchcamp train mymodel/recipe.py:default --data folder:PICTURES
    torchcamp train mymodel/recipe.py:default --set lr=0.01 --set model.channels=32

Each function without parameters below is a recipe of its own.
"""

import functools
from dataclasses import dataclass, field, replace
from typing import ClassVar

import torch
from model import MyModel, MyModelConfig, train_step
from torch import Tensor, nn

from torchcamp import (
    Batches,
    Evaluation,
    ImageRecipe,
    Images,
    Training,
    evaluate_classifier,
    score_classifier,
    seed_everything,
    to_float,
)


@dataclass(frozen=True, kw_only=True)
class MyModelRecipe(ImageRecipe):
    """Hyperparameters; `--set` reaches these fields and those of the model's config."""

    model: MyModelConfig = field(default_factory=MyModelConfig)
    lr: float = 3e-3

    precisions: ClassVar[tuple[str, ...]] = ("fp32", "bf16")

    def for_data(self, data: Images) -> "MyModelRecipe":
        """With the classes, the size and the colour of the data."""
        model = replace(self.model, num_classes=data.num_classes, image_shape=data.image_shape)
        return replace(super().for_data(data), model=model)

    def network(self) -> nn.Module:
        return MyModel(self.model)

    def build(self, device: torch.device, data: Images | None = None) -> Training:
        """What the loop needs. Everything that changes during training belongs in `state`."""
        images = (data or self.load()).to(device)
        seed_everything(self.seed)
        network = MyModel(self.model).to(device)
        optimizer = torch.optim.AdamW(network.parameters(), lr=self.lr)
        batches = Batches(
            images.train_images,
            images.train_labels,
            batch_size=self.batch_size_for(images),
            seed=self.seed,
            prepare=prepare,
        )
        return Training(
            step=functools.partial(train_step, network, optimizer),
            batches=batches,
            state={"network": network, "optimizer": optimizer},
            network=network,
            evaluate=functools.partial(score_classifier, network, images, self.split),
        )

    def evaluate(self, network: nn.Module, data: Images) -> Evaluation:
        """All measures, for the report."""
        return evaluate_classifier(network, data, self.split)


def prepare(images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """`uint8` pixels (B, C, H, W) to floats in [0, 1]; augmentation of a batch belongs here."""
    return to_float(images), labels


def default() -> MyModelRecipe:
    """Small batches: a few dozen pictures are then still several steps an epoch."""
    return MyModelRecipe(epochs=10, batch_size=16)


def quick() -> MyModelRecipe:
    """To see whether anything works at all."""
    return MyModelRecipe(epochs=1, model=MyModelConfig(channels=4))
