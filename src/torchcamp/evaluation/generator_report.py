"""The evaluation of a generative model of images: its measures, and the report's pictures.

Every model is measured in the same way: as many samples as there are test images (10,000 at the
most) against those test images, in the features of a frozen network. Each number comes with what as many
real training images score. A model of bits is compared with binarised images: it cannot draw the grey
of an edge.

The network looks at grey images of 28x28. Other images are made so for it, and the notes of an
evaluation say this, as they say what a small set of images cannot show.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from torchcamp.base.seeding import random_state, seed_everything, set_random_state
from torchcamp.data.augment import to_float
from torchcamp.data.batches import Batches
from torchcamp.data.images import Images
from torchcamp.data.pictures import grid, png_bytes
from torchcamp.evaluation.classification import MAX_TEST_IMAGES, classify
from torchcamp.evaluation.evaluation import Evaluation, Measure, mean, share
from torchcamp.evaluation.generation import (
    NUM_FOLDS,
    NUM_NEIGHBOURS,
    SEEN,
    Moments,
    features_of,
    frechet_distance,
    frechet_error,
    labels_of,
    nearest,
    overlap,
)
from torchcamp.evaluation.reference_networks import (
    FeatureNetConfig,
    feature_extractor,
    reference_classifier,
)
from torchcamp.models import cnn
from torchcamp.pages.page import data_uri
from torchcamp.training.schedules import warmup_then_linear

SAMPLES_SEED = 0  # of the samples that are measured
DIGITS = ("mnist", "digits")  # data sets whose classes the reference classifier knows
NUM_SHOWN = 64
SHOWN_SIZE = 64  # pixels per side that a report enlarges small images to, at the most
MANY_VALUES = 60_000 * 784  # pixels: what one draw, or one training of the fixed CNN, may hold

# (num_samples, rng) -> images (N, C, H, W) in [0, 1], and the labels that were asked for or None
Draw = Callable[[int, torch.Generator], tuple[Tensor, Tensor | None]]


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One picture of a report: images (N, C, H, W) in a grid, with a title and a sentence."""

    title: str
    caption: str
    images: Tensor
    columns: int = 0


@dataclass(frozen=True, kw_only=True)
class Likelihood:
    """How likely a model finds each test image.

    nats: -log p, or an upper bound of it (N,); its mean is the measure.
    kind: exact, IS-n (importance-weighted over n draws) or AIS.
    binarisation: what it was trained on: static (one draw) or dynamic (drawn anew at each use).
    error: where it is not that of a mean over test images.
    more: further measures of the same kind.
    """

    nats: Tensor
    kind: str
    binarisation: str
    error: float | None = None
    more: dict[str, Measure] = field(default_factory=dict)

    def measures(self) -> dict[str, Measure]:
        """The mean as `nats`, and `more`."""
        nats = mean(self.nats, "nats per image")
        if self.error is not None:
            nats = replace(nats, error=self.error)
        return {"nats": nats, **self.more}


