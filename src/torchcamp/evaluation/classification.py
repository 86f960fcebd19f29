"""How good is a classifier? Accuracy with its error, per class, calibration, confusion, mistakes.

Standard error of a share p over N independent images: sqrt( p (1 - p) / N ).

Expected calibration error (Guo et al., "On Calibration of Modern Neural Networks", 2017,
arXiv:1706.04599, equation 3): images are put into 15 bins by the probability of their predicted
class; the mean over bins, weighted by their size, of |accuracy - mean probability|.

Shapes: N = images, K = classes
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from torchcamp.data.augment import to_float
from torchcamp.evaluation.evaluation import Measure, mean, share, with_balanced

NUM_BINS = 15
MAX_TEST_IMAGES = 10_000
CHUNK_VALUES = 4_000_000  # of the images that go through the network together, at most


@dataclass(frozen=True, kw_only=True)
class Classified:
    """A classifier's predictions for labelled images, on the CPU."""

    probs: Tensor  # (N, K)
    labels: Tensor  # (N,)
    class_names: tuple[str, ...]

    @property
    def predictions(self) -> Tensor:
        return self.probs.argmax(dim=1)  # (N,)

    @property
    def accuracy(self) -> float:
        return (self.predictions == self.labels).double().mean().item()

    @property
    def nll(self) -> float:
        """Mean negative log-likelihood of the true class, in nats."""
        true_probs = self.probs.gather(1, self.labels[:, None])
        return -true_probs.clamp_min(1e-38).log().double().mean().item()

    @property
    def confusion(self) -> Tensor:
        """(K, K) counts: row = true class, column = predicted class."""
        num_classes = len(self.class_names)
        flat = self.labels * num_classes + self.predictions
        return flat.bincount(minlength=num_classes**2).view(num_classes, num_classes)

    @property
    def calibration(self) -> list[tuple[int, float, float]]:
        """For each bin of probability: number of images, their accuracy, mean probability."""
        confidence, predictions = self.probs.double().max(dim=1)
        right = (predictions == self.labels).double()
        bins = (confidence * NUM_BINS).long().clamp_max(NUM_BINS - 1)
        rows = []
        for number in range(NUM_BINS):
            inside = bins == number
            count = int(inside.sum())
            mean = (right[inside].mean().item(), confidence[inside].mean().item())
            rows.append((count, *mean) if count else (0, 0.0, 0.0))
        return rows

    @property
    def calibration_error(self) -> float:
        gaps = sum(count * abs(share - prob) for count, share, prob in self.calibration)
        return gaps / len(self.labels)

    def worst_mistakes(self, count: int) -> list[int]:
        """Indices of wrong answers, most confident first."""
        confidence, predictions = self.probs.max(dim=1)
        wrong = (predictions != self.labels).nonzero().flatten()
        order = confidence[wrong].argsort(descending=True, stable=True)
        return wrong[order][:count].tolist()


@torch.no_grad()
def classify(
    network: nn.Module, images: Tensor, labels: Tensor, class_names: tuple[str, ...]
) -> Classified:
    """Run `network` (in eval mode, fp32) on the first 10,000 images.

    Args:
        network: (B, 1, 28, 28) in [0, 1] to logits (B, K).
        images: (N, 1, 28, 28) uint8, on the network's device.
        labels: (N,) int64.
    """
    modes = [(module, module.training) for module in network.modules()]
    network.eval()
    images, labels = images[:MAX_TEST_IMAGES], labels[:MAX_TEST_IMAGES]
    at_once = max(1, min(1000, CHUNK_VALUES // images.shape[1:].numel()))
    logits = torch.cat([network(to_float(chunk)) for chunk in images.split(at_once)])
    for module, training in modes:  # `network.train()` would wake layers that somebody froze
        module.training = training
    return Classified(
        probs=F.softmax(logits.float(), dim=1).cpu(), labels=labels.cpu(), class_names=class_names
    )


def measures(classified: Classified) -> dict[str, Measure]:
    """Each measure with its standard error, floor and ceiling.

    The floor of the accuracy is what always answering the most frequent class gives; of the
    likelihood, what answering the classes' shares gives.
    """
    labels, num_images = classified.labels, len(classified.labels)
    shares = labels.bincount(minlength=len(classified.class_names)).double() / num_images
    entropy = -(shares[shares > 0] * shares[shares > 0].log()).sum().item()
    nlls = -classified.probs.gather(1, labels[:, None]).clamp_min(1e-38).log()
    right = classified.predictions == labels
    result = {
        "accuracy": share(right, floor=shares.max().item(), ceiling=1.0),
        "nll": mean(nlls, "nats per image", floor=entropy, ceiling=0.0),
        "calibration_error": Measure(
            value=classified.calibration_error,
            error=None,
            unit="share",
            num_samples=num_images,
            ceiling=0.0,
        ),
    }
    for label, name in enumerate(classified.class_names):
        if (labels == label).any():
            result[f"accuracy_{name}"] = share(right[labels == label], ceiling=1.0)
    return with_balanced(result, classified.confusion.tolist())
