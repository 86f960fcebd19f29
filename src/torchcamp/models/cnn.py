"""Convolutional network: classify a picture by small filters slid over it.

A filter of size k slides with stride s over an input of size i, padded by p on each side; the
output has size

    o  =  floor( (i - k + 2p) / s ) + 1

The lecture's five layers in its order: convolution, batch normalisation, ReLU, fully connected,
softmax. The network ends with logits; the softmax that turns them into probabilities is part of
the loss while training and of `predict` afterwards.

References: LeCun et al., "Gradient-Based Learning Applied to Document Recognition", 1998, section
II, for the network; Dumoulin & Visin, "A guide to convolution arithmetic", 2016
(arXiv:1603.07285), relationship 6, for the formula; Ioffe & Szegedy, "Batch Normalization", 2015
(arXiv:1502.03167), section 3.2, for the order convolution, batch norm, nonlinearity.

Shapes: B = batch, IC, IH, IW = channels, height and width of an image, C1, C2, C3 = channels,
H1, H2, H3 = heights and W1, W2, W3 = widths of the maps after each stage, K = classes
"""

from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer


@dataclass(frozen=True, kw_only=True)
class CNNConfig:
    image_shape: tuple[int, int, int] = (1, 28, 28)  # channels, height, width
    channels: tuple[int, int, int] = (24, 48, 64)
    convs_per_stage: int = 1  # 3x3 convolutions before each pooling
    num_classes: int = 10

    def __post_init__(self) -> None:
        if len(self.channels) != 3 or min(self.channels) < 1:
            raise ValueError("channels needs three positive numbers")
        if not 1 <= self.convs_per_stage <= 1000:
            raise ValueError("convs_per_stage must lie between 1 and 1000")
        channels, height, width = self.image_shape
        if channels < 1 or last_size(min(height, width)) < 1:
            raise ValueError(
                f"image_shape {channels}x{height}x{width}: the CNN halves height and width three "
                "times, so both must be at least 7"
            )


# --- The network -----------------------------------------------------------------------


class CNN(nn.Module):
    """Pixels (B, IC, IH, IW) in [0, 1] to logits (B, K)."""

    def __init__(self, config: CNNConfig) -> None:
        super().__init__()
        self.config = config
        channels, height, width = config.image_shape
        c1, c2, c3 = config.channels
        self.conv1 = conv_block(channels, c1, kernel_size=5, stride=2)
        self.conv2 = stage(c1, c2, config.convs_per_stage)
        self.conv3 = stage(c2, c3, config.convs_per_stage)
        num_features = c3 * last_size(height) * last_size(width)
        self.output = nn.Linear(num_features, config.num_classes)

    def forward(self, images: Tensor) -> Tensor:
        x = self.conv1(images)  # (B, C1, H1, W1)
        x = F.max_pool2d(self.conv2(x), 2)  # (B, C2, H2, W2)
        x = F.max_pool2d(self.conv3(x), 2)  # (B, C3, H3, W3)
        x = x.flatten(start_dim=1)  # (B, C3 * H3 * W3)
        logits = self.output(x)  # (B, K)
        return logits


def last_size(size: int) -> int:
    """Height or width of the last maps. Of 28 pixels: 14, 7, and at last 3."""
    return (size + 1) // 2 // 2 // 2  # conv1 rounds up, both poolings round down


def conv_block(in_channels: int, out_channels: int, kernel_size: int, stride: int = 1) -> nn.Module:
    """Convolution, batch norm, ReLU. At stride 1 the padding keeps the picture's size."""
    return nn.Sequential(
        nn.Conv2d(
            in_channels,
            out_channels,
            kernel_size,
            stride=stride,
            padding=kernel_size // 2,
            bias=False,  # the batch norm behind it has one
        ),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(),
    )


def stage(in_channels: int, out_channels: int, num_convs: int) -> nn.Module:
    """`num_convs` blocks of 3x3 at one size; the first changes the number of channels."""
    widths = [in_channels] + [out_channels] * num_convs
    return nn.Sequential(*(conv_block(i, o, 3) for i, o in pairwise(widths)))


# --- Its loss --------------------------------------------------------------------------


def cnn_loss(
    cnn: CNN, images: Tensor, labels: Tensor, *, label_smoothing: float = 0.0
) -> dict[str, Tensor]:
    """Cross-entropy in nats per image (mean over the batch), and the share classified right."""
    logits = cnn(images)  # (B, K)
    loss = F.cross_entropy(logits, labels, label_smoothing=label_smoothing)  # ()
    accuracy = (logits.argmax(dim=1) == labels).float().mean()  # ()
    return {"loss": loss, "accuracy": accuracy}


# --- Its training step -----------------------------------------------------------------


def train_step(
    cnn: CNN, optimizer: Optimizer, batch: tuple[Tensor, Tensor], *, label_smoothing: float = 0.0
) -> dict[str, Tensor]:
    """Forward, loss, backward, step. The batch is images (B, IC, IH, IW) and labels (B,)."""
    images, labels = batch
    losses = cnn_loss(cnn, images, labels, label_smoothing=label_smoothing)
    optimizer.zero_grad()
    losses["loss"].backward()
    optimizer.step()
    return {name: value.detach() for name, value in losses.items()}


# --- Using it --------------------------------------------------------------------------


@torch.no_grad()
def predict(cnn: nn.Module, images: Tensor) -> Tensor:
    """The probability of each class: the softmax at the end of the story. (B, K)"""
    logits = cnn(images)  # (B, K)
    probs = logits.softmax(dim=1)  # (B, K)
    return probs
