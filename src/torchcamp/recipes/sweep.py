"""Look for good settings: many trainings of one recipe, each judged on held-out training data.

The test set must not choose settings, or it no longer tests them; so every trial has `hold_out`.
Optuna chooses the settings (a tree-structured Parzen estimator after a few random trials) and stops
trials that are worse than the median of the others after as many epochs. Each trial is an ordinary
run folder inside the sweep's folder:

    optuna.jsonl     Optuna's journal: what was tried and how it went
    sweep.json       the same in brief, and the best settings
    sweep.html       one offline page
    RECIPE-TIME/     the trials' run folders
"""

import hashlib
import itertools
import json
import math
import random
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from torchcamp.base.errors import Diverged, RecipeError
from torchcamp.base.files import save_text
from torchcamp.recipes.registry import is_file, split_file
from torchcamp.recipes.search_space import Choice, Range, as_text, search_space
from torchcamp.recipes.settings import field_names
from torchcamp.recipes.sweep_report import render_sweep
from torchcamp.recipes.sweep_result import Sweep, Trial
from torchcamp.recipes.train import Prepared, Reports, Request, prepare, requested, resume, train
from torchcamp.training.loop import Progress
from torchcamp.training.run_folder import RunFolder

NUM_RANDOM = 5  # trials before Optuna's estimator and its pruner have anything to go by
JOURNAL = "optuna.jsonl"


@dataclass(kw_only=True)
class SweepReports:
    """Callbacks invoked during a sweep."""

    line: Callable[[str], None] = lambda line: None
    started: Callable[[Sweep], None] = lambda sweep: None
    trial: Callable[[Sweep, Trial], None] = lambda sweep, trial: None
    should_stop: Callable[[], bool] = lambda: False


@dataclass
class _Watch:
    """Follows one trial: reports its measure to Optuna, remembers whether it was pruned."""

    trial: Any  # an optuna Trial
    sweep: Sweep
    may_prune: bool
    asked: Callable[[], bool]
    pruned: bool = False
    values: list[float] = field(default_factory=list)

    def progress(self, progress: Progress) -> None:
        if not progress.evaluated or self.sweep.objective not in progress.values:
            return
        value = progress.values[self.sweep.objective]
        self.values.append(value)
        if math.isfinite(value):
            self.trial.report(value, round(progress.epoch))
        last = progress.step >= progress.num_steps
        self.pruned = self.may_prune and not last and self.trial.should_prune()

    def should_stop(self) -> bool:
        return self.pruned or self.asked()


def sweep(
    request: Request,
    num_trials: int,
    reports: SweepReports | None = None,
    *,
    hours: float | None = None,
) -> Sweep:
    """Run trials until there are `num_trials`, counting those of an earlier sitting.

    Args:
        request: as for `train`; its settings may be ranges `a..b` and choices `a,b,c`.
        num_trials: trials in all; fewer if there are fewer combinations.
        reports: callbacks.
        hours: no trial begins after so many hours of this sitting.

    Raises:
        RecipeError: Optuna is missing, nothing varies, or settings make no sense.
        DataError, DeviceError, RunError: the request cannot be met.
    """
    reports = reports or SweepReports()
    started = time.perf_counter()
    optuna = _optuna()
    if num_trials < 1:
        raise RecipeError(f"--trials is {num_trials}; a sweep needs at least 1")
    result, prepared, fixed = _begun(request, num_trials, reports)
    result.folder.mkdir(parents=True, exist_ok=True)
    lock = RunFolder(result.folder)
    lock.lock()
    try:
        with _quiet(optuna):
            study = _study(optuna, result)
            _requeue_interrupted(optuna, study)
            result.trials[:] = _trials(study)
            reports.started(result)
            while len(result.trials) < result.num_trials:
                if hours is not None and time.perf_counter() - started > hours * 3600:
                    break
                index = len(result.trials)
                _next_settings(optuna, study, result, index, prepared.recipe.seed)
                trial = study.ask()
                if not _try(optuna, study, trial, fixed, result, reports):
                    break
                result.trials[:] = _trials(study)
                _write(result)
                reports.trial(result, result.trials[-1])
            _write(result)
    finally:
        lock.unlock()
    return result


