"""How fast this machine learns to read MNIST: the CNN's preset `fast`, once for each seed."""

import statistics
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from torchcamp.bench.machine import Machine, describe, load
from torchcamp.recipes.train import Reports, Request, train
from torchcamp.training.devices import resolve_device
from torchcamp.training.run_folder import RunFolder

RECIPE, PRESET, DATA = "cnn", "fast", "mnist"


@dataclass(frozen=True, kw_only=True)
class Lap:
    """One training.

    seconds: of its steps, without loading the data and evaluating.
    """

    seed: int
    seconds: float
    test_accuracy: float


@dataclass(frozen=True, kw_only=True)
class Speedrun:
    """All trainings, and where they ran."""

    recipe: str
    preset: str
    data: str
    epochs: int
    precision: str
    machine: Machine
    laps: tuple[Lap, ...]

    @property
    def mean_seconds(self) -> float:
        return statistics.fmean(lap.seconds for lap in self.laps)

    @property
    def mean_accuracy(self) -> float:
        return statistics.fmean(lap.test_accuracy for lap in self.laps)

    def as_json(self) -> dict[str, Any]:
        """What `torchcamp bench speedrun --json` prints."""
        return {
            **asdict(self),
            "laps": [asdict(lap) for lap in self.laps],
            "mean_seconds": self.mean_seconds,
            "mean_test_accuracy": self.mean_accuracy,
        }


def speedrun(
    seeds: Sequence[int],
    *,
    device: str = "auto",
    report: Callable[[str], None] = lambda line: None,
    finished: Callable[[Lap], None] = lambda lap: None,
) -> Speedrun:
    """Train once for each seed, with every setting as the preset has it; no run folder is left.

    Args:
        report: called with a line about the data.
        finished: called after each training.

    Raises:
        DataError: MNIST is not here and cannot be fetched.
        DeviceError: an unknown device.
    """
    load_before = load()
    laps: list[Lap] = []
    run: dict[str, Any] = {}
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            request = Request(
                RECIPE, preset=PRESET, data=DATA, seed=seed, device=device, out=Path(folder)
            )
            outcome = train(request, Reports(line=report))
            run = RunFolder.open(outcome.run).description()
        laps.append(
            Lap(
                seed=seed,
                seconds=outcome.train_seconds,
                test_accuracy=outcome.measures["test_accuracy"],
            )
        )
        finished(laps[-1])
    return Speedrun(
        recipe=RECIPE,
        preset=PRESET,
        data=DATA,
        epochs=run["numbers"]["epochs"],
        precision=run["precision"],
        machine=describe(resolve_device(device), load_before),
        laps=tuple(laps),
    )
