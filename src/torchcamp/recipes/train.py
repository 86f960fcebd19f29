"""From a recipe to a finished run folder, and from a stopped one to its end."""

import contextlib
import hashlib
import json
import platform
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Any

import torch

from torchcamp.base import notebook
from torchcamp.base.errors import RecipeError, RunError
from torchcamp.base.files import MOST_SOURCE, regular_text, save_text
from torchcamp.base.loading import without_collecting
from torchcamp.base.version import __version__
from torchcamp.evaluation.reference_networks import measures_key
from torchcamp.evaluation.report import render_report
from torchcamp.recipes.base import BaseRecipe
from torchcamp.recipes.recipe import Dataset, Recipe
from torchcamp.recipes.registry import (
    NAMES,
    find_recipe,
    is_file,
    load_recipe,
    own_code,
    preset_for,
    presets,
    require_room_for,
    sources,
    split_file,
)
from torchcamp.recipes.settings import hyperparameters, with_settings
from torchcamp.recipes.starting import Start, load_partly, start_from
from torchcamp.recipes.trust import require_trusted, trust
from torchcamp.training import distributed
from torchcamp.training.batch_norm import synchronise
from torchcamp.training.devices import keeping_freed_memory, resolve_device, resolve_precision
from torchcamp.training.distributed import Ranks
from torchcamp.training.loop import Progress, Training, early_stopping, fit
from torchcamp.training.run_folder import RunFolder


@dataclass(frozen=True)
class Request:
    """What to train and how, as on the command line; None leaves the recipe's own value.

    recipe: one of `registry.NAMES` or `FILE.py:function`; None when resuming, or for that of the
        run in `start`, with that run's hyperparameters.
    settings: `KEY=VALUE` texts, applied last.
    start: weights to begin with.
    shard: share networks and optimizer out among the processes.
    sync_batch_norm: batch norm over all processes' parts of a batch.
    graphs: replay each step as a CUDA graph; None leaves a resumed run as it began, and is no else.
    out: the folder that the run's folder is made in.
    log_every: steps between rows of metrics.jsonl.
    command: what was typed, for the record.
    """

    recipe: str | None = None
    _: KW_ONLY
    preset: str | None = None
    settings: Sequence[str] = ()
    data: str | None = None
    epochs: int | None = None
    seed: int | None = None
    start: Start | None = None
    device: str = "auto"
    precision: str = "auto"
    shard: bool = False
    sync_batch_norm: bool = False
    graphs: bool | None = None
    out: Path = Path("runs")
    log_every: int = 50
    command: Sequence[str] = ()


@dataclass(kw_only=True)
class Reports:
    """Callbacks invoked during a run.

    trained: called once all steps are done, before the run is measured and reported; may raise.
    """

    line: Callable[[str], None] = lambda line: None
    started: Callable[[Training, RunFolder], None] = lambda training, run: None
    progress: Callable[[Progress], None] = lambda progress: None
    should_stop: Callable[[], bool] = lambda: False
    trained: Callable[[], None] = lambda: None


@dataclass(kw_only=True)
class Outcome:
    """How a training ended.

    run: its folder. finished: False if it was stopped. already: nothing was left to do.
    seconds: of this sitting, everything included. train_seconds: in steps, over all sittings.
    capture_seconds: in capturing steps as CUDA graphs, likewise.
    measures: the few numbers at the end, such as `test_accuracy`.
    """

    run: Path
    finished: bool
    already: bool
    seconds: float
    train_seconds: float
    measures: dict[str, float]
    capture_seconds: float = 0.0

    def _repr_html_(self) -> str:
        """The run's folder, its end and its measures, for a notebook."""
        end = "finished" if self.finished else "stopped; resume it with torchcamp train --resume"
        rows = [
            ("run", notebook.bold(self.run)),
            ("state", notebook.text(end)),
            ("seconds of training", f"{self.train_seconds:.1f}"),
            *((notebook.text(k.replace("_", " ")), f"{v:.4g}") for k, v in self.measures.items()),
        ]
        return notebook.table(rows)


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """Everything that the steps of a run need."""

    recipe: Recipe
    dataset: Dataset
    training: Training
    device: torch.device
    precision: str


