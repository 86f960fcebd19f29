"""What a run tells TensorBoard, W&B and MLflow, also when it is resumed, and when they fail."""

import importlib.machinery
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import torch
from PIL import Image

from tests.described import described
from torchcamp.base.errors import RunError
from torchcamp.training.loggers import Loggers
from torchcamp.training.loop import Progress
from torchcamp.training.run_folder import RunFolder


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    run = RunFolder.create(tmp_path, "cnn")
    run.describe(**described(numbers={"lr": 0.5, "model": {"channels": [2, 3]}}))
    return run


def row(step: int, **values: float) -> Progress:
    return Progress(
        step=step, num_steps=100, epoch=step / 10, num_epochs=10, values=values, evaluated=False,
        notice=None, steps_per_second=1.0,
    )  # fmt: skip


def logged(run: RunFolder, names: list[str], *rows: Progress, finished: bool = True) -> list[str]:
    """Log these rows; what was said about failures."""
    said: list[str] = []
    with Loggers(names, said.append) as loggers:
        loggers.started(None, run)  # type: ignore[arg-type]
        for each in rows:
            loggers.progress(each)
        loggers.finish(finished)
    return said


# --- TensorBoard, the real one -------------------------------------------------------------


def read(run: RunFolder) -> Any:
    """The event files as TensorBoard reads them."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(run.path / "tensorboard"), purge_orphaned_data=True)
    events.Reload()
    return events


def scalars(run: RunFolder, name: str) -> list[tuple[int, float]]:
    return [(event.step, event.value) for event in read(run).Scalars(name)]


def test_tensorboard_gets_rows_pictures_settings_and_final_measures(run: RunFolder):
    run.describe(
        measures={"accuracy": {"value": 0.75, "error": None, "unit": "share", "num_samples": 4}}
    )
    loggers = Loggers(["tensorboard"], pytest.fail)
    loggers.started(None, run)  # type: ignore[arg-type]
    loggers.progress(row(5, loss=2.0, lr=0.25))
    loggers.progress(row(10, test_loss=1.5))
    run.save_samples(1, torch.rand(4, 1, 6, 6))
    loggers.finish(True)
    assert scalars(run, "loss") == [(5, 2.0)]
    assert scalars(run, "lr") == [(5, 0.25)]
    assert scalars(run, "test_loss") == [(10, 1.5)]
    assert scalars(run, "final/accuracy") == [(10, 0.75)]
    (picture,) = read(run).Images("samples")
    assert picture.step == 10
    with Image.open(run.sample_files()[0]) as drawn:
        assert (picture.width, picture.height) == drawn.size
    (text,) = read(run).Tensors("settings/text_summary")
    assert b"model.channels: [2, 3]" in text.tensor_proto.string_val[0]


def test_a_resumed_run_writes_rows_again_that_came_after_its_checkpoint(run: RunFolder):
    rows = [row(5, loss=2.0), row(10, loss=1.0), row(15, loss=9.0)]
    logged(run, ["tensorboard"], *rows, finished=False)
    logged(run, ["tensorboard"], row(15, loss=0.5), row(20, loss=0.25))
    assert scalars(run, "loss") == [(5, 2.0), (10, 1.0), (15, 0.5), (20, 0.25)]


# --- The others, by what is called ---------------------------------------------------------


class Calls(ModuleType):
    """A module that writes down the calls on it and on what they return."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__spec__ = importlib.machinery.ModuleSpec(name, None)
        self.calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []

    def record(self, name: str, result: Any = None) -> Callable[..., Any]:
        def call(*args: Any, **more: Any) -> Any:
            self.calls.append((name, args, more))
            return result

        return call

    def named(self, name: str) -> list[tuple[tuple[Any, ...], dict[str, Any]]]:
        return [(args, more) for called, args, more in self.calls if called == name]


@pytest.fixture
def wandb(monkeypatch: pytest.MonkeyPatch) -> Any:
    module: Any = Calls("wandb")
    opened = SimpleNamespace(log=module.record("log"), finish=module.record("finish"))
    module.init = module.record("init", opened)
    module.Settings = lambda **settings: settings
    module.Image = lambda file: ("picture", Path(file).name)
    monkeypatch.setitem(sys.modules, "wandb", module)
    monkeypatch.delenv("WANDB_MODE", raising=False)
    return module


def test_wandb_is_offline_unless_told_otherwise(
    run: RunFolder, wandb: Any, monkeypatch: pytest.MonkeyPatch
):
    logged(run, ["wandb"], row(5, loss=2.0))
    monkeypatch.setenv("WANDB_MODE", "online")
    logged(run, ["wandb"], row(10, loss=1.0))
    first, second = (more for _, more in wandb.named("init"))
    assert (first["mode"], second["mode"]) == ("offline", "online")
    assert first["id"] == second["id"] == run.path.name  # a resumed run continues its log
    assert first["resume"] == "allow"
    assert first["dir"] == str(run.path)
    assert first["config"]["lr"] == 0.5
    assert first["config"]["model.channels"] == [2, 3]