def evaluate_generator(
    images: Images,
    draw: Draw,
    *,
    split: str = "test",
    likelihood: Likelihood | None = None,
    binarisation: str | None = None,
    pictures: list[Picture] | None = None,
    notes: Sequence[str] = (),
) -> Evaluation:
    """Measure what `draw` draws against the test images of `images`.

    Args:
        images: the data set; a model of bits (one with a `binarisation`) is held against
            its bits.
        split: what its test images are called in the summary.
        likelihood: of the test bits, where the model has one.
        binarisation: of the training images, for a model of bits.
        pictures: shown in the report with samples and their nearest training images.
        notes: what else the reader of the measures should know.
    """
    compared = images.binarised() if binarisation else images
    num_samples = min(MAX_TEST_IMAGES, len(images.test_images))
    rng = torch.Generator().manual_seed(SAMPLES_SEED)
    samples, asked = drawn(draw, num_samples, rng, images)
    measures = likelihood.measures() if likelihood is not None else {}
    measures |= distances(compared, samples)
    details: dict[str, object] = {
        "nats_kind": likelihood.kind if likelihood else None,
        "binarisation": binarisation,
    }
    notes = [*notes, *limits(images, measures, conditional=asked is not None)]
    if notes:
        details["notes"] = notes
    if images.name in DIGITS:
        labels = labels_of(reference_classifier(images.test_images.device), samples)
        details["class_shares"] = class_shares(labels, images)
        measures["class_balance"] = balance(labels, images)
        if asked is not None:
            measures["label_agreement"] = agreement(labels, asked, compared)
    if asked is not None and cnn_takes(images):
        measures |= classifier_accuracy(draw, rng, compared)
    shown = [
        Picture(
            title="Samples", caption="Drawn at random, none left out.", images=samples[:NUM_SHOWN]
        ),
        neighbours(samples, compared),
        *(pictures or []),
    ]
    on_page = [as_page_picture(each) for each in shown]
    return Evaluation(
        data=images.name,
        measures=measures,
        summary=_summary(measures, split),
        details=details,
        sections=[("evaluation/pictures.html", {"pictures": on_page, "notes": notes})],
    )


def _summary(measures: dict[str, Measure], split: str) -> dict[str, float]:
    """The few measures that a run prints at its end; nats are named after the split."""
    names = ("nats", "frechet_ratio", "coverage", "label_agreement")
    return {
        f"{split}_nats" if name == "nats" else name: measures[name].value
        for name in names
        if name in measures
    }


def limits(images: Images, measures: dict[str, Measure], *, conditional: bool) -> list[str]:
    """What `images` of another shape, or few of them, mean for the measures; a sentence each."""
    count = comparable(images)
    few = "one image" if count == 1 else f"{count:,} images"
    few = f"the smaller of training and test set has {few}"
    notes = []
    if images.image_shape != SEEN:
        notes.append(
            "distances, precision, recall, density and coverage are measured in grey at 28x28, by "
            "a network that learned from handwritten digits: it sees neither colours nor fine detail"
        )
    if count < NUM_FOLDS:
        notes.append(f"no Fréchet distance: it needs {NUM_FOLDS} images or more; {few}")
    elif count <= FeatureNetConfig().num_features:
        notes.append(
            f"the Fréchet distance rests on the covariance of {FeatureNetConfig().num_features} "
            f"features, which so few images cannot show: compare it with its floor only; {few}"
        )
    if "frechet_distance" in measures and "frechet_ratio" not in measures:
        notes.append("no Fréchet ratio: training and test images look the same, so its floor is 0")
    if count < 2:
        notes.append(f"no precision, recall, density and coverage: they need two images; {few}")
    elif count <= NUM_NEIGHBOURS:
        notes.append(
            f"precision, recall, density and coverage count {count - 1} nearest "
            f"neighbour{'s' if count > 2 else ''} in place of {NUM_NEIGHBOURS}; {few}"
        )
    if conditional and not cnn_takes(images):
        notes.append("no classifier accuracy: the images are too small for its CNN")
    elif conditional and num_for_cnn(images) < len(images.train_images):
        notes.append(
            f"the classifier's accuracy is that of one trained on {num_for_cnn(images):,} images, "
            f"not on {len(images.train_images):,}, to save time"
        )
    return notes


def comparable(images: Images) -> int:
    """How many training images, test images and samples are compared with one another."""
    return min(MAX_TEST_IMAGES, len(images.test_images), len(images.train_images))


def drawn(
    draw: Draw, num_samples: int, rng: torch.Generator, images: Images
) -> tuple[Tensor, Tensor | None]:
    """Samples as `uint8`, and their labels; a part at a time if they are as large as `images` are."""
    many = num_samples * math.prod(images.image_shape) > MANY_VALUES
    counts = [len(part) for part in torch.arange(num_samples).split(1000 if many else num_samples)]
    pixels, labels = [], []
    for count in counts:
        part, asked = draw(count, rng)
        pixels.append(as_pixels(part))
        if asked is not None:
            labels.append(asked)
    return torch.cat(pixels), torch.cat(labels) if labels else None


