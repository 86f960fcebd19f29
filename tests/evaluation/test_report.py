"""A run's page: what a classifier's report shows, however its classes are called."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import torch
from playwright.sync_api import Browser
from torch import Tensor, nn

from torchcamp.base.paths import CONTENT
from torchcamp.data.images import Images
from torchcamp.evaluation.classification import Classified
from torchcamp.evaluation.classifier_report import (
    confusion_section,
    evaluate_classifier,
    mistakes_section,
)
from torchcamp.evaluation.data_sheet import data_sheet_section
from torchcamp.evaluation.evaluation import Evaluation, Measure
from torchcamp.evaluation.meanings import MEANINGS
from torchcamp.evaluation.report import charts, render_report
from torchcamp.evaluation.thumbnails import thumbnail
from torchcamp.pages.page import render_page

AWKWARD = ("<script>alert(1)</script>", "\"quoted\" & 'single'", "🦄", "very " * 40 + "long")
SIZES = [(1, 28, 28), (3, 32, 32), (3, 48, 96), (1, 7, 5), (3, 300, 200)]
DESCRIPTION = {
    "recipe": "cnn",
    "preset": "default",
    "data": {"name": "folder:/home/somebody/pictures/all_our_pets", "sha256": "ab" * 32},
    "started": "2026-01-01T00:00:00+0000",
    "device": "cpu",
    "device_name": "x86_64",
    "precision": "fp32",
    "threads": 1,
    "numbers": {"seed": 0, "epochs": 2, "model": {"channels": [8, 8]}},
    "command": [
        "torchcamp",
        "train",
        "cnn",
        "--data",
        "folder:/home/somebody/pictures/all_our_pets",
    ],
    "versions": {"torch": "2"},
}
ROWS = [
    {"step": 1, "epoch": 1.0, "loss": 1.5, "lr": 0.1},
    {"step": 1, "epoch": 1.0, "validation_loss": 1.7, "validation_accuracy": 0.4},
    {"step": 2, "epoch": 2.0, "loss": 1.0, "lr": 0.0},
    {"step": 2, "epoch": 2.0, "validation_loss": 1.9, "validation_accuracy": 0.3},
]


def noise(
    class_names: tuple[str, ...], shape: tuple[int, int, int] = (3, 32, 32), **fields: Any
) -> Images:
    """Eight pictures a class to train with and two to test with, as hard to compress as can be."""
    generator = torch.Generator().manual_seed(0)
    num_classes = len(class_names)

    def part(each: int) -> tuple[Tensor, Tensor]:
        count = each * num_classes
        drawn = torch.randint(256, (count, *shape), dtype=torch.uint8, generator=generator)
        return drawn, torch.arange(count) % num_classes

    train_images, train_labels = part(8)
    test_images, test_labels = part(2)
    return Images(
        name="folder:/home/somebody/pictures/all_our_pets",
        train_images=train_images,
        train_labels=train_labels,
        test_images=test_images,
        test_labels=test_labels,
        class_names=class_names,
        **fields,
    )


def network(images: Images) -> nn.Module:
    torch.manual_seed(0)
    channels, _, _ = images.image_shape
    return nn.Sequential(
        nn.Conv2d(channels, 4, 3, padding=1, stride=2),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(4, images.num_classes),
    )


def page_of(images: Images, **described: Any) -> str:
    evaluation = evaluate_classifier(network(images), images)
    return render_report({**DESCRIPTION, **described}, ROWS, [{"seconds": 1.0}], evaluation)


class Elements(HTMLParser):
    """The tags of a page, and its text outside of scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] not in ("script", "style"):
            self.text.append(data)


# --- The page ------------------------------------------------------------------------


def test_awkward_class_names_are_text():
    page = Elements(page_of(noise(AWKWARD, notes=("8 pictures", "<script>x</script> is odd"))))
    assert [tag for tag, _ in page.tags].count("script") == 1  # the record
    text = "".join(page.text)
    for name in AWKWARD[:3]:
        assert name in text
    assert "very very very" in text
    assert "<script>x</script> is odd" in text
    titles = [attrs.get("title") for tag, attrs in page.tags if tag == "th"]
    assert all(titles.count(name) == 2 for name in AWKWARD)  # its row and its column, in full


def test_everything_is_inside_the_page():
    page = Elements(page_of(noise(("a", "b"))))
    sources = [attrs.get("src") or attrs.get("href") or "" for _, attrs in page.tags]
    assert all(source.startswith("data:") for source in sources if source)
    assert len([source for source in sources if source.startswith("data:image/")]) > 20


def test_the_page_is_the_same_each_time():
    images = noise(AWKWARD)
    assert page_of(images) == page_of(images)


def test_a_hundred_classes_stay_under_three_megabytes():
    page = page_of(noise(tuple(f"species number {k}" for k in range(100)), (3, 96, 96)))
    assert 1_000_000 < len(page.encode()) < 3_000_000


