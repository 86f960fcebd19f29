"""How good are generated pictures? Distance and coverage in the features of a frozen network.

Fréchet distance (Heusel et al., 2017, arXiv:1706.08500, equation 6; Dowson & Landau, 1982): the
squared distance between two Gaussians with the means m and covariances C of the two sets,

    |m1 - m2|^2  +  tr( C1 + C2 - 2 (C1 C2)^(1/2) ).

It depends on that network and on the number of samples, so it only means something next to its floor:
the distance of as many real training images from the same test images.

Precision and recall (Kynkäänniemi et al., 2019, arXiv:1904.06991), density and coverage (Naeem et
al., 2020, arXiv:2002.09797, equations 7 and 8). With the ball of a point reaching to its k-th
nearest neighbour in its own set:

    precision   share of samples inside the ball of at least one real image
    recall      share of real images inside the ball of at least one sample
    density     real balls that a sample lies in, over k; mean over samples (may exceed 1)
    coverage    share of real images whose ball holds at least one sample

Shapes: N = real images, M = samples, F = features, K = classes
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SEEN = (1, 28, 28)  # the reference networks look at grey images of this size
LUMA = (0.299, 0.587, 0.114)  # of red, green and blue in grey: ITU-R BT.601
NUM_NEIGHBOURS = 5
NUM_FOLDS = 10  # of the jackknife that gives the distance its standard error
CHUNK = 1000  # images, or rows of a distance matrix, at a time
CHUNK_VALUES = 10_000 * 784  # pixels at a time, where images are large


@torch.no_grad()
def features_of(network: nn.Module, images: Tensor) -> Tensor:
    """The network's features of images (N, C, H, W), `uint8` or in [0, 1]: (N, F), on the CPU."""
    device = next(network.parameters()).device
    chunks = images.split(_at_once(images, CHUNK))
    return torch.cat([network.features(as_seen(c.to(device))).cpu() for c in chunks])  # type: ignore[operator]


@torch.no_grad()
def labels_of(network: nn.Module, images: Tensor) -> Tensor:
    """The class that `network` gives each image: (N,) int64, on the CPU."""
    device = next(network.parameters()).device
    chunks = images.split(_at_once(images, CHUNK))
    return torch.cat([network(as_seen(c.to(device))).argmax(dim=1).cpu() for c in chunks])


def as_seen(images: Tensor) -> Tensor:
    """Images (N, C, H, W), `uint8` or in [0, 1], as a reference network takes them: (N, 1, 28, 28).

    Colours become grey, other sizes are resized, with their aspect ratio lost.
    """
    pixels = _pixels(images)
    if pixels.shape[1] == 3:
        pixels = (pixels * pixels.new_tensor(LUMA)[:, None, None]).sum(dim=1, keepdim=True)
    if pixels.shape[1:] == SEEN:
        return pixels
    return F.interpolate(pixels, size=SEEN[1:], mode="bilinear", antialias=True)


def _pixels(images: Tensor) -> Tensor:
    return images if images.is_floating_point() else images.float() / 255


def _at_once(images: Tensor, most: int) -> int:
    """How many of these images to take at a time: `most`, or fewer where they are large."""
    return max(1, min(most, CHUNK_VALUES // images[0].numel()))


# --- Fréchet distance ------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Moments:
    """Mean (F,) and covariance (F, F) of a set of features."""

    mean: Tensor
    covariance: Tensor

    @classmethod
    def of(cls, features: Tensor) -> "Moments":
        features = features.double()
        return cls(mean=features.mean(dim=0), covariance=features.T.cov())


def frechet_distance(a: Moments, b: Moments) -> float:
    """Between two Gaussians; 0 where they are equal."""
    # tr (A B)^(1/2) is the sum of the roots of the eigenvalues of A^(1/2) B A^(1/2).
    values, vectors = torch.linalg.eigh(a.covariance)
    root = vectors * values.clamp_min(0).sqrt() @ vectors.T
    roots = torch.linalg.eigvalsh(root @ b.covariance @ root).clamp_min(0).sqrt().sum()
    traces = a.covariance.trace() + b.covariance.trace()
    return ((a.mean - b.mean).square().sum() + traces - 2 * roots).item()


def frechet_error(real: Moments, samples: Tensor) -> float:
    """Standard error of the distance over draws of the samples (M, F), by leaving out a tenth.

    The delete-a-group jackknife: with d_i the distance without group i of g,
    sqrt( (g - 1) / g * sum (d_i - mean d)^2 ).
    """
    # At random: samples whose classes come in turn must not lose a whole class with a group.
    shuffle = torch.Generator().manual_seed(0)
    groups = torch.randperm(len(samples), generator=shuffle) % NUM_FOLDS
    distances = torch.tensor(
        [frechet_distance(real, Moments.of(samples[groups != fold])) for fold in range(NUM_FOLDS)]
    )
    return math.sqrt((NUM_FOLDS - 1) * distances.var(correction=0).item())


# --- Precision, recall, density, coverage ----------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Overlap:
    """How two sets of features overlap: one value per sample or per real image."""

    precision: Tensor  # (M,) 0 or 1
    recall: Tensor  # (N,) 0 or 1
    density: Tensor  # (M,)
    coverage: Tensor  # (N,) 0 or 1


def overlap(real: Tensor, samples: Tensor, k: int = NUM_NEIGHBOURS) -> Overlap:
    """Precision, recall, density and coverage of samples (M, F) against real features (N, F).

    Raises:
        ValueError: fewer than k + 1 points in either set.
    """
    if min(len(real), len(samples)) <= k:
        raise ValueError(f"{k} neighbours need at least {k + 1} points in each set")
    real_radii, sample_radii = _radii(real, k), _radii(samples, k)
    in_balls = torch.zeros(len(samples))  # of real images
    recalled, covered = [], []
    for start in range(0, len(real), CHUNK):
        distances = torch.cdist(real[start : start + CHUNK], samples)  # (chunk, M)
        inside = distances < real_radii[start : start + CHUNK, None]
        in_balls += inside.sum(dim=0)
        covered.append(inside.any(dim=1))
        recalled.append((distances < sample_radii).any(dim=1))
    return Overlap(
        precision=(in_balls > 0).float(),
        recall=torch.cat(recalled).float(),
        density=in_balls / k,
        coverage=torch.cat(covered).float(),
    )


def _radii(features: Tensor, k: int) -> Tensor:
    """The distance of each point to its k-th nearest neighbour, itself not counted."""
    return torch.cat(
        [
            torch.cdist(chunk, features).kthvalue(k + 1, dim=1).values
            for chunk in features.split(CHUNK)
        ]
    )


# --- Nearest neighbours ----------------------------------------------------------------


def nearest(images: Tensor, training_images: Tensor) -> Tensor:
    """For each image (N, C, H, W), the index of the training image nearest in pixels: (N,)."""
    pixels = _pixels(images).flatten(start_dim=1).cpu()
    best = torch.full((len(pixels),), torch.inf)
    index = torch.zeros(len(pixels), dtype=torch.int64)
    step = _at_once(training_images, 10 * CHUNK)
    for start in range(0, len(training_images), step):
        chunk = training_images[start : start + step].cpu()
        distances, nearest_in_chunk = torch.cdist(pixels, _pixels(chunk).flatten(start_dim=1)).min(
            dim=1
        )
        index = torch.where(distances < best, nearest_in_chunk + start, index)
        best = torch.minimum(distances, best)
    return index