def train(request: Request, reports: Reports | None = None) -> Outcome:
    """Train what `request` asks for into a new run folder.

    Under a launcher such as `torchrun` all its processes train together. Where it has started them
    again after a failure, they go on with the run that they had begun.

    Raises:
        RecipeError, DataError, DeviceError, RunError: the request cannot be met.
        Diverged: a loss or a weight became infinite or nan.
    """
    reports = reports or Reports()
    with distributed.joined() as group:
        earlier = group.from_first(lambda: _begun(request.out)) if distributed.restarted() else None
        if earlier is not None:
            if group.rank == 0:
                reports.line(f"started again: {earlier} goes on from its last checkpoint")
            return resume(Path(earlier), request, reports)
        return _train(request, _spoken(reports, group), group)


def _train(request: Request, reports: Reports, group: Ranks) -> Outcome:
    started = time.perf_counter()
    named = request.recipe or (request.start.description.get("recipe", "") if request.start else "")

    def prepared_here() -> tuple[str, str | None, Prepared]:
        with own_code(named):
            return prepare(request, reports.line)

    name, preset, prepared = group.together(
        prepared_here, lambda answer: _identity(answer[0], answer[2])
    )
    class_names = list(getattr(prepared.dataset, "class_names", ()))
    if request.start is not None:
        reports.line(start_from(prepared.training, request.start, class_names))
    run: RunFolder | None = None

    def begin() -> str:
        nonlocal run
        run = _begin(request, name, preset, prepared, group.size)
        return str(run.path)

    try:
        path = Path(group.from_first(begin))
        with own_code(name):
            return _go(run, path, prepared, reports, started, request.log_every)
    finally:
        if run:
            run.unlock()


def _begin(
    request: Request, name: str, preset: str | None, prepared: Prepared, num_processes: int
) -> RunFolder:
    """A new run folder, locked, with all that is known before the first step."""
    recipe, dataset = prepared.recipe, prepared.dataset
    device, precision = prepared.device, prepared.precision
    run = RunFolder.create(request.out, _label(split_file(name)[0]) if is_file(name) else name)
    run.lock()
    try:
        if is_file(name):
            (run.path / "source").mkdir()
            for file in sources(split_file(name)[0]):
                shutil.copy(file, run.path / "source" / file.name)
            trust(run.path / "source")
        run.describe(
            recipe=name,
            preset=preset,
            numbers=hyperparameters(recipe),
            **_of_data(dataset),
            parent=_parent(request.start),
            device=str(device),
            device_name=_device_name(device),
            precision=precision,
            threads=torch.get_num_threads(),
            processes=num_processes,
            sharded=request.shard,
            sync_batch_norm=request.sync_batch_norm,
            graphs=bool(request.graphs),
            job=distributed.job(),
            log_every=request.log_every,
            versions={
                "torchcamp": __version__,
                "torch": torch.__version__,
                "python": platform.python_version(),
            },
            command=list(request.command),
            started=time.strftime("%Y-%m-%dT%H:%M:%S%z"),
            finished=None,
        )
        if request.start is not None:
            run.save_initial_weights(prepared.training.network)
        return run
    except BaseException:
        run.unlock()
        raise


def _spoken(reports: Reports, group: Ranks) -> Reports:
    """`reports` of the first process; of the others, only what stops the training."""
    if group.rank == 0:
        return reports
    return Reports(should_stop=reports.should_stop, trained=reports.trained)


def _begun(out: Path) -> str | None:
    """The run in `out` that this launcher's processes began before it started them again."""
    for path in sorted(out.glob("*/run.json"), key=lambda p: p.stat().st_mtime, reverse=True):
        with contextlib.suppress(RunError):
            run = RunFolder.open(path.parent)
            if run.description().get("job") == distributed.job():
                return str(run.path)
    return None


def _identity(name: str, prepared: Prepared) -> dict[str, str]:
    """What must be the same in all processes of a training: the code, the data and the numbers."""
    files = [*Path(__file__).parents[1].rglob("*.py")]
    files += sources(split_file(name)[0]) if is_file(name) else []
    code = hashlib.sha256(torch.__version__.encode())
    for content in sorted(file.read_bytes() for file in files):
        code.update(content)
    numbers = {**hyperparameters(prepared.recipe), "precision": prepared.precision}
    return {
        "code": code.hexdigest(),
        "data": prepared.dataset.sha256,
        "settings": json.dumps(numbers, default=str),
    }