def _begun(
    request: Request, num_trials: int, reports: SweepReports
) -> tuple[Sweep, Prepared, Request]:
    """The sweep without trials, what a trial is made of, and the request that all trials share."""
    _, _, recipe = requested(replace(request, settings=()))
    fixed, space = search_space(recipe, request.settings)
    for setting in fixed:
        if setting.partition("=")[0].strip() == "hold_out":
            raise RecipeError(
                "a sweep always holds a part of the training data out: leave that out"
            )
    if "hold_out" not in field_names(recipe):
        raise RecipeError(
            "this recipe has no setting hold_out: the test set would choose its settings"
        )
    shared = replace(request, settings=[*fixed, "hold_out=true"])
    name, preset, prepared = prepare(shared, reports.line)
    objective, maximise = judged_by(prepared)
    identity = json.dumps(
        [
            name,
            preset,
            sorted(request.settings),
            prepared.dataset.sha256,
            prepared.recipe.epochs,
            prepared.recipe.seed,
        ]
    )
    label = split_file(name)[0].stem if is_file(name) else name
    digest = hashlib.sha256(identity.encode()).hexdigest()[:8]
    combinations = math.prod(len(each.values) for each in space if isinstance(each, Choice))
    finite = all(isinstance(each, Choice) for each in space)
    words = ["torchcamp", "train", name]
    if preset not in (None, "default"):
        words += ["--preset", preset]
    words += ["--data", prepared.recipe.data]
    for option in ("epochs", "seed"):
        value = getattr(request, option)
        words += [f"--{option}", str(value)] if value is not None else []
    for setting in fixed:
        words += ["--set", setting]
    result = Sweep(
        folder=request.out / f"sweep-{label}-{digest}",
        recipe=name,
        data=prepared.dataset.name,
        objective=objective,
        maximise=maximise,
        space=space,
        num_trials=min(num_trials, combinations) if finite else num_trials,
        finite=finite,
        words=words,
    )
    return result, prepared, replace(shared, out=result.folder, data=prepared.recipe.data)


def judged_by(prepared: Prepared) -> tuple[str, bool]:
    """What a trial is judged by after each epoch, and whether more is better.

    The accuracy where the recipe measures one; else its first measure, a loss or a distance.
    """
    prepared.training.network.eval()
    with torch.no_grad():
        measures = prepared.training.evaluate()
    for name in measures:
        if name.endswith("accuracy"):
            return name, True
    if not measures:
        raise RecipeError(
            "this recipe measures nothing after an epoch that settings could be judged by"
        )
    return next(iter(measures)), False


def _next_settings(optuna: ModuleType, study: Any, result: Sweep, index: int, seed: int) -> None:
    """Decide how the next trial's settings are chosen: the same for the same seed and history."""
    # Its own sampler for each trial: one that goes on from trial to trial would begin anew, with
    # the settings of the first trial, after an interruption.
    study.sampler = optuna.samplers.TPESampler(
        seed=(1_000_003 * seed + index) % 2**32, n_startup_trials=NUM_RANDOM
    )
    waiting = study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.WAITING,))
    if result.finite and not waiting:
        names = [each.name for each in result.space]
        lists = [each.values for each in result.space if isinstance(each, Choice)]
        grid = list(itertools.product(*lists))
        random.Random(seed).shuffle(grid)
        study.enqueue_trial(dict(zip(names, grid[index], strict=True)))


def _try(
    optuna: ModuleType,
    study: Any,
    trial: Any,
    shared: Request,
    result: Sweep,
    reports: SweepReports,
) -> bool:
    """Run one trial and tell Optuna how it went; False if the user stopped it."""
    texts = {each.name: _suggested(trial, each) for each in result.space}
    settings = [*shared.settings, *(f"{name}={text}" for name, text in texts.items())]
    watch = _Watch(trial, result, "epochs" not in texts, reports.should_stop)
    began = time.perf_counter()

    def started(training: object, run: RunFolder) -> None:
        trial.set_user_attr("run", run.path.name)

    hooks = Reports(started=started, progress=watch.progress, should_stop=watch.should_stop)
    trial.set_user_attr("settings", texts)
    reason, value, finished = "", math.nan, True
    try:
        earlier = result.folder / trial.user_attrs.get("run", "")
        if "run" in trial.user_attrs and (earlier / "run.json").is_file():
            outcome = resume(earlier, None, hooks)
        else:
            outcome = train(replace(shared, settings=settings), hooks)
        finished = outcome.finished
        if not finished and not watch.pruned:
            return False
        value = _value(outcome.run, result.objective, outcome.measures)
        reason = "" if math.isfinite(value) else f"{result.objective} is {value}"
    except (Diverged, RecipeError) as error:
        reason = str(error)
    except torch.OutOfMemoryError:
        reason = "out of memory"
    trial.set_user_attr("seconds", time.perf_counter() - began)
    if reason:
        trial.set_user_attr("reason", reason)
        study.tell(trial, state=optuna.trial.TrialState.FAIL)
    elif not finished:
        study.tell(trial, state=optuna.trial.TrialState.PRUNED)
    else:
        study.tell(trial, value)
    return True


