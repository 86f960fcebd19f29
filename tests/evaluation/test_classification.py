"""Measures of classifiers against scikit-learn and against hand-made cases."""

import json
import math
from dataclasses import replace

import pytest
import torch
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    confusion_matrix,
    f1_score,
    log_loss,
)
from torch import nn

from torchcamp.evaluation.classification import Classified, classify, measures
from torchcamp.evaluation.evaluation import Evaluation, Measure


def random_answers(num_images: int = 400, num_classes: int = 5) -> Classified:
    generator = torch.Generator().manual_seed(0)
    labels = torch.randint(num_classes, (num_images,), generator=generator)
    logits = torch.randn(num_images, num_classes, generator=generator)
    logits[torch.arange(num_images), labels] += 1.5
    return Classified(
        probs=logits.softmax(dim=1), labels=labels, class_names=tuple("abcde"[:num_classes])
    )


def test_against_scikit_learn():
    answers = random_answers()
    labels, predictions = answers.labels.numpy(), answers.predictions.numpy()
    assert answers.accuracy == pytest.approx(accuracy_score(labels, predictions))
    probs = answers.probs.double()
    expected = log_loss(labels, (probs / probs.sum(dim=1, keepdim=True)).numpy(), labels=range(5))
    assert answers.nll == pytest.approx(expected, rel=1e-5)
    assert (answers.confusion.numpy() == confusion_matrix(labels, predictions)).all()


def test_calibration_error_of_known_answers():
    """Always 80 % sure and right 6 times of 10: the gap is 0.2."""
    probs = torch.tensor([[0.8, 0.2]]).repeat(10, 1)
    labels = torch.tensor([0] * 6 + [1] * 4)
    answers = Classified(probs=probs, labels=labels, class_names=("a", "b"))
    assert answers.calibration_error == pytest.approx(0.2, abs=1e-6)
    assert sum(count for count, _, _ in answers.calibration) == 10


def test_errors_floors_and_counts():
    answers = random_answers()
    result = measures(answers)
    accuracy = result["accuracy"]
    assert accuracy.error == pytest.approx(
        math.sqrt(answers.accuracy * (1 - answers.accuracy) / 400)
    )
    assert accuracy.floor == answers.labels.bincount().max().item() / 400
    assert result["nll"].floor is not None
    assert result["nll"].floor <= math.log(5)
    assert sum(v.num_samples for k, v in result.items() if k.startswith("accuracy_")) == 400


def answered(labels: torch.Tensor, predictions: torch.Tensor) -> Classified:
    """Certain answers among seven classes."""
    probs = torch.eye(7)[predictions]
    return Classified(probs=probs, labels=labels, class_names=tuple("abcdefg"))


@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")
@pytest.mark.filterwarnings("ignore:F-score is ill-defined")
@pytest.mark.parametrize("used", [(7, 7), (4, 7), (7, 4), (4, 4)])
def test_classes_counted_alike_against_scikit_learn(used: tuple[int, int]):
    """Also where classes have no images, are never answered, or both."""
    generator = torch.Generator().manual_seed(sum(used))
    labels = torch.randint(used[0], (200,), generator=generator)
    labels[50:] = labels[50:] // 3  # unbalanced
    predictions = torch.randint(used[1], (200,), generator=generator)
    predictions[::2] = labels[::2] % used[1]
    result = measures(answered(labels, predictions))
    expected = balanced_accuracy_score(labels, predictions)
    assert result["balanced_accuracy"].value == pytest.approx(expected)
    expected = f1_score(labels, predictions, average="macro")
    assert result["macro_f1"].value == pytest.approx(expected)
    assert list(result)[:3] == ["accuracy", "balanced_accuracy", "macro_f1"]


def test_the_errors_of_classes_counted_alike_are_the_spread_over_samples():
    generator = torch.Generator().manual_seed(0)
    labels = torch.tensor([0] * 300 + [1] * 80 + [2] * 20)
    predictions = torch.where(
        torch.rand(400, generator=generator) < 0.7,
        labels,
        torch.randint(4, (400,), generator=generator),
    )
    result = measures(answered(labels, predictions))
    again: dict[str, list[float]] = {"balanced_accuracy": [], "macro_f1": []}
    for _ in range(400):
        drawn = torch.randint(400, (400,), generator=generator)
        drawn_measures = measures(answered(labels[drawn], predictions[drawn]))
        for name, values in again.items():
            values.append(drawn_measures[name].value)
    for name, values in again.items():
        assert result[name].error == pytest.approx(torch.tensor(values).std().item(), rel=0.15)


def test_the_floors_of_classes_counted_alike_are_those_of_the_most_frequent_class():
    labels = torch.tensor([0] * 6 + [1] * 3 + [2])
    result = measures(answered(labels, torch.zeros(10, dtype=torch.int64)))
    for name in ("accuracy", "balanced_accuracy", "macro_f1"):
        assert result[name].value == pytest.approx(result[name].floor)
        assert result[name].ceiling == 1.0


def test_what_was_stored_without_them_gets_the_measures_of_classes_counted_alike():
    answers = random_answers()
    now = measures(answers)
    stored = {
        "data": "digits",
        "measures": {
            name: measure.as_json()
            for name, measure in now.items()
            if name not in ("balanced_accuracy", "macro_f1")
        },
        "summary": {},
        "details": {"confusion": answers.confusion.tolist()},
    }
    read = Evaluation.from_json(stored).measures
    assert read == now
    assert list(read) == list(now)


def test_an_evaluation_survives_json_without_its_sections():
    measure = Measure(value=0.5, error=None, floor=0.1, unit="share", num_samples=3)
    evaluation = Evaluation(
        data="digits",
        measures={"accuracy": measure},
        summary={"test_accuracy": 0.5},
        details={"class_names": ["a", "b"]},
        sections=[("evaluation/confusion.html", {})],
    )
    content = json.loads(json.dumps(evaluation.as_json()))
    assert list(content) == ["data", "measures", "details", "summary"]
    assert content["measures"]["accuracy"] == {
        "value": 0.5, "error": None, "floor": 0.1, "ceiling": None, "unit": "share",
        "num_samples": 3,
    }  # fmt: skip
    assert Evaluation.from_json(content) == replace(evaluation, sections=[])


def test_worst_mistakes_come_most_confident_first():
    probs = torch.tensor([[0.9, 0.1], [0.6, 0.4], [0.99, 0.01], [0.2, 0.8]])
    answers = Classified(probs=probs, labels=torch.tensor([1, 1, 0, 0]), class_names=("a", "b"))
    assert answers.worst_mistakes(10) == [0, 3, 1]
    assert answers.worst_mistakes(1) == [0]


def test_classify_measures_in_eval_mode_and_gives_the_mode_back():
    network = nn.Sequential(nn.Flatten(), nn.Dropout(0.9), nn.Linear(784, 3)).train()
    images = torch.randint(256, (50, 1, 28, 28), dtype=torch.uint8)
    labels = torch.zeros(50, dtype=torch.int64)
    first = classify(network, images, labels, ("a", "b", "c"))
    assert torch.equal(first.probs, classify(network, images, labels, ("a", "b", "c")).probs)
    assert network.training


def test_ten_thousand_images_at_most():
    network = nn.Sequential(nn.Flatten(), nn.Linear(784, 2))
    images = torch.zeros(10_050, 1, 28, 28, dtype=torch.uint8)
    answers = classify(network, images, torch.zeros(10_050, dtype=torch.int64), ("a", "b"))
    assert len(answers.labels) == 10_000