def prepare(request: Request, report: Callable[[str], None]) -> tuple[str, str | None, Prepared]:
    """The recipe's name, its preset where it has any, and everything its steps need.

    Raises:
        RecipeError, DataError, DeviceError: the request cannot be met.
    """
    _require_several(request)
    name, preset, recipe = requested(request)
    device = resolve_device(request.device, distributed.ranks().size)
    precision = resolve_precision(request.precision, recipe.precisions, device)
    dataset = recipe.load(report)
    asked, recipe = recipe, _for_data(recipe, dataset)
    _require_kept(request, asked, recipe)
    if request.recipe is not None and isinstance(recipe, BaseRecipe):
        recipe = recipe.adapted(dataset, _chosen(request), report)
    prepared = Prepared(
        recipe=recipe,
        dataset=dataset,
        training=_build(recipe, device, dataset, request.shard, request.sync_batch_norm),
        device=device,
        precision=precision,
    )
    return name, preset, prepared


def _require_several(request: Request) -> None:
    for option, asked in (
        ("--shard", request.shard),
        ("--sync-batch-norm", request.sync_batch_norm),
    ):
        if asked and distributed.ranks().size == 1:
            raise RunError(f"{option} is for several processes: add --processes N, or leave it out")


def resume(path: Path, request: Request | None = None, reports: Reports | None = None) -> Outcome:
    """Continue the run in `path` with its recipe, data, seed, hyperparameters and threads.

    Args:
        path: the run's folder.
        request: must agree with the run wherever it says anything; its `out`, `log_every` and
            `command` are ignored.

    Raises:
        RunError: not a run folder, in use, or `request` disagrees with it.
        RecipeError, DataError, DeviceError, Diverged: as in `train`.
    """
    request = request or Request()
    with distributed.joined() as group:
        return _resume(path, request, _spoken(reports or Reports(), group), group)


def _resume(path: Path, request: Request, reports: Reports, group: Ranks) -> Outcome:
    started = time.perf_counter()
    run: RunFolder | None = None

    def open_run() -> dict[str, Any]:
        nonlocal run
        run = RunFolder.open(path)
        run.lock()
        source = sorted((run.path / "source").glob("*.py"))
        description = run.description()
        if is_file(description["recipe"]):
            require_trusted(run.path / "source")
        return {
            "path": str(run.path),
            "description": description,
            "source": {file.name: regular_text(file, MOST_SOURCE) for file in source},
            "train_seconds": run.train_seconds,
        }

    try:
        opened = group.from_first(open_run)
        description = opened["description"]
        prepared = group.together(
            lambda: _prepare_again(opened, request, reports.line, group.size),
            lambda prepared: _identity("", prepared) if prepared else {},
        )
        if prepared is None:
            return Outcome(
                run=Path(opened["path"]),
                finished=True,
                already=True,
                seconds=time.perf_counter() - started,
                train_seconds=opened["train_seconds"],
                measures=description["summary"],
            )
        if run and description.get("parent"):
            load_partly(prepared.training, run.load_initial_weights())
        begun = description.get("processes", 1)
        if begun != group.size:
            reports.line(
                f"this run had {begun} process{'es' if begun > 1 else ''} and now has {group.size}: "
                "it goes through the data in the same order, with other random numbers"
            )
        if run:
            run.sample_files()  # refused now, not after the training
            run.describe(
                processes=group.size,
                threads=torch.get_num_threads(),
                sharded=request.shard or description.get("sharded", False),
                sync_batch_norm=request.sync_batch_norm
                or description.get("sync_batch_norm", False),
                **({} if request.graphs is None else {"graphs": request.graphs}),
            )
        with own_code(description["recipe"], Path(opened["path"]) / "source"):
            return _go(
                run, Path(opened["path"]), prepared, reports, started, description["log_every"]
            )
    finally:
        if run:
            run.unlock()


