"""Distances and coverage against scipy's matrix root, hand-made clouds, and real pictures."""

import base64
import io
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy.linalg
import torch
from PIL import Image
from torch import Tensor

from torchcamp.data.images import Images, load_images
from torchcamp.evaluation import generator_report
from torchcamp.evaluation.generation import (
    Moments,
    as_seen,
    features_of,
    frechet_distance,
    frechet_error,
    labels_of,
    nearest,
    overlap,
)
from torchcamp.evaluation.reference_networks import (
    feature_extractor,
    reference_card,
    reference_classifier,
    reference_hash,
)
from torchcamp.models.cnn import CNN

# --- Fréchet distance ------------------------------------------------------------------


def test_the_distance_equals_the_formula_with_scipys_matrix_root():
    torch.manual_seed(0)
    a, b = torch.randn(500, 6) @ torch.randn(6, 6), torch.randn(400, 6) + 1
    first, second = Moments.of(a), Moments.of(b)
    assert np.allclose(first.covariance.numpy(), np.cov(a.double().numpy().T))
    root = np.real(scipy.linalg.sqrtm(first.covariance.numpy() @ second.covariance.numpy()))
    expected = (
        (first.mean - second.mean).square().sum().item()
        + first.covariance.trace().item()
        + second.covariance.trace().item()
        - 2 * np.trace(root)
    )
    assert frechet_distance(first, second) == pytest.approx(expected, rel=1e-9)
    assert frechet_distance(second, first) == pytest.approx(expected, rel=1e-9)


def test_the_distance_of_a_set_from_itself_is_zero_and_of_a_shift_its_square():
    features = torch.randn(300, 4)
    moments = Moments.of(features)
    assert frechet_distance(moments, moments) == pytest.approx(0, abs=1e-9)
    moved = Moments.of(features + torch.tensor([3.0, 0, 4.0, 0]))
    assert frechet_distance(moments, moved) == pytest.approx(25, rel=1e-5)


def test_features_that_are_constant_do_no_harm():
    """A dead unit makes the covariances singular."""
    features = torch.cat([torch.randn(50, 3), torch.zeros(50, 2)], dim=1)
    other = Moments.of(features * 2)
    assert math.isfinite(frechet_distance(Moments.of(features), other))


def test_the_error_is_the_spread_of_the_distance_over_draws():
    real = Moments.of(torch.randn(5000, 4))
    draws = [torch.randn(1000, 4) * 1.3 + 0.2 for _ in range(60)]
    spread = torch.tensor([frechet_distance(real, Moments.of(draw)) for draw in draws]).std().item()
    errors = [frechet_error(real, draw) for draw in draws]
    assert 0.7 * spread < float(np.mean(errors)) < 1.4 * spread


def test_the_error_does_not_depend_on_the_order_of_the_samples():
    real = Moments.of(torch.randn(2000, 3))
    classes = torch.arange(10).repeat(100)  # in turn, as a conditional model is asked
    samples = torch.randn(1000, 3) + classes[:, None]
    in_turn, sorted_ = frechet_error(real, samples), frechet_error(real, samples[classes.argsort()])
    assert 0.5 < in_turn / sorted_ < 2


# --- Precision, recall, density, coverage ----------------------------------------------


def by_the_definition(real: Tensor, samples: Tensor, k: int) -> dict[str, list[float]]:
    """Loops over single points."""

    def radius(points: Tensor, i: int) -> float:
        others = [(points[i] - points[j]).norm().item() for j in range(len(points)) if j != i]
        return sorted(others)[k - 1]

    r = [radius(real, i) for i in range(len(real))]
    s = [radius(samples, i) for i in range(len(samples))]
    d = [[(a - b).norm().item() for b in samples] for a in real]
    num_real, num_samples = range(len(real)), range(len(samples))
    balls = [sum(d[i][j] < r[i] for i in num_real) for j in num_samples]
    return {
        "precision": [float(count > 0) for count in balls],
        "density": [count / k for count in balls],
        "coverage": [float(any(d[i][j] < r[i] for j in num_samples)) for i in num_real],
        "recall": [float(any(d[i][j] < s[j] for j in num_samples)) for i in num_real],
    }


