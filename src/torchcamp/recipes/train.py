"""From a recipe to a finished run folder, and from a stopped one to its end."""

import platform
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

import torchcamp
from torchcamp.base.errors import RecipeError, RunError
from torchcamp.base.files import write_atomically
from torchcamp.evaluation.report import render_report
from torchcamp.recipes.measures import measures_key
from torchcamp.recipes.recipe import Recipe, numbers, with_numbers, with_settings
from torchcamp.recipes.registry import (
    find_recipe,
    is_file,
    preset_for,
    presets,
    sources,
    split_file,
)
from torchcamp.training.devices import resolve_device, resolve_precision
from torchcamp.training.loop import Progress, Training, fit
from torchcamp.training.run_folder import RunFolder


@dataclass(kw_only=True)
class Outcome:
    """How a training ended.

    run: its folder. finished: False when it was stopped. already: nothing was left to do.
    seconds: of this sitting, everything included. train_seconds: in steps, over all sittings.
    measures: the few numbers of the end, such as `test_accuracy`.
    """

    run: Path
    finished: bool
    already: bool
    seconds: float
    train_seconds: float
    measures: dict[str, float]


@dataclass(kw_only=True)
class Reports:
    """Who is told what while a run goes on."""

    line: Callable[[str], None] = lambda line: None
    started: Callable[[Training, RunFolder], None] = lambda training, run: None
    progress: Callable[[Progress], None] = lambda progress: None
    should_stop: Callable[[], bool] = lambda: False


def train(
    name: str,
    *,
    preset: str | None = None,
    settings: Sequence[str] = (),
    data: str | None = None,
    epochs: int | None = None,
    seed: int | None = None,
    device: str = "auto",
    precision: str = "auto",
    out: Path = Path("runs"),
    log_every: int = 50,
    command: Sequence[str] = (),
    reports: Reports | None = None,
) -> Outcome:
    """Train the recipe `name` into a new folder in `out`.

    Raises:
        RecipeError, DataError, DeviceError, RunError: what was asked for cannot be done; Diverged.
    """
    reports = reports or Reports()
    started = time.perf_counter()
    if not is_file(name):
        preset = preset or preset_for(presets(name), data)
    recipe = find_recipe(name, preset)
    given = {"data": data, "epochs": epochs, "seed": seed}
    recipe = with_settings(recipe, [f"{k}={v}" for k, v in given.items() if v is not None])
    recipe = with_settings(recipe, settings)
    place = resolve_device(device)
    precision = resolve_precision(precision, recipe.precisions, place)
    dataset = recipe.load(reports.line)
    recipe = recipe.fitted(dataset)
    training = _build(recipe, place, dataset)
    label = _label(split_file(name)[0]) if is_file(name) else name
    run = RunFolder.create(out, label)
    run.lock()
    try:
        if is_file(name):
            (run.path / "source").mkdir()
            for file in sources(split_file(name)[0]):
                shutil.copy(file, run.path / "source" / file.name)
        run.describe(
            recipe=name,
            preset=None if is_file(name) else preset,
            numbers=numbers(recipe),
            data={"name": dataset.name, "sha256": dataset.sha256},
            device=str(place),
            device_name=_device_name(place),
            precision=precision,
            threads=torch.get_num_threads(),
            log_every=log_every,
            versions={
                "torchcamp": torchcamp.__version__,
                "torch": torch.__version__,
                "python": platform.python_version(),
            },
            command=list(command),
            started=time.strftime("%Y-%m-%dT%H:%M:%S%z"),
            finished=None,
        )
        return _go(run, recipe, training, dataset, place, precision, reports, started)
    finally:
        run.unlock()