def _prepare_again(
    opened: Mapping[str, Any], request: Request, report: Callable[[str], None], num_processes: int
) -> Prepared | None:
    """What the steps of a run need that goes on; None if it is finished.

    opened: its path, run.json and sources, which other machines need not see as files.
    """
    _require_several(request)
    description = opened["description"]
    with contextlib.ExitStack() as stack:
        source = Path(opened["path"]) / "source"
        if opened["source"] and not source.is_dir():
            source = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            for name, text in opened["source"].items():
                (source / name).write_text(text, "utf-8")
            trust(source, remember=False)  # the first process has seen to it
        recipe = load_recipe(description, source)
    _require_same(request, description, recipe)
    if description.get("finished") and "summary" in description:
        return None
    wanted = description["device"] if request.device == "auto" else request.device
    device = resolve_device(wanted, num_processes)
    if request.precision not in ("auto", description["precision"]):
        raise RunError(
            f"this run computes in {description['precision']}, not in {request.precision}: "
            "leave --precision out"
        )
    if description.get("processes", 1) == num_processes:
        torch.set_num_threads(description["threads"])
    with own_code(description["recipe"], Path(opened["path"]) / "source"):
        dataset = recipe.load(report)
    if dataset.sha256 != description["data"]["sha256"]:
        raise RunError(
            f"the data {dataset.name} are not what this run began with: their hash differs"
        )
    return Prepared(
        recipe=recipe,
        dataset=dataset,
        training=_build(
            recipe,
            device,
            dataset,
            # One process goes on alone with what several shared.
            num_processes > 1 and (request.shard or description.get("sharded", False)),
            num_processes > 1
            and (request.sync_batch_norm or description.get("sync_batch_norm", False)),
        ),
        device=device,
        precision=description["precision"],
    )


def requested(request: Request) -> tuple[str, str | None, Recipe]:
    """The recipe's name, its preset where it has any, and the recipe with all settings."""
    name, preset, start = request.recipe, request.preset, request.start
    if name is not None:
        if not is_file(name):
            preset = preset_for(presets(name), request.data) if preset is None else preset
        recipe = find_recipe(name, preset)
    elif start is not None and start.description:
        name, source = start.description["recipe"], (start.run or Path()) / "source"
        if preset is not None:
            raise RecipeError(
                f"a preset needs its recipe: torchcamp train {name} --preset {preset}"
            )
        preset = start.description["preset"]
        recipe = load_recipe(start.description, source)
        if is_file(name):
            name = str(source / Path(name.rpartition(":")[0]).name) + ":" + name.rpartition(":")[2]
    else:
        raise RecipeError(f"name a recipe: {', '.join(NAMES)} or FILE.py:function")
    options = {"data": request.data, "epochs": request.epochs, "seed": request.seed}
    recipe = with_settings(recipe, [f"{k}={v}" for k, v in options.items() if v is not None])
    return name, preset, with_settings(recipe, request.settings)


def _chosen(request: Request) -> set[str]:
    """The settings that the user has typed."""
    typed = {setting.partition("=")[0].strip() for setting in request.settings}
    return typed | ({"epochs"} if request.epochs is not None else set())


def _parent(start: Start | None) -> dict[str, Any] | None:
    """What run.json says about the weights that a training began with."""
    if start is None:
        return None
    return {
        "name": start.name,
        "run": str(start.run.resolve()) if start.run else None,
        "weights_sha256": start.sha256,
    }


def _of_data(dataset: Dataset) -> dict[str, Any]:
    """What run.json says of the data, and what reading further pictures alike needs."""
    data: dict[str, Any] = {"name": dataset.name, "sha256": dataset.sha256}
    levels = getattr(dataset, "levels", None)
    return {
        "data": data if levels is None else data | {"levels": list(levels)},
        **{
            name: list(getattr(dataset, name, ()))
            for name in ("class_names", "image_shape", "notes")
        },
    }


def _label(file: Path) -> str:
    """A run's name: the file's, or its folder's if the file has the name that many have."""
    if file.stem != "recipe":
        return file.stem
    folder = file.resolve().parent
    # The copy in a run's folder: that run's name without its time.
    return folder.parent.name.rsplit("-", 2)[0] if folder.name == "source" else folder.name


def _for_data(recipe: Recipe, dataset: Any) -> Recipe:
    try:
        return recipe.for_data(dataset)
    except ValueError as error:  # a shape that the model's arithmetic does not allow
        raise RecipeError(str(error)) from error


def _build(
    recipe: Recipe, device: torch.device, dataset: Any, shard: bool, sync_batch_norm: bool
) -> Training:
    group = distributed.ranks()
    if isinstance(recipe, BaseRecipe):
        # A weight, its gradient, and two moments of Adam; sharded, the weights are whole at first.
        require_room_for(recipe, 1 + 3 / group.size if shard else 4)
    try:
        with without_collecting():  # the first optimizer of a process imports torch._dynamo
            training = recipe.build(device, dataset)
    except ValueError as error:
        raise RecipeError(str(error)) from error
    group.require_shares(training)
    if sync_batch_norm:
        synchronise(training.state)
    if shard:
        group.require_shardable(training)
    group.sharded = shard
    return training


