"""Train a recipe inside a lesson's page, controlled by its buttons."""

import math
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from torchcamp.base.errors import Diverged, RunError
from torchcamp.recipes.train import Reports, Request, train
from torchcamp.recipes.trained import newest_run
from torchcamp.training.loop import Progress, Training
from torchcamp.training.run_folder import RunFolder
from torchcamp.widgets.live_training import LiveTraining, a_row

IN_LESSON = "(in the lesson)"  # in the command of a run that a page began
LOG_EVERY = 10  # steps between points of the curves
STUCK = 20  # points in a row at the loss of guessing, after which a network will not recover
DEAD = (
    "The loss stays at that of guessing. Too high a rate has broken this network, and a lower one does "
    "not mend it: press {button} for a new one."
)


class TrainingInPage:
    """Trains a recipe in a thread of the lesson's kernel, controlled by the page's buttons.

    Args:
        recipe, data, epochs: as on the command line.
        out: the folder that gets the run folder; it is a run like any other.
        rate: the learning rate to start with.
        thread: thread class whose messages reach the page (marimo's `mo.Thread`).
        on_end: called with the run's folder after a run that has weights.
    """

    def __init__(
        self,
        recipe: str,
        *,
        data: str,
        epochs: int,
        out: Path,
        rate: float,
        thread: Callable[..., Any] = threading.Thread,
        on_end: Callable[[Path], None] = lambda run: None,
    ) -> None:
        self.recipe, self.data, self.epochs, self.out = recipe, data, epochs, out
        self.make_thread, self.on_end = thread, on_end
        self.stopping = threading.Event()
        self.thread: Any = None
        self.training: Training | None = None
        self.run: RunFolder | None = None
        self.step = 0
        self.usual_rate = rate
        self.asked_rate = rate  # of the run: what its settings say
        self.by_hand: list[dict[str, float]] = []
        self.losses: deque[float] = deque(maxlen=STUCK)
        self.widget = LiveTraining(
            start=self.start,
            stop=self.stop,
            set_rate=self.set_rate,
            rate=rate,
            lowest_rate=1e-4,
            highest_rate=1.0,
            what=f"{recipe} on {data}, {epochs} epochs, by the same engine as torchcamp train",
        )
        self._recall()

    def start(self) -> None:
        """Start a new run, unless one is in progress."""
        before = self.thread
        if before is not None and before.is_alive() and not self.stopping.is_set():
            return
        self.widget.tell(running=True, words="loading the data …", fresh=True)
        self.thread = self.make_thread(target=self._train, args=(before,), daemon=True)
        self.thread.start()

    def stop(self) -> None:
        """Stop after the current step and save the run."""
        if self.thread is not None and self.thread.is_alive():
            self.stopping.set()
            self.widget.tell(running=False, words="stopped, saving …")

    def _recall(self) -> None:
        """Show the curves of the last run that a lesson made, as after a restart of the kernel."""
        path = newest_run(
            [self.out],
            recipe=self.recipe,
            accept=lambda each: (
                IN_LESSON in each.get("command", ()) and each["numbers"].get("data") == self.data
            ),
        )
        if path is None:
            return
        try:
            run = RunFolder.open(path)
            description, stored = run.description(), run.rows("metrics.jsonl")
        except RunError as error:
            self.widget.tell(running=False, words=str(error))
            return
        if not stored or not stored[-1]["epoch"]:
            return
        epochs = description["numbers"].get("epochs", self.epochs)
        num_steps = round(stored[-1]["step"] / stored[-1]["epoch"] * epochs)
        rows = [
            a_row(
                row["step"],
                num_steps,
                {name: value for name, value in row.items() if name not in ("step", "epoch")},
            )
            for row in stored
        ]
        accuracy = description.get("measures", {}).get("accuracy")
        if description.get("finished") and accuracy and "seconds" in description:
            words = _done(description["seconds"], accuracy["value"])
        else:
            words = _stopped(stored[-1]["step"])
        self.widget.recall(rows, words)

    def set_rate(self, rate: float) -> None:
        """Set the peak of the schedule to `rate`; recorded in run.json, because the recipe's settings
        alone no longer describe the run. Before the first step the rate waits in the widget."""
        if self.training is None:
            return
        schedule = self.training.state["schedule"]
        schedule.base_lrs = [rate] * len(schedule.base_lrs)
        self.by_hand.append({"step": self.step, "lr": rate})

    def _train(self, before: Any) -> None:
        if before is not None:
            before.join()  # a stopped run may still be saving
        self.stopping.clear()
        self.by_hand, self.step, self.training, self.run = [], 0, None, None
        self.losses.clear()
        self.asked_rate = self.widget.rate
        try:
            outcome = train(
                Request(
                    self.recipe,
                    data=self.data,
                    epochs=self.epochs,
                    settings=[f"lr={self.asked_rate}"],
                    device="cpu",
                    out=self.out,
                    log_every=LOG_EVERY,
                    command=["torchcamp", "train", self.recipe, IN_LESSON],
                ),
                Reports(started=self._started, progress=self._show, should_stop=self._should_stop),
            )
        except Diverged as error:
            self.widget.tell(running=False, words=str(error))
            return
        except Exception as error:  # show it in the page: nobody reads this thread's stderr
            self.widget.tell(running=False, words=f"training failed: {error}")
            return
        if outcome.finished:
            result = _done(outcome.seconds, outcome.measures["test_accuracy"])
        else:
            result = _stopped(self.step)
        if self._is_dead():
            result += f". {DEAD.format(button='Start')}"
        self.widget.tell(running=False, words=result)
        if self.by_hand and self.run:
            self.run.describe(by_hand=self.by_hand)
        if (outcome.run / "weights.safetensors").exists():
            self.on_end(outcome.run)

    def _started(self, training: Training, run: RunFolder) -> None:
        self.training, self.run = training, run
        if self.widget.rate != self.asked_rate:  # moved while the data were loading
            self.set_rate(self.widget.rate)

    def _is_dead(self) -> bool:
        """Whether the rate was raised, and the loss has long been that of one answer for all."""
        config: Any = self.training.network.config if self.training else None
        guessing = math.log(getattr(config, "num_classes", 1))
        raised = max([self.asked_rate, *(each["lr"] for each in self.by_hand)]) > self.usual_rate
        is_stuck = len(self.losses) == STUCK and min(self.losses) > 0.98 * guessing > 0
        return raised and is_stuck

    def _show(self, progress: Progress) -> None:
        self.step = progress.step
        if "loss" in progress.values:
            self.losses.append(progress.values["loss"])
        self.widget.show(
            step=progress.step,
            num_steps=progress.num_steps,
            values=progress.values,
            steps_per_second=progress.steps_per_second,
            warning=DEAD.format(button="Stop, then Start,") if self._is_dead() else "",
        )

    def _should_stop(self) -> bool:
        return self.stopping.is_set() or bool(getattr(self.thread, "should_exit", False))


def _done(seconds: float, accuracy: float) -> str:
    return f"done in {seconds:.0f} s: {100 * accuracy:.2f} % of the test images"


def _stopped(step: int) -> str:
    return f"stopped after {step} steps"
