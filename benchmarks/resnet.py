"""`torchcamp train resnet` against a plain ResNet-18 script that trains for the same seconds.

    python benchmarks/resnet.py [--preset fast] [--bf16] [--data folder:PATH]

The script is the usual one for CIFAR-10: ResNet-18 with a 3x3 stem and no pooling behind it, SGD with
momentum 0.9, rate 0.1 falling to zero along half a cosine, weight decay 5e-4, batches of 128, crops of
4 pixels and mirrored pictures. As few epochs fit into minutes on a CPU, its cosine is spread over the
seconds that ours took, not over epochs. --bf16 gives it the precision that ours has.
"""

import argparse
import math
import tempfile
import time
from contextlib import nullcontext

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import torchcamp
from torchcamp.data.augment import shift, to_float
from torchcamp.data.batches import Batches
from torchcamp.data.images import Images
from torchcamp.models.resnet import ResNet, ResNetConfig


def mirrored_by_chance(images: Tensor) -> Tensor:
    """Each picture (B, C, H, W) with probability 1/2."""
    chosen = torch.rand(len(images), 1, 1, 1) < 0.5
    return torch.where(chosen, images.flip(3), images)


def plain_script(images: Images, seconds: float, *, bf16: bool) -> tuple[float, float]:
    """Test accuracy, and epochs done, after so many seconds of training."""
    torch.manual_seed(0)
    config = ResNetConfig(
        channels=(64, 128, 256, 512),
        blocks=(2, 2, 2, 2),
        downsampling="stride",
        stem="3x3",
        num_classes=images.num_classes,
        image_shape=images.image_shape,
    )
    network: nn.Module = ResNet(config).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = torch.optim.SGD(
        network.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4, nesterov=True
    )
    batches = Batches(
        images.train_images,
        images.train_labels,
        batch_size=128,
        seed=0,
        prepare=lambda x, y: (mirrored_by_chance(shift(to_float(x), 4)), y),
    )
    precision = torch.autocast("cpu", dtype=torch.bfloat16) if bf16 else nullcontext()
    started, steps, epoch = time.perf_counter(), 0, 0
    while (past := time.perf_counter() - started) < seconds:
        for pixels, labels in batches.epoch(epoch):
            past = time.perf_counter() - started
            if past >= seconds:
                break
            for group in optimizer.param_groups:
                group["lr"] = 0.05 * (1 + math.cos(math.pi * past / seconds))
            with precision:
                loss = F.cross_entropy(network(pixels), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            steps += 1
        epoch += 1
    network.eval()
    with torch.no_grad(), precision:
        right = [
            (network(to_float(pixels)).argmax(dim=1) == labels).float().sum()
            for pixels, labels in zip(
                images.test_images.split(500), images.test_labels.split(500), strict=True
            )
        ]
    return float(sum(right)) / len(images.test_labels), steps / batches.steps_per_epoch


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--preset", default="fast")
    parser.add_argument("--data", default="folder:../shared/data/cifar10.tar.xz")
    parser.add_argument("--bf16", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        outcome = torchcamp.train(
            "resnet", preset=arguments.preset, data=arguments.data, seed=0, out=folder
        )
    seconds = outcome.train_seconds
    print(
        f"torchcamp {arguments.preset}: {outcome.measures['test_accuracy']:.2%} in {seconds:.0f} s"
    )
    images = torchcamp.load_data(arguments.data)
    assert isinstance(images, Images)
    accuracy, epochs = plain_script(images, seconds, bf16=arguments.bf16)
    print(f"ResNet-18 script: {accuracy:.2%} after {epochs:.2f} epochs in the same seconds")


if __name__ == "__main__":
    main()
