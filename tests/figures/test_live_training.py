"""Training in a page: the rate that is moved, and a network that is broken by it."""

from pathlib import Path
from typing import Any

import pytest

from torchcamp.figures import live_training
from torchcamp.figures.live_training import TrainingInPage
from torchcamp.training.loop import Progress
from torchcamp.training.run_folder import RunFolder


def in_page(out: Path, **options: Any) -> TrainingInPage:
    return TrainingInPage("mlp", data="digits", epochs=1, out=out, rate=0.01, **options)


def test_a_rate_moved_before_the_first_step_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """While the data are loading there is no schedule yet that could take it."""
    page = in_page(tmp_path)
    seen: list[float] = []
    real = live_training.train

    def slow(request: Any, reports: Any) -> Any:
        page.widget._act(page.widget, {"kind": "rate", "rate": 0.2}, [])
        return real(request, reports)

    monkeypatch.setattr(live_training, "train", slow)
    page.on_end = lambda run: seen.extend(
        each["lr"] for each in RunFolder.open(run).description()["by_hand"]
    )
    page._train(None)
    assert page.training is not None
    assert page.training.state["schedule"].base_lrs[0] == pytest.approx(0.2)
    assert seen == [pytest.approx(0.2)]


def shown(page: TrainingInPage, monkeypatch: pytest.MonkeyPatch, losses: list[float]) -> list[str]:
    warnings: list[str] = []
    monkeypatch.setattr(page.widget, "show", lambda **row: warnings.append(row["warning"]))
    for step, loss in enumerate(losses):
        page._show(
            Progress(step=step, num_steps=99, epoch=0.0, num_epochs=1, values={"loss": loss},
                evaluated=False, notice=None, steps_per_second=9.0)
        )  # fmt: skip
    return warnings


def test_a_network_that_will_not_recover_is_said_to_be_dead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    page = in_page(tmp_path)
    page._train(None)
    page.losses.clear()
    stuck = [2.31] * live_training.STUCK
    assert not any(shown(page, monkeypatch, stuck))  # the rate was never raised: only slow
    page.set_rate(1.0)
    warnings = shown(page, monkeypatch, [1.5, *stuck])
    assert "press Stop, then Start" in warnings[-1]
    assert not any(warnings[:-1])