@pytest.mark.parametrize("k", [1, 3])
def test_overlap_equals_the_definition(k: int):
    torch.manual_seed(1)
    real, samples = torch.randn(30, 3), torch.randn(25, 3) * 0.7 + 0.5
    got = overlap(real, samples, k)
    for name, expected in by_the_definition(real, samples, k).items():
        assert torch.allclose(getattr(got, name), torch.tensor(expected)), name


def test_two_samples_of_one_law_cover_each_other():
    torch.manual_seed(0)
    got = overlap(torch.randn(2500, 8), torch.randn(2500, 8))
    assert got.coverage.mean() > 0.95  # 1 - 2^-5 is expected
    assert 0.9 < got.density.mean() < 1.1


def test_a_collapsed_generator_is_precise_and_covers_nothing():
    real = torch.randn(500, 4)
    samples = torch.zeros(400, 4) + 0.01 * torch.randn(400, 4)
    got = overlap(real, samples)
    assert got.precision.mean() > 0.9
    assert got.recall.mean() < 0.05
    assert got.coverage.mean() < 0.2


def test_too_few_points_are_refused():
    with pytest.raises(ValueError, match="at least 6"):
        overlap(torch.randn(5, 2), torch.randn(50, 2))


def test_the_nearest_training_image_is_found_across_chunks(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("torchcamp.evaluation.generation.CHUNK", 3)
    training = torch.randint(256, (100, 1, 28, 28), dtype=torch.uint8)
    wanted = torch.tensor([99, 0, 31, 60])
    assert nearest(training[wanted].float() / 255, training).tolist() == wanted.tolist()


# --- The reference networks ------------------------------------------------------------------------

HASH = "91522e50bc6749332d0fee848b248dc6f0125cc479e9f711ca4e08c6a9c523bc"


def test_the_reference_networks_are_frozen():
    """Another network makes every card false; change this line together with all of them."""
    assert reference_hash() == HASH


def test_the_reference_networks_differ_and_know_what_their_cards_say():
    features, labels = reference_card("features"), reference_card("labels")
    assert features["numbers"]["seed"] != labels["numbers"]["seed"]
    assert type(feature_extractor()) is not type(reference_classifier())
    for name, card in (("features", features), ("labels", labels)):
        assert card["summary"]["test_accuracy"] >= 0.995
        assert card["data"]["name"] == "mnist"
        assert f"recipes/reference_networks.py:{name} --data mnist" in card["command"]


def test_features_are_what_the_output_layer_reads():
    network = feature_extractor()
    images = torch.rand(5, 1, 28, 28)
    features = features_of(network, images)
    assert features.shape == (5, 128)
    assert features.min() < 0  # before the ReLU: not clipped
    with torch.no_grad():
        assert torch.allclose(network.output(features.relu()), network(images), atol=1e-5)
    assert not network.training


def test_pixels_in_bytes_and_in_shares_are_the_same_pictures():
    images = torch.randint(256, (5, 1, 28, 28), dtype=torch.uint8)
    assert torch.allclose(
        features_of(feature_extractor(), images),
        features_of(feature_extractor(), images.float() / 255),
    )
    assert labels_of(reference_classifier(), images).shape == (5,)


def test_the_reference_networks_see_grey_images_of_28x28_as_they_are():
    images = torch.rand(3, 1, 28, 28)
    assert as_seen(images) is images
    assert torch.equal(as_seen((255 * images).byte()), (255 * images).byte().float() / 255)


def test_colours_become_the_grey_that_pillow_makes_of_them():
    pixels = torch.randint(256, (1, 3, 28, 28), dtype=torch.uint8)
    grey = Image.fromarray(pixels[0].permute(1, 2, 0).numpy()).convert("L")
    difference = as_seen(pixels)[0, 0] * 255 - torch.from_numpy(np.array(grey)).float()
    assert difference.abs().max() < 1


def test_other_sizes_are_resized_and_averaged():
    halves = torch.zeros(1, 1, 56, 84)
    halves[..., ::2] = 1.0  # stripes finer than what the networks see
    seen = as_seen(halves)
    assert seen.shape == (1, 1, 28, 28)
    assert torch.allclose(seen, torch.full_like(seen, 0.5), atol=0.1)
    digit = load_images("digits").test_images[:1].float() / 255
    large = digit.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3).expand(1, 3, 56, 56)
    near = features_of(feature_extractor(), large) - features_of(feature_extractor(), digit)
    far = features_of(feature_extractor(), 1 - digit) - features_of(feature_extractor(), digit)
    assert near.norm() < 0.3 * far.norm()


