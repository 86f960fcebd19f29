"""Repeat a run's rows to TensorBoard, Weights & Biases or MLflow.

The run folder stays the truth: a service that fails while a run is in progress is reported once and
dropped, and the run goes on. A resumed run continues the log that it began.

    tensorboard   event files in RUN/tensorboard; look at them with: tensorboard --logdir runs
    wandb         offline, in RUN/wandb, unless WANDB_MODE says otherwise
    mlflow        where MLFLOW_TRACKING_URI says, else MLflow's own default
"""

import importlib.util
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from torchcamp.base.errors import RunError, suggest
from torchcamp.training.loop import Progress, Training
from torchcamp.training.run_folder import RunFolder

PROJECT = "torchcamp"
MLFLOW_RUN = "mlflow_run"  # the entry of run.json that a resumed run finds its log by


class Service(Protocol):
    """One open log."""

    def values(self, values: Mapping[str, float], step: int) -> None: ...

    def picture(self, file: Path, step: int) -> None: ...

    def close(self, finished: bool) -> None: ...


class Loggers:
    """The logs of one training: `started` and `progress` are the callbacks of `Reports`.

    Used as a context, so that logs are closed however a run ends.

    Args:
        names: of `SERVICES`.
        report: called with a sentence if one fails.

    Raises:
        RunError: an unknown name, or one whose package is not installed.
    """

    def __init__(self, names: Sequence[str], report: Callable[[str], None]) -> None:
        for name in names:
            if name not in SERVICES:
                hint = suggest(name, SERVICES, listed_as="Loggers")
                raise RunError(f"unknown logger {name!r}. {hint}")
            if importlib.util.find_spec(name) is None:
                raise RunError(
                    f"--log {name} needs the package {name}: pip install 'torchcamp[{name}]'"
                )
        self.names = list(dict.fromkeys(names))
        self.report = report
        self.open: dict[str, Service] = {}
        self.run: RunFolder | None = None
        self.pictures = 0  # that were drawn by now
        self.step = 0

    def started(self, training: Training, run: RunFolder) -> None:
        """Remember the run; its logs are opened with its first row, whose step is then known."""
        self.run = run
        self.pictures = len(run.sample_files())

    def progress(self, progress: Progress) -> None:
        """Log one row, and the pictures drawn since the last."""
        if self.step == 0:
            self._open(progress.step)
        self._log_pictures()
        self.step = progress.step
        self._each(lambda service: service.values(progress.values, progress.step))

    def finish(self, finished: bool) -> None:
        """Log the measures of a finished run as `final/NAME`, and close the logs."""
        if self.run is None:
            return
        self._log_pictures()
        measures = self.run.description().get("measures", {}) if finished else {}
        final = {f"final/{name}": measure["value"] for name, measure in measures.items()}
        if final:
            self._each(lambda service: service.values(final, self.step))
        self._each(lambda service: service.close(finished))
        self.open.clear()

    def __enter__(self) -> "Loggers":
        return self

    def __exit__(self, *exception: object) -> None:
        """Close what a run that failed has left open."""
        self._each(lambda service: service.close(False))

    def _open(self, first_step: int) -> None:
        assert self.run is not None  # the loop has called `started`
        for name in self.names:
            try:
                self.open[name] = SERVICES[name](self.run, first_step)
            except Exception as error:
                self._drop(name, error)

    def _each(self, act: Callable[[Service], None]) -> None:
        for name, service in list(self.open.items()):
            try:
                act(service)
            except Exception as error:
                del self.open[name]
                self._drop(name, error)

    def _drop(self, name: str, error: Exception) -> None:
        reason = " ".join(str(error).split()) or type(error).__name__
        self.report(f"{name} failed and gets no more of this run, which goes on: {reason}")

    def _log_pictures(self) -> None:
        """The loop draws an epoch's pictures after its row."""
        assert self.run is not None
        files = self.run.sample_files()
        for file in files[self.pictures :]:
            self._each(lambda service, file=file: service.picture(file, self.step))
        self.pictures = len(files)


class _TensorBoard:
    def __init__(self, run: RunFolder, first_step: int) -> None:
        from torch.utils.tensorboard import SummaryWriter

        # Rows that a killed run wrote after its last checkpoint come again.
        self.writer = SummaryWriter(
            str(run.path / "tensorboard"), purge_step=first_step, flush_secs=10
        )
        settings = _settings(run)
        text = "\n".join(f"    {name}: {value}" for name, value in settings.items())
        self.writer.add_text("settings", text, first_step)

    def values(self, values: Mapping[str, float], step: int) -> None:
        for name, value in values.items():
            self.writer.add_scalar(name, value, step)

    def picture(self, file: Path, step: int) -> None:
        import numpy as np
        from PIL import Image

        with Image.open(file) as image:
            self.writer.add_image(
                "samples", np.asarray(image.convert("RGB")), step, dataformats="HWC"
            )

    def close(self, finished: bool) -> None:
        self.writer.close()


class _WandB:
    def __init__(self, run: RunFolder, first_step: int) -> None:
        import wandb  # pyright: ignore[reportMissingImports]

        self.wandb = wandb
        self.run = wandb.init(
            project=PROJECT,
            name=run.path.name,
            id=run.path.name,
            dir=str(run.path),
            config=_settings(run),
            resume="allow",
            mode=os.environ.get("WANDB_MODE", "offline"),
            settings=wandb.Settings(silent=True),
        )

    def values(self, values: Mapping[str, float], step: int) -> None:
        self.run.log(dict(values), step=step)

    def picture(self, file: Path, step: int) -> None:
        self.run.log({"samples": self.wandb.Image(str(file))}, step=step)

    def close(self, finished: bool) -> None:
        self.run.finish(exit_code=0 if finished else 1)


class _MLflow:
    def __init__(self, run: RunFolder, first_step: int) -> None:
        import mlflow  # pyright: ignore[reportMissingImports]

        self.client = mlflow.MlflowClient()
        self.id = run.description().get(MLFLOW_RUN)
        if self.id is None:
            found = self.client.get_experiment_by_name(PROJECT)
            experiment = found.experiment_id if found else self.client.create_experiment(PROJECT)
            self.id = self.client.create_run(experiment, run_name=run.path.name).info.run_id
            run.describe(**{MLFLOW_RUN: self.id})
            for name, value in _settings(run).items():
                self.client.log_param(self.id, name, value)
        else:
            self.client.update_run(self.id, status="RUNNING")

    def values(self, values: Mapping[str, float], step: int) -> None:
        now = int(time.time() * 1000)
        for name, value in values.items():
            self.client.log_metric(self.id, name, value, timestamp=now, step=step)

    def picture(self, file: Path, step: int) -> None:
        self.client.log_artifact(self.id, str(file), "samples")

    def close(self, finished: bool) -> None:
        self.client.set_terminated(self.id, status="FINISHED" if finished else "KILLED")


def _settings(run: RunFolder) -> dict[str, Any]:
    """What run.json says of recipe, data and hyperparameters, flat: `lr`, `model.channels`."""
    description = run.description()
    flat: dict[str, Any] = {
        "recipe": description["recipe"],
        "preset": description["preset"],
        "data": description["data"]["name"],
        "device": description["device"],
        "precision": description["precision"],
    }
    for name, value in description["numbers"].items():
        if isinstance(value, Mapping):
            flat |= {f"{name}.{inner}": each for inner, each in value.items()}
        else:
            flat[name] = value
    return flat


SERVICES: dict[str, Callable[[RunFolder, int], Service]] = {
    "tensorboard": _TensorBoard,
    "wandb": _WandB,
    "mlflow": _MLflow,
}
