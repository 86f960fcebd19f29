import functools
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from torchcamp import (
    Batches,
    ImageRecipe,
    Images,
    Training,
    evaluate_classifier,
    score_classifier,
    seed_everything,
)

PROJECT = Path(__file__).parent.parent / "mymodel"


def hand_in() -> Any:
    """The recipe of your model, on your pictures."""
    return _Recipe(data="folder:pictures", epochs=5, batch_size=32)


@dataclass(frozen=True, kw_only=True)
class _Recipe(ImageRecipe):
    num_classes: int = 2
    lr: float = 3e-3
    precisions = ("fp32",)

    def for_data(self, data: Images) -> "_Recipe":
        return replace(self, data=data.name, num_classes=data.num_classes)

    def network(self) -> nn.Module:
        return nn.Sequential(
            nn.Conv2d(1, 8, kernel_size=5, stride=2),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.Flatten(),
            nn.Dropout(0.2),
            nn.Linear(8 * 12 * 12, self.num_classes),
        )

    def build(self, device: torch.device, data: Images | None = None) -> Training:
        images = (data or self.load()).to(device)
        seed_everything(self.seed)
        network = self.network().to(device)
        optimizer = torch.optim.AdamW(network.parameters(), lr=self.lr)
        pictures, labels = images.train_images, images.train_labels
        batches = Batches(
            pictures,
            labels,
            batch_size=self.batch_size_for(images),
            seed=self.seed,
            prepare=_prepare,
        )
        return Training(
            step=functools.partial(_train_step, network, optimizer),
            batches=batches,
            state={"network": network, "optimizer": optimizer},
            network=network,
            evaluate=functools.partial(self.score, network, images),
        )

    def score(self, network: nn.Module, images: Images) -> dict[str, float]:
        return score_classifier(network, images, self.split)

    def evaluate(self, network: nn.Module, data: Images) -> Any:
        return evaluate_classifier(network, data, self.split)


def _prepare(images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    return images.float() / 255, labels


def _train_step(
    network: nn.Module, optimizer: torch.optim.Optimizer, batch: tuple[Tensor, Tensor]
) -> dict[str, Tensor]:
    images, labels = batch
    loss = F.cross_entropy(network(images), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return {"loss": loss.detach()}
