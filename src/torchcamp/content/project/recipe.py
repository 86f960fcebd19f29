"""How mymodel is trained: its data, its numbers, and how it is judged.

    torchcamp train mymodel/recipe.py:default --data folder:PICTURES
    torchcamp train mymodel/recipe.py:default --set lr=0.01 --set model.channels=32

Each function without parameters below is a recipe of its own.
"""

import functools
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import torch
from model import MyModel, MyModelConfig, train_step
from torch import Tensor, nn

from torchcamp.base.seeding import seed_everything
from torchcamp.data.batches import Batches
from torchcamp.data.images import Images
from torchcamp.evaluation.classification import classify
from torchcamp.evaluation.classifier_report import evaluate_classifier, summary
from torchcamp.evaluation.evaluation import Evaluation
from torchcamp.recipes.images import ImageRecipe
from torchcamp.training.loop import Training


@dataclass(frozen=True, kw_only=True)
class MyModelRecipe(ImageRecipe):
    """Every number of a training; `--set` reaches these fields and the model's."""

    model: MyModelConfig = field(default_factory=MyModelConfig)
    lr: float = 3e-3

    precisions: ClassVar[tuple[str, ...]] = ("fp32", "bf16")

    def fitted(self, data: Images) -> "MyModelRecipe":
        """With the number of classes that the data has."""
        return replace(
            self, data=data.name, model=replace(self.model, num_classes=data.num_classes)
        )

    def network(self) -> nn.Module:
        return MyModel(self.model)

    def build(self, device: torch.device, data: Images | None = None) -> Training:
        """What the loop needs. All that changes while training belongs into `state`."""
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
            evaluate=functools.partial(self.score, network, images),
        )

    def score(self, network: nn.Module, images: Images) -> dict[str, float]:
        """The few numbers after each epoch."""
        classified = classify(network, images.test_images, images.test_labels, images.class_names)
        return summary(classified, self.split)

    def evaluate(self, network: nn.Module, data: Any) -> Evaluation:
        """All measures, for the report."""
        return evaluate_classifier(network, data, self.split)


def prepare(images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Pixels uint8 (B, 1, 28, 28) to floats in [0, 1]; augmentation of a batch belongs here."""
    return images.float() / 255, labels


def default() -> MyModelRecipe:
    """Small batches: a few dozen pictures are then still several steps an epoch."""
    return MyModelRecipe(epochs=10, batch_size=16)


def quick() -> MyModelRecipe:
    """To see whether anything works at all."""
    return MyModelRecipe(epochs=1, model=MyModelConfig(channels=4))