def test_pictures_are_not_kept_in_what_run_json_holds():
    small, large = (
        evaluate_classifier(network(images), images).as_json()
        for images in (noise(("a", "b"), (3, 8, 8)), noise(("a", "b"), (3, 64, 64)))
    )
    assert "data:image" not in json.dumps(large)
    assert abs(len(json.dumps(small)) - len(json.dumps(large))) < 100


@pytest.mark.parametrize("shape", SIZES)
def test_pictures_of_any_size_and_colour_are_shown(shape: tuple[int, int, int]):
    page = Elements(page_of(noise(("a", "b", "c"), shape)))
    pictures = [attrs for tag, attrs in page.tags if tag == "img"]
    assert len(pictures) > 24
    for attrs in pictures:
        width, height = int(attrs["width"] or 0), int(attrs["height"] or 0)
        assert 0 < max(width, height) <= 140
        assert width / height == pytest.approx(shape[2] / shape[1], rel=0.05)
        assert (attrs.get("class") == "crisp") == (max(shape) <= 48)


def test_measures_of_single_classes_stand_below_the_others():
    page = page_of(noise(("golden_retriever", "cat")))
    whole, classes = page.split("Accuracy of each class")
    assert "<td" in whole.split("<h2>Measures</h2>")[1]
    assert "golden" not in whole.split("<h2>Measures</h2>")[1]
    assert '<td class="name">golden_<wbr>retriever</td>' in classes
    assert "accuracy_golden" not in classes.split("<script")[0]


def measured(*names: str) -> Evaluation:
    measures = {
        name: Measure(value=0.5 + k / 8, error=None, ceiling=1.0, unit="share", num_samples=9)
        for k, name in enumerate(names)
    }
    return Evaluation(data="pets", measures=measures, summary={})


def headlines(evaluation: Evaluation) -> list[str]:
    page = render_report(DESCRIPTION, ROWS, [{"seconds": 1.0}], evaluation)
    return re.findall(r'class="figure"><b>([^<]*)</b><span>([^<]*)', page)[:-2]


def test_balanced_accuracy_stands_beside_accuracy():
    found = headlines(measured("accuracy", "nll", "balanced_accuracy", "macro_f1"))
    assert found == [
        ("50.00 %", "accuracy"),
        ("75.00 %", "balanced accuracy"),
        ("87.50 %", "macro F1"),
    ]
    assert headlines(measured("nats", "coverage")) == [("50.00 %", "nats")]


def test_each_measure_of_a_shipped_model_says_what_it_means():
    for path in (CONTENT / "weights").glob("*.json"):
        names = json.loads(path.read_text())["measures"]
        assert names
        for name in names:
            assert name in MEANINGS or re.fullmatch(r"accuracy_\d", name), name
    page = render_report(DESCRIPTION, ROWS, [{"seconds": 1.0}], measured("accuracy", "macro_f1"))
    assert MEANINGS["macro_f1"] in page
    assert MEANINGS["nll"] not in page


def test_the_kept_epoch_is_marked_where_there_is_a_validation():
    marked = {chart["title"]: 'class="mark"' in chart["svg"] for chart in charts(ROWS, 2)}
    assert marked == {"Loss": True, "Learning rate": False, "Accuracy": True}
    assert not any('class="mark"' in chart["svg"] for chart in charts(ROWS))
    page = page_of(noise(("a", "b")), best_epoch=1)
    assert "weights kept" in page
    assert "<b>2</b><span>epochs; kept: the weights of epoch 1<" in page
    stopped = page_of(noise(("a", "b")), best_epoch=1, numbers={"seed": 0, "epochs": 12})
    assert "<b>2</b><span>of 12 epochs; kept: the weights of epoch 1<" in stopped
    assert "weights kept" not in page_of(noise(("a", "b")))


# --- Its sections --------------------------------------------------------------------


def test_the_data_sheet_counts_each_part():
    images = noise(("a", "b"))
    images = Images(
        **{
            **vars(images),
            "train_labels": torch.tensor([0] * 12 + [1] * 4),
            "validation_images": images.test_images,
            "validation_labels": torch.tensor([0, 0, 0, 1]),
        }
    )
    section: Any = data_sheet_section(images)
    assert section["parts"] == ["training", "validation", "test"]
    counts = [[count for count, _ in row["counts"]] for row in section["open"]]
    assert counts == [[12, 3, 2], [4, 1, 2]]
    assert [row["counts"][0][1] for row in section["open"]] == [1, 4 / 12]
    assert [len(row["examples"]) for row in section["open"]] == [8, 4]
    held: Any = data_sheet_section(images.holding_out(), "validation")
    assert held["parts"] == ["training", "validation"]
    assert [count for count, _ in held["open"][0]["counts"]] == [12, 3]
    assert section["summary"] == (
        "16 training, 4 validation and 4 test pictures in 2 classes, colour, 32x32"
    )


