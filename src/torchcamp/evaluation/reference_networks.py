"""The two frozen networks that generated pictures are measured with.

One gives features (distances, coverage), the other labels (agreement, balance of classes), so that
no model is measured by the network that the other measure rests on. They differ in architecture
and seed, were trained on MNIST's 60,000 training images before any generator was measured, and do
not change: another network is another measure, and every card would have to be remade.

    torchcamp train src/torchcamp/recipes/reference_networks.py:features --data mnist --seed 101
    torchcamp train src/torchcamp/recipes/reference_networks.py:labels --data mnist --seed 202

made them; `scripts/ship_weights.py --reference RUN...` writes their files and cards.

Shapes: B = batch, F = features, K = classes
"""

import functools
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn

from torchcamp.base.paths import REFERENCE_NETWORKS
from torchcamp.evaluation.evaluation import VERSION
from torchcamp.models.cnn import CNN, CNNConfig

Network = TypeVar("Network", bound=nn.Module)


@dataclass(frozen=True, kw_only=True)
class FeatureNetConfig:
    channels: tuple[int, int, int] = (16, 32, 64)
    num_features: int = 128
    dropout: float = 0.4
    num_classes: int = 10


class FeatureNet(nn.Module):
    """Pixels (B, 1, 28, 28) in [0, 1] to logits (B, K), by way of F features."""

    def __init__(self, config: FeatureNetConfig) -> None:
        super().__init__()
        self.config = config
        c1, c2, c3 = config.channels
        self.conv1 = nn.Conv2d(1, c1, kernel_size=3, padding=1)
        self.norm1 = nn.BatchNorm2d(c1)
        self.conv2 = nn.Conv2d(c1, c2, kernel_size=3, padding=1)
        self.norm2 = nn.BatchNorm2d(c2)
        self.conv3 = nn.Conv2d(c2, c3, kernel_size=3, padding=1)
        self.norm3 = nn.BatchNorm2d(c3)
        self.to_features = nn.Linear(c3 * 3 * 3, config.num_features)
        self.output = nn.Linear(config.num_features, config.num_classes)

    def features(self, images: Tensor) -> Tensor:
        """The penultimate layer before its ReLU, neither scaled nor clipped: (B, F)."""
        x = F.max_pool2d(F.relu(self.norm1(self.conv1(images))), 2)  # (B, 16, 14, 14)
        x = F.max_pool2d(F.relu(self.norm2(self.conv2(x))), 2)  # (B, 32, 7, 7)
        x = F.max_pool2d(F.relu(self.norm3(self.conv3(x))), 2)  # (B, 64, 3, 3)
        return self.to_features(x.flatten(start_dim=1))

    def forward(self, images: Tensor) -> Tensor:
        x = F.relu(self.features(images))
        x = F.dropout(x, self.config.dropout, self.training)
        return self.output(x)


def reference_card(name: str) -> dict[str, Any]:
    """The card of a reference network, `features` or `labels`: its command, seed and accuracy."""
    return json.loads((REFERENCE_NETWORKS / f"{name}.json").read_text(encoding="utf-8"))


@functools.cache
def feature_extractor(device: torch.device | str = "cpu") -> FeatureNet:
    """The network that gives features, in eval mode."""
    return _loaded(FeatureNet(FeatureNetConfig()), "features", device)


@functools.cache
def reference_classifier(device: torch.device | str = "cpu") -> CNN:
    """The network that gives labels, in eval mode."""
    model = reference_card("labels")["numbers"]["model"]
    config = CNNConfig(**model | {"channels": tuple(model["channels"])})
    return _loaded(CNN(config), "labels", device)


@functools.cache
def reference_hash() -> str:
    """Hash of both networks' weights: other networks would give other measures."""
    digest = hashlib.sha256()
    for name in ("features", "labels"):
        digest.update((REFERENCE_NETWORKS / f"{name}.safetensors").read_bytes())
    return digest.hexdigest()


def measures_key(weights: Path, data_sha256: str) -> str:
    """What measures depend on, as one hash: the weights' file, the data, and how they are measured.

    Args:
        weights: the model's weights.safetensors.
        data_sha256: hash of the data it is evaluated on.
    """
    digest = hashlib.sha256(weights.read_bytes())
    digest.update(f"{data_sha256} {VERSION} {reference_hash()}".encode())
    return digest.hexdigest()


def _loaded(network: Network, name: str, device: torch.device | str) -> Network:
    weights = load_file(REFERENCE_NETWORKS / f"{name}.safetensors")
    network.load_state_dict({key: value.float() for key, value in weights.items()})
    return network.to(device).eval().requires_grad_(False)