def as_pixels(images: Tensor) -> Tensor:
    """Images in [0, 1] as `uint8`, as a file would hold them; on the CPU."""
    return images.cpu().mul(255).round().byte()


def distances(images: Images, samples: Tensor) -> dict[str, Measure]:
    """Fréchet distance with its floor, precision, recall, density and coverage with ceilings.

    Those for which there are too few images are left out; `limits` says so.
    """
    extractor = feature_extractor(images.test_images.device)
    count = min(len(samples), comparable(images))
    test = features_of(extractor, images.test_images[:count])
    order = torch.randperm(
        len(images.train_images), generator=torch.Generator().manual_seed(SAMPLES_SEED)
    )
    real = features_of(
        extractor, images.train_images[order[: len(test)].to(images.train_images.device)]
    )
    fake = features_of(extractor, samples[:count])
    measures: dict[str, Measure] = {}
    if count >= NUM_FOLDS:
        target = Moments.of(test)
        floor = frechet_distance(target, Moments.of(real))
        value, error = frechet_distance(target, Moments.of(fake)), frechet_error(target, fake)
        if floor > 1e-6:
            measures["frechet_ratio"] = Measure(
                value=value / floor,
                error=error / floor,
                unit="multiple of the floor",
                num_samples=count,
                floor=1.0,
            )
        measures["frechet_distance"] = Measure(
            value=value, error=error, unit="judge features", num_samples=count, floor=floor
        )
    if count >= 2:
        k = min(NUM_NEIGHBOURS, count - 1)
        best, ours = overlap(test, real, k), overlap(test, fake, k)
        measures |= {
            "precision": share(ours.precision, ceiling=best.precision.mean().item()),
            "recall": share(ours.recall, ceiling=best.recall.mean().item()),
            "density": mean(ours.density, "balls per k", ceiling=best.density.mean().item()),
            "coverage": share(ours.coverage, ceiling=best.coverage.mean().item()),
        }
    return measures


def quick_distances(images: Images, samples: Tensor) -> dict[str, float]:
    """Fréchet distance and coverage of some samples, for the measures between two epochs.

    From fewer samples than the final measures, so not to be compared with them. Empty where there
    are too few test images.
    """
    extractor = feature_extractor(images.test_images.device)
    fake = features_of(extractor, as_pixels(samples))
    test = features_of(extractor, images.test_images[: len(fake)])
    measures = {}
    if len(test) >= NUM_FOLDS:
        measures["frechet_distance"] = frechet_distance(Moments.of(test), Moments.of(fake))
    if len(test) >= 2:
        k = min(NUM_NEIGHBOURS, len(test) - 1)
        measures["coverage"] = overlap(test, fake, k).coverage.mean().item()
    return measures


def class_shares(labels: Tensor, images: Images) -> list[float]:
    """The share of each class among the labels of the samples."""
    shares = labels.bincount(minlength=images.num_classes) / len(labels)
    return [round(value, 4) for value in shares.tolist()]


def balance(labels: Tensor, images: Images) -> Measure:
    """How far the classes of the samples are from the test images' (relative entropy, nats).

    The standard error is what as many samples in perfect balance would show: (K - 1) / 2N.
    """
    count, num_classes = len(labels), images.num_classes
    shares = (labels.bincount(minlength=num_classes) / count).double()
    target = (images.test_labels.cpu().bincount(minlength=num_classes) + 1).double()
    target = target / target.sum()
    entropy = torch.special.xlogy(shares, shares / target).sum().item()
    return Measure(
        value=entropy,
        error=(num_classes - 1) / (2 * count),
        unit="nats",
        num_samples=count,
        floor=0.0,
    )


def agreement(labels: Tensor, asked: Tensor, images: Images) -> Measure:
    """How often the reference classifier sees the class that was asked for.

    The ceiling is how often it sees the right class in real test images.
    """
    test = images.test_images[:MAX_TEST_IMAGES]
    real = (
        labels_of(reference_classifier(test.device), test) == images.test_labels[: len(test)].cpu()
    )
    return share(labels == asked.cpu(), ceiling=real.float().mean().item())


