"""Training mode where evaluation was meant, and the other way round."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from torchcamp.doctor.findings.found import Found, plural
from torchcamp.doctor.recording import Call, Recording, Where


def find(recording: Recording) -> Iterator[Found]:
    """Findings about the mode in which networks ran."""
    yield from _eval_missing(recording)
    yield from _train_not_restored(recording)
    yield from _frozen_norms(recording)


def _eval_missing(recording: Recording) -> Iterator[Found]:
    trained = recording.trained()
    first_step = min(
        (each.steps[0].time for each in recording.optimizers.values() if each.steps), default=None
    )
    if first_step is None:
        return
    last_training = max((each.time for each in recording.calls if each.trained_on), default=0)
    by_line: dict[Where, list[Call]] = defaultdict(list)
    for call in recording.calls:
        if _is_unmeant(call, first_step, trained):
            by_line[call.where].append(call)
    for where, calls in by_line.items():
        others = [each for each in recording.calls if each.where == where]
        if any(each.trained_on for each in others):
            continue  # the same line trains: a function for both, judged by its episode below
        yield from _one_line(where, calls, last_training)
    for where, calls in by_line.items():
        trains = [each for each in recording.calls if each.where == where and each.trained_on]
        in_episodes = [
            each for each in calls if each.episode is not None and not each.episode.backwards
        ]
        if trains and in_episodes:
            yield from _one_line(where, in_episodes, last_training)


def _is_unmeant(call: Call, first_step: int, trained: set[int]) -> bool:
    """A forward in training mode that validated: nothing was trained on it, somebody looked at it."""
    if not call.active or not call.training or call.trained_on or not call.consumed:
        return False
    if call.repeats_training or call.in_norm_update or call.time < first_step:
        return False
    if not any(id(p) in trained for p in call.network.module.parameters()):
        return False
    in_validation = call.episode is not None and not call.episode.backwards
    return in_validation or not call.grad


def _one_line(where: Where, calls: list[Call], last_training: int) -> Iterator[Found]:
    if len(calls) < 2 and calls[0].time < last_training and not calls[0].judged:
        return
    layers = _listed({kind for call in calls for kind in call.active})
    name = calls[0].network.name
    if all(call.has_noise for call in calls):
        yield Found(
            code="sampled-in-train-mode",
            where=where,
            words=f"{name} made samples in training mode {plural(len(calls), 'time')}, with active {layers}.",
            seen=len(calls),
        )
        return
    if _repeats_on_purpose(calls):
        return
    yield Found(
        code="eval-missing",
        where=where,
        words=f"{name} was in training mode, with active {layers}, in "
        f"{plural(len(calls), 'forward pass')} that nothing was trained on.",
        numbers={"passes": len(calls)},
        seen=len(calls),
    )


def _repeats_on_purpose(calls: list[Call]) -> bool:
    """The same tensor several times in a row: Monte Carlo dropout."""
    firsts = [next((a for a in c.arguments[0] if hasattr(a, "data_ptr")), None) for c in calls]
    same = sum(
        a is not None
        and b is not None
        and a.shape == b.shape
        and a.data_ptr() == b.data_ptr()
        and second.time - first.time <= 3
        for (first, a), (second, b) in zip(
            zip(calls, firsts, strict=True),
            zip(calls[1:], firsts[1:], strict=True),
            strict=False,
        )
    )
    return same * 2 >= len(calls) - 1 and same > 0


def _train_not_restored(recording: Recording) -> Iterator[Found]:
    for network in recording.networks.values():
        calls = [each for each in recording.calls if each.network is network]
        kinds = {kind for each in calls for kind in each.active}
        if not kinds:
            continue
        by_line: dict[Where, list[Call]] = defaultdict(list)
        for call in calls:
            if call.trained_on:
                by_line[call.where].append(call)
        for where, trained in by_line.items():
            modes = [each.training for each in trained]
            if not modes[0] or modes[-1]:
                continue
            first_in_eval = len(modes) - modes[::-1].index(True)
            after = trained[first_in_eval:]
            validated = [
                each
                for each in calls
                if not each.training
                and not each.trained_on
                and trained[first_in_eval - 1].time < each.time < after[0].time
            ]
            if len(after) >= 2 and validated:
                yield Found(
                    code="train-not-restored",
                    where=where,
                    words=f"{network.name} trained {plural(first_in_eval, 'time')} in training mode; after the "
                    f"validation, {plural(len(after), 'training pass')} ran in eval mode, to the end.",
                    numbers={"before": first_in_eval, "after": len(after)},
                    seen=len(after),
                    related=(validated[0].where,),
                )


def _frozen_norms(recording: Recording) -> Iterator[Found]:
    for network in recording.networks.values():
        moved = [each for each in recording.calls if each.network is network and each.frozen_norms]
        if len(moved) >= 2:
            names = moved[0].frozen_norms
            yield Found(
                code="frozen-batchnorm-moves",
                where=moved[0].where,
                words=f"{plural(len(names), 'batch norm')} with frozen weights ({names[0]}, ...) updated "
                f"their running statistics in {plural(len(moved), 'training pass')}.",
                seen=len(moved),
            )


def _listed(kinds: Iterable[str]) -> str:
    return " and ".join(sorted(kinds))