def test_large_images_are_taken_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch):
    images = torch.rand(7, 3, 32, 48)
    at_once = features_of(feature_extractor(), images)
    monkeypatch.setattr("torchcamp.evaluation.generation.CHUNK_VALUES", 2 * 3 * 32 * 48)
    assert torch.allclose(features_of(feature_extractor(), images), at_once, atol=1e-5)
    assert nearest(images[[5, 0]], images).tolist() == [5, 0]


def test_the_reference_networks_accuracy_on_mnist(mnist_root: Path):
    images = load_images("mnist")
    for network, name in ((feature_extractor(), "features"), (reference_classifier(), "labels")):
        right = labels_of(network, images.test_images[:2000]) == images.test_labels[:2000]
        assert right.float().mean().item() > 0.985, name


# --- The whole evaluation, on digits ---------------------------------------------------


@pytest.fixture(scope="module")
def digits() -> Images:
    return load_images("digits")


def copies(images: Images, noise: float = 0.0):
    """Draws training images, as a model that learned them by heart would."""

    def draw(num_samples: int, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        index = torch.randint(len(images.train_images), (num_samples,), generator=rng)
        pixels = images.train_images[index].float() / 255
        pixels = (pixels + noise * torch.rand(pixels.shape, generator=rng)).clamp(0, 1)
        return pixels, images.train_labels[index]

    return draw


def test_copies_of_training_images_reach_floor_and_ceilings(digits: Images):
    evaluation = generator_report.evaluate_generator(digits, copies(digits))
    measures = evaluation.measures
    assert measures["frechet_ratio"].value < 1.5
    assert (measures["frechet_distance"].floor or 0) > 0
    assert measures["coverage"].value == pytest.approx(measures["coverage"].ceiling, abs=0.1)
    assert (
        measures["label_agreement"].value > 0.7
    )  # a network trained on MNIST looks at other scans
    assert measures["classifier_accuracy"].value > 0.8
    assert measures["class_balance"].value < 5 * (measures["class_balance"].error or 0)
    assert evaluation.details["binarisation"] is None
    for name, entry in measures.items():
        assert list(entry.as_json()) == [
            "value",
            "error",
            "floor",
            "ceiling",
            "unit",
            "num_samples",
        ]
        assert entry.error is not None, name
        assert entry.num_samples in (len(digits.test_images), len(digits.train_images)), name
    titles = [each["title"] for each in evaluation.sections[0][1]["pictures"]]
    assert titles[:2] == ["Samples", "Nearest training images"]


@pytest.mark.slow
def test_noise_is_farther_away_and_one_class_is_out_of_balance(digits: Images):
    noisy = generator_report.evaluate_generator(digits, copies(digits, noise=0.5))
    assert noisy.measures["frechet_ratio"].value > 3

    def zeros(num_samples: int, rng: torch.Generator) -> tuple[Tensor, None]:
        images = digits.train_images[digits.train_labels == 0]
        return images[torch.randint(len(images), (num_samples,), generator=rng)].float() / 255, None

    measures = generator_report.evaluate_generator(digits, zeros).measures
    assert measures["coverage"].value < 0.3
    assert measures["class_balance"].value > 1
    assert "label_agreement" not in measures


def test_bits_are_held_against_bits(digits: Images):
    bits = digits.binarised()
    as_grey = generator_report.distances(digits, bits.train_images[:360])
    as_bits = generator_report.distances(bits, bits.train_images[:360])
    assert as_bits["frechet_ratio"].value < 2
    assert as_grey["frechet_ratio"].value > 3 * as_bits["frechet_ratio"].value

    def draw(num_samples: int, rng: torch.Generator) -> tuple[Tensor, None]:
        return bits.train_images[:num_samples].float() / 255, None

    whole = generator_report.evaluate_generator(digits, draw, binarisation="static")
    assert whole.measures["frechet_ratio"].value == as_bits["frechet_ratio"].value
    assert whole.details["binarisation"] == "static"


# --- Images of one's own: in colour, of any size, and sometimes few ------------------------


def coloured(num_train: int, num_test: int, shape: tuple[int, int, int] = (3, 20, 28)) -> Images:
    """Red and green noise, which only a model that sees colours can tell apart."""

    def part(count: int, seed: int) -> tuple[Tensor, Tensor]:
        labels = torch.arange(count) % 2
        generator = torch.Generator().manual_seed(seed)
        images = torch.randint(60, (count, *shape), dtype=torch.uint8, generator=generator)
        images[torch.arange(count), labels % shape[0]] += 150
        return images, labels

    train, test = part(num_train, 1), part(num_test, 2)
    return Images(
        name="folder:colours",
        train_images=train[0],
        train_labels=train[1],
        test_images=test[0],
        test_labels=test[1],
        class_names=("red", "green"),
    )


def test_colour_is_measured_in_grey_at_28x28_and_this_is_said():
    images = coloured(60, 40)
    evaluation = generator_report.evaluate_generator(images, copies(images))
    notes = evaluation.details["notes"]
    assert "measured in grey at 28x28" in notes[0]
    assert "40 images" in notes[1]
    assert len(notes) == 2
    assert evaluation.sections[0][1]["notes"] == notes
    measures = evaluation.measures
    assert measures["classifier_accuracy"].value > 0.9  # its CNN sees the colours
    assert (measures["classifier_accuracy"].ceiling or 0) > 0.9
    assert measures["frechet_distance"].num_samples == 40
    assert {"coverage", "density", "precision", "recall", "frechet_ratio"} <= measures.keys()
    assert "class_balance" not in measures


def test_nothing_is_noted_where_nothing_is_special(digits: Images):
    evaluation = generator_report.evaluate_generator(digits, copies(digits))
    assert "notes" not in evaluation.details


OVERLAP = {"precision", "recall", "density", "coverage"}
FRECHET = {"frechet_ratio", "frechet_distance"}


@pytest.mark.parametrize(
    ("num_train", "num_test", "expected", "words"),
    [
        (200, 150, FRECHET | OVERLAP, []),
        (200, 40, FRECHET | OVERLAP, ["compare it with its floor only"]),
        (40, 200, FRECHET | OVERLAP, ["the smaller of training and test set has 40 images"]),
        (30, 9, OVERLAP, ["no Fréchet distance: it needs 10 images or more"]),
        (30, 5, OVERLAP, ["no Fréchet", "count 4 nearest neighbours in place of 5"]),
        (30, 2, OVERLAP, ["no Fréchet", "count 1 nearest neighbour in place of 5"]),
        (30, 1, set(), ["no Fréchet", "no precision, recall, density and coverage"]),
    ],
)
def test_few_images_leave_measures_out_and_say_why(
    num_train: int, num_test: int, expected: set[str], words: list[str]
):
    images = coloured(num_train, num_test, (1, 28, 28))

    def draw(num_samples: int, rng: torch.Generator) -> tuple[Tensor, None]:
        return torch.rand(num_samples, 1, 28, 28, generator=rng), None

    evaluation = generator_report.evaluate_generator(images, draw)
    assert evaluation.measures.keys() == expected
    for measure in evaluation.measures.values():
        assert math.isfinite(measure.value)
        assert math.isfinite(measure.error or 0)
        assert measure.num_samples == min(num_train, num_test)
    notes = evaluation.details.get("notes", [])
    assert len(notes) == len(words)
    for note, word in zip(notes, words, strict=True):
        assert word in note


def test_a_floor_of_zero_gives_no_ratio():
    images = coloured(40, 40, (1, 28, 28))
    same = replace(images, test_images=images.train_images, test_labels=images.train_labels)
    evaluation = generator_report.evaluate_generator(same, copies(same))
    assert "frechet_distance" in evaluation.measures
    assert "frechet_ratio" not in evaluation.measures
    assert "no Fréchet ratio: training and test images look the same" in "".join(
        evaluation.details["notes"]
    )


def test_quick_measures_of_few_images_are_those_that_can_be_taken():
    for count, names in ((1, set()), (4, {"coverage"}), (12, {"coverage", "frechet_distance"})):
        images = coloured(12, count)
        measures = generator_report.quick_distances(images, torch.rand(count, 3, 20, 28))
        assert measures.keys() == names


def test_images_too_small_for_the_fixed_cnn_have_no_classifier_accuracy():
    images = coloured(40, 20, (3, 6, 20))
    evaluation = generator_report.evaluate_generator(images, copies(images))
    assert "classifier_accuracy" not in evaluation.measures
    assert "too small for its CNN" in evaluation.details["notes"][-1]


def test_the_fixed_cnn_is_trained_on_as_many_pixels_as_mnist_has(monkeypatch: pytest.MonkeyPatch):
    images = coloured(60, 40)
    assert generator_report.num_for_cnn(images) == 60
    monkeypatch.setattr(generator_report, "MANY_VALUES", 24 * 3 * 20 * 28 + 5)
    asked, seen = [], []
    monkeypatch.setattr(
        generator_report,
        "_trained_hits",
        lambda pixels, labels, images: seen.append(labels) or torch.ones(len(images.test_images)),
    )

    def draw(num_samples: int, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        asked.append(num_samples)
        return copies(images)(num_samples, rng)

    evaluation = generator_report.evaluate_generator(images, draw)
    assert asked == [40, 24]
    assert [len(labels) for labels in seen] == [24, 24]
    assert 0 < seen[0].float().mean() < 1  # of both classes
    assert "trained on 24 images, not on 60" in evaluation.details["notes"][-1]


def test_many_large_samples_are_drawn_a_part_at_a_time(monkeypatch: pytest.MonkeyPatch):
    images, asked = coloured(4, 4), []

    def draw(num_samples: int, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        asked.append(num_samples)
        return torch.rand(num_samples, 3, 2, 2, generator=rng), torch.arange(num_samples) % 2

    whole, labels = generator_report.drawn(draw, 2300, torch.Generator().manual_seed(0), images)
    monkeypatch.setattr(generator_report, "MANY_VALUES", 1000)
    parts, same = generator_report.drawn(draw, 2300, torch.Generator().manual_seed(0), images)
    assert asked == [2300, 1000, 1000, 300]
    assert whole.dtype == torch.uint8
    assert torch.equal(whole, parts)
    assert labels is not None
    assert same is not None
    assert torch.equal(labels, same)


def decoded(picture: generator_report.Picture) -> np.ndarray:
    """The picture of a report as an array."""
    content = generator_report.as_page_picture(picture)["picture"].partition(",")[2]
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(content))))