def test_each_example_is_a_picture_of_its_class():
    images = noise(("a", "b"), (1, 8, 8))
    section: Any = data_sheet_section(images)
    for label, row in enumerate(section["open"]):
        members = images.train_images[images.train_labels == label]
        assert [each.source for each in row["examples"]] == [
            thumbnail(picture, 64).source for picture in members
        ]


def test_what_looks_suspicious_stands_out():
    notes = ("120 pictures in 2 classes", "cats has one picture", "3 pictures are in both parts")
    section: Any = data_sheet_section(noise(("a", "b"), notes=notes))
    assert section["summary"] == notes[0]
    page = render_page("evaluation/data_sheet.html", section=section)
    assert notes[0] in page.split('<div class="warning">')[0]
    for note in notes[1:]:
        assert f"<li>{note}</li>" in page
    quiet = data_sheet_section(noise(("a", "b")))
    assert "warning" not in render_page("evaluation/data_sheet.html", section=quiet)


def test_classes_after_the_twelfth_are_folded_away():
    section: Any = data_sheet_section(noise(tuple(f"class {k}" for k in range(15))))
    assert [row["name"] for row in section["folded"]] == ["class 12", "class 13", "class 14"]
    page = render_page("evaluation/data_sheet.html", section=section)
    assert "<summary>3 more classes</summary>" in page
    many: Any = data_sheet_section(noise(tuple(f"class {k}" for k in range(101)), (1, 4, 4)))
    assert [len(row["examples"]) for row in many["folded"][-2:]] == [4, 0]


def answers(confusion: Tensor, names: tuple[str, ...]) -> Classified:
    """Answers with the given counts (K, K)."""
    pairs = [
        (label, predicted)
        for label, row in enumerate(confusion.tolist())
        for predicted, count in enumerate(row)
        for _ in range(count)
    ]
    labels, predictions = torch.tensor(pairs).T
    probs = nn.functional.one_hot(predictions, len(names)).float()
    return Classified(probs=probs, labels=labels, class_names=names)


def test_a_small_matrix_is_shown_and_a_large_one_begins_with_the_largest_confusions():
    confusion = torch.tensor([[8, 2], [1, 9]])
    small: Any = confusion_section(answers(confusion, ("cat", "dog")))
    assert [[cell["count"] for cell in row["cells"]] for row in small["rows"]] == confusion.tolist()
    assert [row["accuracy"] for row in small["rows"]] == [0.8, 0.9]
    assert (small["largest"], small["folded"], small["turned"]) == ([], False, False)
    assert confusion_section(answers(confusion, ("cat", "hippo")))["turned"]

    confusion = 10 * torch.eye(31, dtype=torch.int64)
    confusion[4, 7], confusion[9, 2] = 3, 10
    names = tuple(f"class {k}" for k in range(31))
    large: Any = confusion_section(answers(confusion, names))
    assert large["largest"] == [
        {"label": "class 9", "prediction": "class 2", "count": 10, "share": 0.5},
        {"label": "class 4", "prediction": "class 7", "count": 3, "share": 3 / 13},
    ]
    page = render_page("evaluation/confusion.html", section=large)
    assert page.index("class 9") < page.index("The whole matrix: 31 x 31")
    assert page.count('<td class="right">') == 31
    assert page.count("<td style=") == 2


def test_beyond_a_hundred_classes_there_is_only_the_list():
    names = tuple(str(k) for k in range(101))
    section: Any = confusion_section(answers(torch.eye(101, dtype=torch.int64), names))
    assert section["rows"] == []
    page = render_page("evaluation/confusion.html", section=section)
    assert "It takes no class for another." in page
    assert "The whole matrix" not in page


def test_a_mistake_is_shown_with_its_classes_and_probability():
    images = noise(("cat", "dog"))
    probs = torch.tensor([[0.25, 0.75], [0.1, 0.9], [0.9, 0.1], [0.6, 0.4]])
    given = Classified(probs=probs, labels=images.test_labels, class_names=images.class_names)
    section: Any = mistakes_section(given, images.test_images)
    assert [each["index"] for each in section["mistakes"]] == [0, 3]
    first = section["mistakes"][0]
    assert (first["label"], first["prediction"], first["prob"]) == ("cat", "dog", 0.75)
    assert first["picture"] == thumbnail(images.test_images[0], 128)


# --- In a browser --------------------------------------------------------------------


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_window(width: int, browser: Browser, tmp_path: Path):
    names = (*AWKWARD, "x" * 120, *(f"golden retriever {k}" for k in range(20)))
    file = tmp_path / "report.html"
    file.write_text(page_of(noise(names)))
    page = browser.new_page(viewport={"width": width, "height": 900})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    for number in range(page.locator("details").count()):
        page.locator("details").nth(number).evaluate("each => each.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    for selector in (".mistake > div", ".strip > div", ".warning"):
        assert page.evaluate(
            "selector => [...document.querySelectorAll(selector)]"
            ".every(each => each.scrollWidth <= each.clientWidth)",
            selector,
        ), selector
    assert [url for url in asked if not url.startswith("data:")] == [file.as_uri()]
    page.close()
