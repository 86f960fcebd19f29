"""The numbers that the lessons' explanations give, measured again.

python benchmarks/lessons.py
"""

import statistics
import time
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from torchcamp.data.images import load_images


def seconds(work: Callable[[], object], times: int = 9) -> float:
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def turning() -> None:
    """Lesson 1: permute against copying, nine million numbers."""
    x = torch.randn(3000, 3000)
    turned = seconds(lambda: x.permute(1, 0))
    copied = seconds(lambda: x.permute(1, 0).contiguous())
    print(f"permute {1e6 * turned:.1f} microseconds, contiguous {1e3 * copied:.0f} ms")


def vanishing() -> None:
    """Lesson 2: the first layer's gradient against the last one's, ten layers of 64 units."""
    print(f"sigmoid's steepest slope to the tenth: {0.25**10:.2e}")
    for activation in (nn.Sigmoid, nn.Tanh, nn.ReLU):
        torch.manual_seed(0)
        layers = [nn.Linear(64, 64) for _ in range(10)]
        first, last = layers[0], nn.Linear(64, 10)
        hidden = [nn.Sequential(layer, activation()) for layer in layers]
        network = nn.Sequential(*hidden, last)
        F.cross_entropy(network(torch.randn(128, 64)), torch.randint(10, (128,))).backward()
        norms = [p.grad.norm().item() for p in (first.weight, last.weight) if p.grad is not None]
        print(f"{activation.__name__:<8} first / last gradient {norms[0] / norms[1]:.2g}")


def one_epoch(kind: str, seed: int) -> float:
    """Share of the test images right after one epoch of SGD at rate 0.1 in batches of 128."""
    images = load_images("mnist")

    def pixels(part: Tensor) -> Tensor:
        return part.float().flatten(1) / 255

    x, y = pixels(images.train_images), images.train_labels
    torch.manual_seed(seed)
    network = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    order = y.argsort(stable=True) if kind == "sorted" else torch.randperm(len(y))
    for batch in order.split(128):
        loss = F.cross_entropy(network(x[batch]), y[batch])
        if kind != "no zero_grad":
            optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        predicted = network(pixels(images.test_images)).argmax(dim=1)
    return (predicted == images.test_labels).float().mean().item()


def main() -> None:
    torch.set_num_threads(1)
    turning()
    vanishing()
    for kind in ("as it should be", "no zero_grad", "sorted"):
        shares = [one_epoch(kind, seed) for seed in range(3)]
        print(f"one epoch, {kind}: {', '.join(f'{100 * s:.1f} %' for s in shares)}")


if __name__ == "__main__":
    main()