@pytest.mark.parametrize(
    ("height", "width", "factor"), [(28, 28, 2), (32, 48, 1), (20, 20, 3), (96, 96, 1), (8, 8, 8)]
)
def test_pictures_of_a_report_are_enlarged_to_squares_and_in_colour(
    height: int, width: int, factor: int
):
    images = torch.zeros(2, 3, height, width)
    images[0, 0], images[1, 1] = 1.0, 1.0
    images[0, :, 0, 0] = torch.tensor([0.0, 0.0, 1.0])
    sheet = decoded(generator_report.Picture(title="", caption="", images=images, columns=2))
    assert sheet.shape == (factor * height, 2 * factor * width + 2, 3)
    assert (sheet[:factor, :factor] == [0, 0, 255]).all()
    assert sheet[factor, 0].tolist() == [255, 0, 0]
    assert sheet[0, factor].tolist() == [255, 0, 0]
    assert sheet[-1, -1].tolist() == [0, 255, 0]


def test_fewer_samples_than_a_row_still_stand_above_their_neighbours():
    images = coloured(30, 4)
    shown = generator_report.neighbours(images.train_images[[7, 3, 0]], images)
    assert shown.columns == 3
    assert torch.equal(shown.images[:3], shown.images[3:])


def test_measuring_leaves_the_random_state_alone(digits: Images):
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    hits = generator_report._trained_hits(digits.train_images, digits.train_labels, digits, 1)
    assert torch.equal(torch.rand(3), expected)
    assert hits.shape == (360,)


def test_the_fixed_cnn_is_the_default_recipes(digits: Images):
    """One size stands in two places, because evaluation may not import recipes."""
    from torchcamp.recipes import cnn

    assert cnn.default().model.channels == (16, 32, 64)
    assert isinstance(reference_classifier(), CNN)