def _suggested(trial: Any, setting: Range | Choice) -> str:
    if isinstance(setting, Choice):
        return trial.suggest_categorical(setting.name, list(setting.values))
    if setting.whole:
        return str(
            trial.suggest_int(setting.name, int(setting.low), int(setting.high), log=setting.log)
        )
    value = trial.suggest_float(setting.name, setting.low, setting.high, log=setting.log)
    return as_text(value, setting)


def _value(run: Path, objective: str, measures: dict[str, float]) -> float:
    """The measure of a trial's weights: from its evaluation, or from its last epoch."""
    if objective in measures:
        return measures[objective]
    rows = [row for row in RunFolder(run).rows("metrics.jsonl") if objective in row]
    return rows[-1][objective] if rows else math.nan


def _study(optuna: ModuleType, result: Sweep) -> Any:
    storage = optuna.storages.JournalStorage(
        optuna.storages.journal.JournalFileBackend(str(result.folder / JOURNAL))
    )
    return optuna.create_study(
        study_name="sweep",
        storage=storage,
        direction="maximize" if result.maximise else "minimize",
        pruner=optuna.pruners.MedianPruner(n_startup_trials=NUM_RANDOM),
        load_if_exists=True,
    )


def _requeue_interrupted(optuna: ModuleType, study: Any) -> None:
    """Let a trial that an earlier sitting left in the middle be the next, from its checkpoint."""
    for trial in study.get_trials(states=(optuna.trial.TrialState.RUNNING,)):
        study.tell(trial.number, state=optuna.trial.TrialState.FAIL)  # without a reason
        if trial.params:
            run = {"run": trial.user_attrs["run"]} if "run" in trial.user_attrs else {}
            study.enqueue_trial(trial.params, user_attrs=run)


def _trials(study: Any) -> list[Trial]:
    """The trials that came to an end, in their order, numbered from 1."""
    states = {"COMPLETE": "done", "PRUNED": "pruned", "FAIL": "failed"}
    found = []
    for trial in study.get_trials(deepcopy=False):
        attributes = trial.user_attrs
        state = states.get(trial.state.name)
        if state is None or (state == "failed" and "reason" not in attributes):
            continue
        epochs = sorted(trial.intermediate_values)
        last = trial.intermediate_values[epochs[-1]] if epochs else None
        found.append(
            Trial(
                number=len(found) + 1,
                settings=attributes["settings"],
                state=state,
                value=trial.value if state == "done" else last,
                epochs=epochs[-1] if epochs else 0,
                run=attributes.get("run"),
                seconds=attributes["seconds"],
                reason=attributes.get("reason"),
            )
        )
    return found


def _write(result: Sweep) -> None:
    """sweep.json and sweep.html."""
    text = json.dumps(result.as_json(), indent=1) + "\n"
    save_text(result.folder / "sweep.json", text)
    page = render_sweep(result)
    save_text(result.folder / "sweep.html", page)


def _optuna() -> ModuleType:
    try:
        import optuna
        import optuna.storages.journal
    except ImportError as error:
        raise RecipeError(
            "a sweep needs the package optuna: pip install 'torchcamp[sweep]'"
        ) from error
    return optuna


@contextmanager
def _quiet(optuna: ModuleType) -> Iterator[None]:
    """Without Optuna's own log, whose lines would stand between ours."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="optuna")
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            yield
    finally:
        optuna.logging.set_verbosity(before)
