"""Training in a page: the rate that is moved, and a network that is broken by it."""

from pathlib import Path
from typing import Any

import pytest

from torchcamp.figures import live_training
from torchcamp.figures.live_training import TrainingInPage
from torchcamp.recipes.train import Request, train
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


def rows_of(page: TrainingInPage) -> list[tuple[int, int, dict[str, float]]]:
    return [(row["step"], row["num_steps"], row["values"]) for row in page.widget._rows]


def test_the_curves_are_there_again_after_the_kernel_was_restarted(tmp_path: Path):
    """They are in the run's folder; a run of the command line, or on other data, is not this page's."""
    before = in_page(tmp_path, thread=InTurn)
    assert rows_of(before) == []
    before.start()
    again = in_page(tmp_path)
    assert rows_of(again) == rows_of(before) != []
    assert again.widget.words == before.widget.words
    assert again.widget.words.startswith("done in ")
    train(Request("mlp", data="digits", epochs=1, settings=["lr=0.02"], device="cpu", out=tmp_path))
    assert rows_of(in_page(tmp_path)) == rows_of(before)
    assert TrainingInPage("mlp", data="mnist", epochs=1, out=tmp_path, rate=0.01).widget._rows == []
    again.widget.tell(running=True, words="", fresh=True)
    assert rows_of(again) == []


def test_so_are_those_of_a_run_that_was_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(live_training, "LOG_EVERY", 1)
    options: dict[str, Any] = {"data": "digits", "epochs": 3, "out": tmp_path, "rate": 0.01}
    before = TrainingInPage("mlp", **options, thread=InTurn)
    monkeypatch.setattr(before, "_should_stop", lambda: before.step >= 1)
    before.start()
    again = TrainingInPage("mlp", **options)
    assert again.widget.words == before.widget.words
    assert again.widget.words.startswith("stopped after ")
    assert rows_of(again) == rows_of(before) != []


class InTurn:
    """A thread that has done its work when `start` returns."""

    def __init__(self, target: Any, args: tuple[Any, ...], daemon: bool) -> None:
        self.work = lambda: target(*args)

    def start(self) -> None:
        self.work()

    def is_alive(self) -> bool:
        return False
