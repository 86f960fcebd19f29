"""Residual network: layers that learn what to add to their input, so that depth does not hurt.

A plain stack of many layers must learn even the identity, to pass its input on. A residual block computes

    y  =  relu( F(x) + x ),     F  =  batch_norm( conv( relu( batch_norm( conv(x) ) ) ) )

and passes x on when F is zero. Four stages of such blocks follow one convolution, the stem; the mean
over all positions and one linear layer end the network, so that the same layers take pictures of many
sizes.

Every stage but the first halves the picture, in the way that `downsampling` names.

"stride", as in the paper: the first block of a stage computes every second position only, and x goes
through a 1x1 convolution of the same stride on its way to the sum. With the stem "7x7", channels
(64, 128, 256, 512) and blocks (2, 2, 2, 2) are ResNet-18 and (3, 4, 6, 3) ResNet-34; parameters have the
names that torchvision and timm give them.

"pool", for small pictures and short trainings: a stage begins with a convolution at every position, of
which max pooling keeps the largest of each 2x2. The way around a block is inside its filters: a
convolution W that begins as the identity is I + F, and W x = x + F(x). Three more things save passes
through the data: the stem is not trained but whitens, so that the first layer's outputs are uncorrelated;
the largest value over all positions ends the network in place of the mean; and in eval mode the scores
are those of a picture and of its mirror image, averaged (`mirror`). A picture of 32x32 has 31, 15, 7 and
3 pixels a side in the four stages.

References: He et al., "Deep Residual Learning for Image Recognition", 2016 (arXiv:1512.03385),
equations 1 and 2, table 1, section 3.3 for the 1x1 convolution (option B). Zagoruyko & Komodakis,
"DiracNets", 2017 (arXiv:1706.00388), for the identity inside the filters. Jordan, "94% on CIFAR-10 in
3.29 Seconds on a Single GPU", 2024 (arXiv:2404.00498), for all else of "pool".

Shapes: B = batch, C, H, W = channels, height and width of the pictures, C1, ..., C4 = channels of the
stages, H1, W1, ..., H4, W4 = height and width in the stages, K = classes
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer

# Kernel, stride and padding of the first convolution.
STEMS = {"2x2": (2, 1, 0), "3x3": (3, 1, 1), "4x4": (4, 2, 1), "7x7": (7, 2, 3)}
# Mean and standard deviation of ImageNet's pictures in each channel, with which most published
# weights were trained; in grey, their means.
MEAN = {1: (0.449,), 3: (0.485, 0.456, 0.406)}
STD = {1: (0.226,), 3: (0.229, 0.224, 0.225)}


@dataclass(frozen=True, kw_only=True)
class ResNetConfig:
    channels: tuple[int, int, int, int] = (24, 64, 192, 256)  # of each stage
    blocks: tuple[int, int, int, int] = (0, 1, 1, 1)  # in each stage
    downsampling: str = "pool"  # or "stride": how every stage but the first halves the picture
    stem: str = "auto"  # "2x2" and "3x3" keep the size, "4x4" halves it, "7x7" quarters it
    mirror: bool = True  # with "pool", in eval mode: average over the picture and its mirror image
    num_classes: int = 10
    image_shape: tuple[int, int, int] = (3, 32, 32)  # channels, height, width

    def __post_init__(self) -> None:
        if min(self.channels) < 1 or min(self.blocks) < 0:
            raise ValueError("channels must be positive numbers, blocks not negative")
        if max(self.blocks) > 1000:
            raise ValueError("a stage may have 1000 blocks at most")
        if self.downsampling not in ("pool", "stride"):
            raise ValueError(f"downsampling must be pool or stride, not {self.downsampling!r}")
        if self.downsampling == "stride" and min(self.blocks) < 1:
            raise ValueError("with downsampling=stride every stage must have a block")
        if self.stem not in ("auto", *STEMS):
            raise ValueError(f"stem must be auto or one of {', '.join(STEMS)}, not {self.stem!r}")
        if self.image_shape[0] not in MEAN or min(self.image_shape) < 1:
            raise ValueError(
                f"image_shape needs 1 or 3 channels, a height and a width, not {self.image_shape}"
            )
        if self.downsampling == "pool" and side_after_stem(self) < 8:
            height, width = self.image_shape[1:]
            raise ValueError(
                f"pictures of {height}x{width} are too small to be halved three times behind this stem: "
                "--size 32 enlarges them, or set downsampling=stride"
            )


# --- The network -----------------------------------------------------------------------


class ResNet(nn.Module):
    """Pixels (B, C, H, W) in [0, 1] to logits (B, K)."""

    mean: Tensor
    std: Tensor

    def __init__(self, config: ResNetConfig) -> None:
        super().__init__()
        self.config = config
        in_channels = config.image_shape[0]
        c1, c2, c3, c4 = config.channels
        n1, n2, n3, n4 = config.blocks
        # Constants, not weights: they stay out of the state dict.
        self.register_buffer("mean", torch.tensor(MEAN[in_channels])[:, None, None], False)
        self.register_buffer("std", torch.tensor(STD[in_channels])[:, None, None], False)
        self.stem = stem_for(config)
        self.conv1 = nn.Conv2d(in_channels, c1, *STEMS[self.stem], bias=False)
        self.bn1: nn.Module = nn.BatchNorm2d(c1)
        self.pools = config.downsampling == "pool"
        self.activation = F.gelu if self.pools else F.relu
        self.whitens = self.pools and self.stem == "2x2"
        if self.whitens:
            self.conv1.requires_grad_(False)
            self.bn1 = nn.Identity()  # what it would do, the filters do
        if self.pools:
            self.layer1 = pooled_stage(c1, c1, n1, halves=False)
            self.layer2 = pooled_stage(c1, c2, n2)
            self.layer3 = pooled_stage(c2, c3, n3)
            self.layer4 = pooled_stage(c3, c4, n4)
        else:
            self.layer1 = stage(c1, c1, n1, stride=1)
            self.layer2 = stage(c1, c2, n2, stride=2)
            self.layer3 = stage(c2, c3, n3, stride=2)
            self.layer4 = stage(c3, c4, n4, stride=2)
        self.fc = nn.Linear(c4, config.num_classes)

    def forward(self, images: Tensor) -> Tensor:
        logits = self.logits(images)  # (B, K)
        if self.config.mirror and self.pools and not self.training:
            logits = (logits + self.logits(images.flip(3))) / 2
        return logits

    def logits(self, images: Tensor) -> Tensor:
        """Of the pictures as they are: (B, K)."""
        x = (images - self.mean) / self.std  # (B, C, H, W)
        x = self.activation(self.bn1(self.conv1(x)))
        if self.stem == "7x7":
            x = F.max_pool2d(x, kernel_size=3, stride=2, padding=1)
        x = self.layer1(x)  # (B, C1, H1, W1)
        x = self.layer2(x)  # (B, C2, H2, W2)
        x = self.layer3(x)  # (B, C3, H3, W3)
        x = self.layer4(x)  # (B, C4, H4, W4)
        x = x.amax(dim=(2, 3)) if self.pools else x.mean(dim=(2, 3))  # (B, C4)
        logits = self.fc(x)  # (B, K)
        return logits / 9 if self.pools else logits  # scores that start small learn faster

    @torch.no_grad()
    def whiten(self, images: Tensor) -> None:
        """Choose the filters of a stem that whitens by the patches of some pictures (N, C, H, W) in [0, 1].

        Filters are the eigenvectors of the patches' covariance, each divided by the standard deviation
        along it, the strongest first, with both signs. Where there are more filters than these, the
        others are random mixtures.
        """
        if not self.whitens:
            return
        pixels = (images - self.mean) / self.std
        patches = F.unfold(pixels, kernel_size=2).mT.flatten(0, 1)
        variances, vectors = torch.linalg.eigh(patches.mT @ patches / len(patches))
        whitening = (vectors / (variances + 5e-4).sqrt()).mT.flip(0)
        num_filters = len(self.conv1.weight)
        num_pairs = min(num_filters // 2, len(whitening))
        pairs = [whitening[:num_pairs], -whitening[:num_pairs]]
        mixtures = torch.randn(num_filters - 2 * num_pairs, len(whitening)).to(whitening)
        filters = torch.cat([*pairs, F.normalize(mixtures, dim=1) @ whitening])
        self.conv1.weight.copy_(filters.view_as(self.conv1.weight))


def stem_for(config: ResNetConfig) -> str:
    """The stem that was chosen, or one that leaves 24 to 47 pixels a side of pictures up to 191."""
    if config.stem != "auto":
        return config.stem
    side = min(config.image_shape[1:])
    return "2x2" if side < 48 else "4x4" if side < 96 else "7x7"


def side_after_stem(config: ResNetConfig) -> int:
    """The smaller of H1 and W1."""
    stem = stem_for(config)
    kernel, stride, padding = STEMS[stem]
    side = (min(config.image_shape[1:]) + 2 * padding - kernel) // stride + 1
    return (side + 1) // 2 if stem == "7x7" else side  # max pooling follows it


class Block(nn.Module):
    """Two 3x3 convolutions and the way around them."""

    def __init__(self, in_channels: int, out_channels: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.downsample: nn.Module = nn.Identity()
        if stride != 1 or in_channels != out_channels:
            self.downsample = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, kernel_size=1, bias=False),
                nn.BatchNorm2d(out_channels),
            )

    def forward(self, x: Tensor) -> Tensor:
        residual = F.relu(self.bn1(self.conv1(x)), inplace=True)
        residual = self.bn2(self.conv2(residual))
        # Every second pixel, then 1x1: what a 1x1 convolution of stride 2 computes. Written so because
        # torch 2.13's own backward pass of that one writes outside its memory on some CPUs.
        x = x[:, :, :: self.stride, :: self.stride]
        residual += self.downsample(x)
        return F.relu(residual, inplace=True)


def stage(in_channels: int, out_channels: int, num_blocks: int, stride: int) -> nn.Sequential:
    """`num_blocks` blocks, of which the first has the stride."""
    return nn.Sequential(
        *(
            Block(out_channels if number else in_channels, out_channels, 1 if number else stride)
            for number in range(num_blocks)
        )
    )


class ConvBlock(nn.Module):
    """A convolution that begins as the identity, max pooling where it `halves`, batch norm, GELU."""

    def __init__(self, in_channels: int, out_channels: int, *, halves: bool) -> None:
        super().__init__()
        self.halves = halves
        self.conv = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
        nn.init.dirac_(self.conv.weight[:in_channels])  # further channels begin at random
        self.bn = nn.BatchNorm2d(out_channels)
        self.bn.weight.requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        if self.halves:
            x = F.max_pool2d(x, 2)
        return F.gelu(self.bn(x))


def pooled_stage(
    in_channels: int, out_channels: int, num_blocks: int, *, halves: bool = True
) -> nn.Sequential:
    """A block that halves the picture, or none, and `num_blocks` that keep its size."""
    first = [ConvBlock(in_channels, out_channels, halves=True)] if halves else []
    return nn.Sequential(
        *first, *(ConvBlock(out_channels, out_channels, halves=False) for _ in range(num_blocks))
    )


# --- Its loss --------------------------------------------------------------------------


def resnet_loss(
    resnet: ResNet, images: Tensor, labels: Tensor, *, label_smoothing: float = 0.0
) -> dict[str, Tensor]:
    """Cross-entropy in nats per image (mean over the batch), and the share classified right."""
    logits = resnet(images)  # (B, K)
    loss = F.cross_entropy(logits, labels, label_smoothing=label_smoothing)  # ()
    accuracy = (logits.argmax(dim=1) == labels).float().mean()  # ()
    return {"loss": loss, "accuracy": accuracy}


# --- Its training step -----------------------------------------------------------------


def train_step(
    resnet: ResNet,
    optimizer: Optimizer,
    batch: tuple[Tensor, Tensor],
    *,
    label_smoothing: float = 0.0,
) -> dict[str, Tensor]:
    """Forward, loss, backward, step. The batch is images (B, C, H, W) and labels (B,)."""
    images, labels = batch
    losses = resnet_loss(resnet, images, labels, label_smoothing=label_smoothing)
    optimizer.zero_grad()
    losses["loss"].backward()
    optimizer.step()
    return {name: value.detach() for name, value in losses.items()}