def _require_kept(request: Request, before: Recipe, after: Recipe) -> None:
    """Refuse a setting of the model that the data decide, rather than take theirs in silence."""
    model, own = getattr(before, "model", None), getattr(after, "model", None)
    for setting in request.settings:
        name = setting.partition("=")[0].strip().removeprefix("model.")
        asked, taken = getattr(model, name, None), getattr(own, name, None)
        if asked != taken and taken is not None:
            raise RecipeError(f"{name} follows from the data, which give {taken}: leave it out")


def _go(
    run: RunFolder | None,
    path: Path,
    prepared: Prepared,
    reports: Reports,
    started: float,
    log_every: int,
) -> Outcome:
    """Train to the end or until stopped; at the end evaluate, describe and report.

    run: the folder `path`, in the first process; the others write nothing.
    """
    distributed.ranks().run = path
    distributed.ranks().require_same_disk(path)
    if run:
        reports.started(prepared.training, run)
    with keeping_freed_memory(prepared.device):
        finished = fit(
            prepared.training,
            num_epochs=prepared.recipe.epochs,
            device=prepared.device,
            precision=prepared.precision,
            graphs=bool(run and run.description().get("graphs")),  # several processes have none
            run=run,
            log_every=log_every,
            should_stop=reports.should_stop,
            on_progress=reports.progress,
            report=reports.line,
        )
    if finished:
        reports.trained()

    def conclude() -> dict[str, Any]:
        assert run is not None
        measures = _conclude(run, prepared, reports, started, finished)
        return {
            "measures": measures,
            "train_seconds": run.train_seconds,
            "capture_seconds": run.capture_seconds,
        }

    end = distributed.ranks().from_first(conclude)
    return Outcome(
        run=path,
        finished=finished,
        already=False,
        seconds=time.perf_counter() - started,
        train_seconds=end["train_seconds"],
        measures=end["measures"],
        capture_seconds=end["capture_seconds"],
    )


def _conclude(
    run: RunFolder, prepared: Prepared, reports: Reports, started: float, finished: bool
) -> dict[str, float]:
    """Evaluate a finished training, describe and report it; returns the few measures at its end."""
    recipe, training = prepared.recipe, prepared.training
    earlier = run.description().get("seconds", 0.0)
    measures: dict[str, float] = {}
    if finished:
        if stopper := early_stopping(training.state):
            run.describe(best_epoch=stopper.best_epoch)
            reports.line(
                f"kept the weights of epoch {stopper.best_epoch} of {stopper.num_epochs}, "
                f"whose {stopper.measure.replace('_', ' ')} was the lowest"
            )
        training.network.eval()
        evaluation = recipe.evaluate(training.network, prepared.dataset)
        measures = evaluation.summary
        content = evaluation.as_json()
        run.describe(
            measures=content["measures"],
            details=content["details"],
            summary=measures,
            measures_key=measures_key(run.path / "weights.safetensors", prepared.dataset.sha256),
            train_seconds=run.train_seconds,
            capture_seconds=run.capture_seconds,
            seconds=earlier + time.perf_counter() - started,
        )
        page = render_report(
            run.description(),
            run.rows("metrics.jsonl"),
            run.rows("timing.jsonl"),
            evaluation,
            frames=run.sample_files(),
        )
        save_text(run.path / "report.html", page)
        run.describe(finished=time.strftime("%Y-%m-%dT%H:%M:%S%z"))
    else:
        run.describe(seconds=earlier + time.perf_counter() - started)
    return measures


def _require_same(request: Request, description: Mapping[str, Any], recipe: Recipe) -> None:
    """Refuse to resume a run with anything that it did not begin with."""
    for what, wanted, own in (
        ("recipe", request.recipe, description["recipe"]),
        ("preset", request.preset, description["preset"]),
        ("data", None if request.data == "auto" else request.data, recipe.data),
        ("epochs", request.epochs, recipe.epochs),
        ("seed", request.seed, recipe.seed),
    ):
        if wanted is not None and wanted != own:
            raise RunError(
                f"this run has {what} {own}, not {wanted}: leave that out, or start a new run"
            )
    if request.settings:
        wanted = hyperparameters(with_settings(recipe, request.settings))
        if wanted != hyperparameters(recipe):
            raise RunError(
                "this run has other settings than --set asks for: leave them out, "
                "or start a new run"
            )


def _device_name(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return platform.processor() or platform.machine()
