"""MyModel: a small convolutional network for pictures of a few classes.

Change it: this file is plain PyTorch, and everything in it is yours to decide. Look at it line by line,
with the shapes that it makes:

    torchcamp read mymodel/model.py:MyModel --args "config=MyModelConfig()" --input 2x1x28x28

Shapes: B = batch, P = planes of a picture (1 grey, 3 colour), H, W = its height and width, C = channels,
K = classes
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer


@dataclass(frozen=True, kw_only=True)
class MyModelConfig:
    num_classes: int = 10
    image_shape: tuple[int, int, int] = (1, 28, 28)  # planes, height, width; the data set it
    channels: int = 16
    dropout: float = 0.2


# --- The network -----------------------------------------------------------------------


class MyModel(nn.Module):
    """Pictures (B, P, H, W) in [0, 1] to logits (B, K)."""

    def __init__(self, config: MyModelConfig) -> None:
        super().__init__()
        self.config = config
        c = config.channels
        planes, height, width = config.image_shape
        self.conv1 = nn.Conv2d(planes, c, kernel_size=3, padding=1)
        self.conv2 = nn.Conv2d(c, 2 * c, kernel_size=3, padding=1)
        self.dropout = nn.Dropout(config.dropout)
        self.output = nn.Linear(2 * c * (height // 4) * (width // 4), config.num_classes)

    def forward(self, images: Tensor) -> Tensor:
        x = F.relu(self.conv1(images))  # (B, C, H, W)
        x = F.max_pool2d(x, 2)  # (B, C, H // 2, W // 2)
        x = F.relu(self.conv2(x))  # (B, 2 * C, H // 2, W // 2)
        x = F.max_pool2d(x, 2)  # (B, 2 * C, H // 4, W // 4)
        x = self.dropout(x.flatten(start_dim=1))
        return self.output(x)  # (B, K)


# --- Its training step -----------------------------------------------------------------


def train_step(
    network: MyModel, optimizer: Optimizer, batch: tuple[Tensor, Tensor]
) -> dict[str, Tensor]:
    """Forward, loss, backward, step on pictures (B, P, H, W) and their labels (B,)."""
    images, labels = batch
    logits = network(images)
    loss = F.cross_entropy(logits, labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        accuracy = (logits.argmax(dim=1) == labels).float().mean()
    return {"loss": loss.detach(), "accuracy": accuracy}
