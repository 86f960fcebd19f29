"""Several runs on one page."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from torchcamp.evaluation.runs_report import (
    ShownRun,
    charts_of,
    differing,
    render_runs,
    stored_measures,
)

MEASURE = {"error": 0.01, "floor": None, "ceiling": 1.0, "unit": "share", "num_samples": 9}


def shown(name: str, lr: float = 0.1, **more: Any) -> ShownRun:
    return ShownRun(
        name=name,
        description={
            "recipe": "cnn", "preset": "default", "data": {"name": "digits"}, "device": "cpu",
            "numbers": {"lr": lr, "seed": 0, "model": {"channels": [2, 3]}}, **more,
        },
        rows=[
            {"step": 1, "epoch": 0.5, "loss": 2.0 * lr, "lr": lr},
            {"step": 2, "epoch": 1.0, "test_accuracy": 0.5, "notice": "careful"},
        ],
    )  # fmt: skip


def test_each_quantity_has_one_chart_with_a_line_for_each_run():
    charts = charts_of([shown("one"), shown("two", lr=0.2)])
    assert [chart["title"] for chart in charts] == [
        "Training loss", "Learning rate", "Test accuracy",
    ]  # fmt: skip
    for chart in charts:
        assert chart["svg"].count("<polyline") == 2
        assert re.findall(r'class="key series-(\d)">.*?<b>(\w+)<', chart["svg"]) == [
            ("0", "one"), ("1", "two"),
        ]  # fmt: skip


def test_a_run_keeps_its_colour_where_another_lacks_the_quantity():
    first = shown("one")
    rows = [{"step": 1, "epoch": 1.0, "kl": 3.0}]
    charts = charts_of([first, ShownRun(name="two", description={}, rows=rows)])
    (chart,) = [each for each in charts if each["title"] == "KL"]
    assert re.findall(r'class="key series-(\d)">.*?<b>(\w+)<', chart["svg"]) == [("1", "two")]


def test_settings_that_differ():
    one, two = shown("one").description, shown("two", lr=0.2, precision="bf16").description
    assert differing([one, two]) == [("lr", ["0.1", "0.2"]), ("precision", ["-", "bf16"])]
    assert differing([one, one]) == []


def test_measures_of_an_older_run_are_completed_from_its_confusion_matrix():
    description = {
        "measures": {"accuracy": {"value": 0.75, **MEASURE}},
        "details": {"confusion": [[3, 0], [1, 0]]},
    }
    measures = stored_measures(description)
    assert measures["balanced_accuracy"].value == 0.5
    assert stored_measures({}) == {}


def test_an_unfinished_run_is_shown(tmp_path: Path):
    done = shown("one", measures={"accuracy": {"value": 0.75, **MEASURE}}, train_seconds=3.0)
    page = render_runs([done, shown("<two>", lr=0.2)])
    assert "0.75" in page
    assert "not finished" in page
    assert "&lt;two&gt;" in page
    assert "<two>" not in page


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_a_phone_and_asks_for_nothing(tmp_path: Path, browser: Browser, scheme: Any):
    names = [f"cnn-20261125-22273{number}" for number in range(6)]
    runs = [shown(name, lr=0.1 * (1 + i)) for i, name in enumerate(names)]
    (tmp_path / "runs.html").write_text(render_runs(runs))
    page = browser.new_page(viewport={"width": 390, "height": 800}, color_scheme=scheme)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((tmp_path / "runs.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    colours = page.evaluate(
        "[...document.querySelectorAll('polyline')].map(e => getComputedStyle(e).stroke)"
    )
    assert len(set(colours[:6])) == 6
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    page.close()
