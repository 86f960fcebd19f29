"""What a sweep found: its trials, the best of them, and the command that trains with its settings."""

import shlex
from dataclasses import asdict, dataclass, field
from pathlib import Path

from torchcamp.recipes.search_space import Choice, Range


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One training with its own settings.

    number: counted from 1.
    settings: of those that vary, as they are typed.
    state: `done`; `pruned` if it was stopped early for being worse than the median; or `failed`.
    value: the measure at its end or, if it did not reach it, after its last whole epoch.
    epochs: that it was trained for.
    run: the name of its run folder inside the sweep's; None if it failed before it had one.
    reason: why it failed.
    """

    number: int
    settings: dict[str, str]
    state: str
    value: float | None
    epochs: int
    run: str | None
    seconds: float
    reason: str | None


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """A sweep, finished or not.

    objective: the measure that trials are judged by; maximise: whether more is better.
    space: the settings that vary.
    num_trials: that were asked for, at most as many as there are combinations.
    finite: whether every setting has a list of choices: each combination is then tried once.
    words: the command that trains with the fixed settings on all training data.
    """

    folder: Path
    recipe: str
    data: str
    objective: str
    maximise: bool
    space: list[Range | Choice]
    num_trials: int
    finite: bool
    words: list[str]
    trials: list[Trial] = field(default_factory=list)

    @property
    def finished(self) -> bool:
        return len(self.trials) >= self.num_trials

    @property
    def best(self) -> Trial | None:
        """The best trial that reached its end, the first of equals."""
        done = [trial for trial in self.trials if trial.state == "done"]
        sign = -1 if self.maximise else 1
        return min(done, key=lambda trial: sign * (trial.value or 0.0), default=None)

    @property
    def command(self) -> str | None:
        """What trains with the best settings on all training data, judged on the test set."""
        if self.best is None:
            return None
        settings = [f"{name}={text}" for name, text in self.best.settings.items()]
        return shlex.join([*self.words, *(word for text in settings for word in ("--set", text))])

    @property
    def seconds_left(self) -> float:
        """At the mean time of the trials so far."""
        mean = sum(trial.seconds for trial in self.trials) / max(len(self.trials), 1)
        return mean * (self.num_trials - len(self.trials))

    def as_json(self) -> dict[str, object]:
        """What sweep.json holds and `torchcamp sweep --json` prints."""
        best = self.best
        return {
            "sweep": str(self.folder),
            "recipe": self.recipe,
            "data": self.data,
            "objective": self.objective,
            "direction": "maximise" if self.maximise else "minimise",
            "best": asdict(best) if best else None,
            "command": self.command,
            "finished": self.finished,
            "trials": [asdict(trial) for trial in self.trials],
        }