def resume(
    path: Path,
    *,
    name: str | None = None,
    preset: str | None = None,
    settings: Sequence[str] = (),
    data: str | None = None,
    epochs: int | None = None,
    seed: int | None = None,
    device: str = "auto",
    precision: str = "auto",
    reports: Reports | None = None,
) -> Outcome:
    """Go on with the run in `path`: its recipe, data, seed, numbers and threads.

    What is given besides must agree with the run.

    Raises:
        RunError: no run there, in use, or something given disagrees; RecipeError, DataError,
        DeviceError, Diverged as in `train`.
    """
    reports = reports or Reports()
    started = time.perf_counter()
    run = RunFolder.open(path)
    run.lock()
    try:
        description = run.description()
        recipe = load_recipe(description, run.path / "source")
        _require_same(description, recipe, name, preset, settings, data, epochs, seed)
        if run.finished:
            return Outcome(
                run=run.path,
                finished=True,
                already=True,
                seconds=time.perf_counter() - started,
                train_seconds=run.train_seconds,
                measures=description["summary"],
            )
        place = resolve_device(description["device"] if device == "auto" else device)
        if precision not in ("auto", description["precision"]):
            raise RunError(f"this run computes in {description['precision']}, not in {precision}")
        torch.set_num_threads(description["threads"])
        dataset = recipe.load(reports.line)
        if dataset.sha256 != description["data"]["sha256"]:
            raise RunError(f"the data {dataset.name} is not what this run began with")
        training = _build(recipe, place, dataset)
        return _go(
            run, recipe, training, dataset, place, description["precision"], reports, started
        )
    finally:
        run.unlock()


def load_recipe(description: dict[str, Any], source: Path) -> Recipe:
    """The recipe that a run.json or a card describes, with its numbers.

    Raises:
        RecipeError: it cannot be found or does not take these numbers any more.
    """
    name = description["recipe"]
    if is_file(name):
        place, _, function = name.rpartition(":")
        name = f"{source / Path(place).name}:{function}"
    return with_numbers(find_recipe(name, description["preset"]), description["numbers"])


def _label(file: Path) -> str:
    """A run's name: the file's, or its project's where the file is called what many are."""
    return file.resolve().parent.name if file.stem == "recipe" else file.stem


def _build(recipe: Recipe, device: torch.device, dataset: Any) -> Training:
    try:
        return recipe.build(device, dataset)
    except ValueError as error:
        raise RecipeError(str(error)) from error


def _go(
    run: RunFolder,
    recipe: Recipe,
    training: Training,
    dataset: Any,
    device: torch.device,
    precision: str,
    reports: Reports,
    started: float,
) -> Outcome:
    earlier = run.description().get("seconds", 0.0)
    reports.started(training, run)
    finished = fit(
        training,
        num_epochs=recipe.epochs,
        device=device,
        precision=precision,
        run=run,
        log_every=run.description()["log_every"],
        should_stop=reports.should_stop,
        on_progress=reports.progress,
    )
    measures: dict[str, float] = {}
    if finished:
        training.network.eval()
        evaluation = recipe.evaluate(training.network, dataset)
        measures = evaluation.summary
        run.describe(
            measures=evaluation.measures,
            details=evaluation.details,
            summary=measures,
            measures_key=measures_key(run.path / "weights.safetensors", dataset.sha256),
            train_seconds=run.train_seconds,
            seconds=earlier + time.perf_counter() - started,
        )
        page = render_report(
            run.description(),
            run.rows("metrics.jsonl"),
            run.rows("timing.jsonl"),
            evaluation,
            frames=run.sample_files(),
        )
        write_atomically(run.path / "report.html", lambda part: part.write_text(page))
        run.describe(finished=time.strftime("%Y-%m-%dT%H:%M:%S%z"))
    else:
        run.describe(seconds=earlier + time.perf_counter() - started)
    return Outcome(
        run=run.path,
        finished=finished,
        already=False,
        seconds=time.perf_counter() - started,
        train_seconds=run.train_seconds,
        measures=measures,
    )


def _require_same(
    description: dict[str, Any],
    recipe: Recipe,
    name: str | None,
    preset: str | None,
    settings: Sequence[str],
    data: str | None,
    epochs: int | None,
    seed: int | None,
) -> None:
    for what, given, own in (
        ("recipe", name, description["recipe"]),
        ("preset", preset, description["preset"]),
        ("data", None if data == "auto" else data, recipe.data),
        ("epochs", epochs, recipe.epochs),
        ("seed", seed, recipe.seed),
    ):
        if given is not None and given != own:
            raise RunError(f"this run has {what} {own}, not {given}: start a new one for that")
    if settings and numbers(with_settings(recipe, settings)) != numbers(recipe):
        raise RunError("this run has other numbers than --set asks for: start a new one for them")


def _device_name(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return platform.processor() or platform.machine()