def test_wandb_gets_rows_and_pictures(run: RunFolder, wandb: Any):
    with Loggers(["wandb"], pytest.fail) as loggers:
        loggers.started(None, run)  # type: ignore[arg-type]
        loggers.progress(row(5, loss=2.0, lr=0.1))
        run.save_samples(1, torch.rand(4, 1, 6, 6))
        loggers.progress(row(10, loss=1.0))
        loggers.finish(True)
    assert wandb.named("log") == [
        (({"loss": 2.0, "lr": 0.1},), {"step": 5}),
        (({"samples": ("picture", "epoch-001.png")},), {"step": 5}),
        (({"loss": 1.0},), {"step": 10}),
    ]
    assert wandb.named("finish") == [((), {"exit_code": 0})]


@pytest.fixture
def mlflow(monkeypatch: pytest.MonkeyPatch) -> Any:
    module: Any = Calls("mlflow")
    names = ("log_param", "log_metric", "log_artifact", "set_terminated", "update_run")
    client = SimpleNamespace(**{name: module.record(name) for name in names})
    client.get_experiment_by_name = module.record("get_experiment_by_name")
    client.create_experiment = module.record("create_experiment", "7")
    created = SimpleNamespace(info=SimpleNamespace(run_id="abc"))
    client.create_run = module.record("create_run", created)
    module.MlflowClient = lambda: client
    monkeypatch.setitem(sys.modules, "mlflow", module)
    return module


def test_mlflow_gets_settings_rows_and_pictures(run: RunFolder, mlflow: Any):
    loggers = Loggers(["mlflow"], pytest.fail)
    loggers.started(None, run)  # type: ignore[arg-type]
    loggers.progress(row(5, loss=2.0))
    run.save_samples(1, torch.rand(4, 1, 6, 6))
    loggers.finish(True)
    assert mlflow.named("create_run") == [(("7",), {"run_name": run.path.name})]
    params = {args[1]: args[2] for args, _ in mlflow.named("log_param")}
    assert params["recipe"] == "cnn"
    assert params["lr"] == 0.5
    ((args, more),) = mlflow.named("log_metric")
    assert args == ("abc", "loss", 2.0)
    assert more["step"] == 5
    assert mlflow.named("log_artifact") == [(("abc", str(run.sample_files()[0]), "samples"), {})]
    assert mlflow.named("set_terminated") == [(("abc",), {"status": "FINISHED"})]


def test_a_resumed_run_goes_on_in_its_mlflow_run(run: RunFolder, mlflow: Any):
    logged(run, ["mlflow"], row(5, loss=2.0), finished=False)
    assert mlflow.named("set_terminated")[-1] == (("abc",), {"status": "KILLED"})
    assert run.description()["mlflow_run"] == "abc"
    logged(run, ["mlflow"], row(10, loss=1.0))
    assert len(mlflow.named("create_run")) == 1
    assert len(mlflow.named("log_param")) == len({a[1] for a, _ in mlflow.named("log_param")})
    assert mlflow.named("update_run") == [(("abc",), {"status": "RUNNING"})]


# --- When something is wrong ---------------------------------------------------------------


def test_an_unknown_or_missing_logger_is_refused_at_once(monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(RunError, match="Did you mean 'tensorboard'"):
        Loggers(["tensorbord"], pytest.fail)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(RunError, match=r"pip install 'torchcamp\[wandb\]'"):
        Loggers(["wandb"], pytest.fail)


def test_a_logger_that_fails_is_reported_once_and_dropped(run: RunFolder, wandb: Any, mlflow: Any):
    def full(values: dict[str, float], step: int) -> None:
        if step > 5:
            raise OSError("disk\nfull")

    wandb.init = lambda **settings: SimpleNamespace(log=full, finish=wandb.record("finish"))
    rows = [row(step, loss=1.0) for step in (5, 10, 15)]
    said = logged(run, ["wandb", "mlflow"], *rows)
    assert said == ["wandb failed and gets no more of this run, which goes on: disk full"]
    assert wandb.named("finish") == []
    assert [more["step"] for _, more in mlflow.named("log_metric")] == [5, 10, 15]


def test_a_logger_that_cannot_be_opened_is_reported_once(run: RunFolder, mlflow: Any):
    def unreachable() -> None:
        raise ConnectionError

    mlflow.MlflowClient = unreachable
    said = logged(run, ["mlflow"], row(5, loss=1.0), row(10, loss=1.0))
    assert said == ["mlflow failed and gets no more of this run, which goes on: ConnectionError"]


def test_logs_that_nobody_finished_are_closed(run: RunFolder, wandb: Any):
    with Loggers(["wandb"], pytest.fail) as loggers:
        loggers.started(None, run)  # type: ignore[arg-type]
        loggers.progress(row(5, loss=2.0))
    assert wandb.named("finish") == [((), {"exit_code": 1})]


def test_pictures_of_an_earlier_sitting_are_not_logged_again(run: RunFolder, wandb: Any):
    run.save_samples(1, torch.rand(4, 1, 6, 6))
    logged(run, ["wandb"], row(15, loss=1.0))
    assert wandb.named("log") == [(({"loss": 1.0},), {"step": 15})]