def classifier_accuracy(draw: Draw, rng: torch.Generator, images: Images) -> dict[str, Measure]:
    """The accuracy on real test images of a CNN trained on generated ones only.

    As many as there are training images, or as fit into MNIST's pixels. The ceiling is what the same
    CNN gets from as many real ones.
    """
    count = num_for_cnn(images)
    samples, asked = drawn(draw, count, rng, images)
    assert asked is not None
    device = images.test_images.device
    real, real_labels = images.train_images, images.train_labels
    if count < len(real):
        order = torch.randperm(len(real), generator=torch.Generator().manual_seed(SAMPLES_SEED))
        chosen = order[:count].to(real.device)
        real, real_labels = real[chosen], real_labels[chosen]
    hits = {
        kind: _trained_hits(pixels.to(device), labels.to(device), images)
        for kind, pixels, labels in (
            ("real", real, real_labels),
            ("generated", samples, asked),
        )
    }
    ceiling = hits["real"].float().mean().item()
    return {"classifier_accuracy": share(hits["generated"], ceiling=ceiling)}


def cnn_takes(images: Images) -> bool:
    """Whether images of this shape are large enough for the fixed CNN."""
    try:
        cnn.CNNConfig(image_shape=images.image_shape)
    except ValueError:
        return False
    return True


def num_for_cnn(images: Images) -> int:
    """How many images the fixed CNN is trained on: all, unless they have more pixels than MNIST."""
    return min(len(images.train_images), max(1, MANY_VALUES // math.prod(images.image_shape)))


def _trained_hits(pixels: Tensor, labels: Tensor, images: Images, num_epochs: int = 3) -> Tensor:
    """Which test images the fixed CNN gets right after three epochs on `pixels` and `labels`."""
    before = random_state()
    try:
        seed_everything(0)
        config = cnn.CNNConfig(
            image_shape=images.image_shape, channels=(16, 32, 64), num_classes=images.num_classes
        )
        network = cnn.CNN(config).to(pixels.device)
        batches = Batches(
            pixels, labels, batch_size=min(128, len(labels)),
            prepare=lambda x, y: (to_float(x), y),
        )  # fmt: skip
        optimizer = torch.optim.AdamW(network.parameters(), lr=1e-2, weight_decay=0.02)
        factor = warmup_then_linear(num_epochs * batches.steps_per_epoch, 0.25)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
        with torch.enable_grad():
            for epoch in range(num_epochs):
                for batch in batches.epoch(epoch):
                    cnn.train_step(network, optimizer, batch)
                    schedule.step()
    finally:
        set_random_state(before)
    classified = classify(network, images.test_images, images.test_labels, images.class_names)
    return classified.predictions == classified.labels


# --- Pictures of the report ------------------------------------------------------------


def neighbours(samples: Tensor, images: Images, count: int = 10) -> Picture:
    """Samples above the training images that are nearest to them: does it copy?"""
    count = min(count, len(samples))
    index = nearest(samples[:count], images.train_images)
    closest = images.train_images[index.to(images.train_images.device)].cpu()
    return Picture(
        title="Nearest training images",
        caption="Samples in the upper row; below each, the training image whose pixels are nearest.",
        images=torch.cat([samples[:count], closest]),
        columns=count,
    )


def as_page_picture(picture: Picture) -> dict[str, str]:
    """Values for the template; small images are enlarged so that a pixel stays a square."""
    images = picture.images
    if images.is_floating_point():
        images = as_pixels(images.clamp(0, 1))
    factor = max(1, SHOWN_SIZE // max(images.shape[2:]))
    large = images.repeat_interleave(factor, dim=2).repeat_interleave(factor, dim=3)
    content = png_bytes(grid(large, picture.columns))
    return {
        "title": picture.title,
        "caption": picture.caption,
        "picture": data_uri(content, "image/png"),
    }
