"""Training mode where evaluation was meant, and the other way round."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator

from torch import nn

from torchcamp.doctor.findings.found import Found, plural
from torchcamp.doctor.recording import Call, Recording, Switch, Where


def find(recording: Recording) -> Iterator[Found]:
    """Findings about the mode in which networks ran."""
    yield from _eval_missing(recording)
    yield from _train_not_restored(recording)
    yield from _part_not_restored(recording)
    yield from _never_in_training(recording)
    yield from _frozen_norms(recording)


def _eval_missing(recording: Recording) -> Iterator[Found]:
    steps = [*(each.steps[0].time for each in recording.optimizers.values() if each.steps)]
    steps += [each.time for each in recording.hand_steps[:1]]
    first_step = min(steps, default=None)
    if first_step is None:
        return
    trained = recording.trained()
    moving = recording.followers() | {
        key
        for key, network in recording.networks.items()
        if any(id(p) in trained for p in network.module.parameters())
    }
    last_training = max((each.time for each in recording.calls if each.trained_on), default=0)
    by_line: dict[Where, list[Call]] = defaultdict(list)
    for call in recording.calls:
        if (
            call.time >= first_step
            and id(call.network.module) in moving
            and _is_unmeant(recording, call)
        ):
            by_line[call.where].append(call)
    for where, calls in by_line.items():
        others = [each for each in recording.calls if each.where == where]
        if any(each.trained_on for each in others):
            continue  # the same line trains: a function for both, judged by its episode below
        yield from _one_line(recording, where, calls, last_training)
    for where, calls in by_line.items():
        trains = [each for each in recording.calls if each.where == where and each.trained_on]
        in_episodes = [
            each for each in calls if each.episode is not None and not each.episode.backwards
        ]
        if trains and in_episodes:
            yield from _one_line(recording, where, in_episodes, last_training)


def _active(recording: Recording, call: Call) -> tuple[str, ...]:
    """What in a network behaved as in training, and would not in eval mode."""
    if call.active or not call.dropped:
        return call.active
    is_always_on = any(code == "dropout-always-on" for code, _ in recording.sightings)
    return () if is_always_on else ("dropout",)


def _is_unmeant(recording: Recording, call: Call) -> bool:
    """A forward in training mode that validated: nothing was trained on it, somebody looked at it."""
    if not _active(recording, call) or not call.training or call.trained_on or not call.consumed:
        return False
    if call.in_norm_update or (call.repeats_training and not _is_judged_on_others(recording, call)):
        return False
    in_validation = call.episode is not None and not call.episode.backwards
    return in_validation or not call.grad


def _is_judged_on_others(recording: Recording, call: Call) -> bool:
    """The same input as in training, compared with a number of targets that training never used.

    All nodes of a graph go through the network each time, and a part of them trains. A number that
    divides another may be the same targets in another form.
    """
    trained = {
        number
        for each in recording.calls
        if each.network is call.network and each.trained_on
        for number in each.judged_on
    }
    return bool(trained) and any(
        all(max(one, other) % max(min(one, other), 1) for other in trained)
        for one in call.judged_on
    )


def _one_line(
    recording: Recording, where: Where, calls: list[Call], last_training: int
) -> Iterator[Found]:
    if len(calls) < 2 and calls[0].time < last_training and not calls[0].judged:
        return
    layers = _listed({kind for call in calls for kind in _active(recording, call)})
    name = calls[0].network.name
    if all(call.has_noise and not call.scored for call in calls):  # not data that is made of it
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
        cause=None if _was_ever_in_eval(recording, calls[0]) else id(calls[0].network),
        numbers={"passes": len(calls)},
        seen=len(calls),
    )


def _was_ever_in_eval(recording: Recording, call: Call) -> bool:
    return any(each.network is call.network and not each.training for each in recording.calls)


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
        if not any(_active(recording, each) for each in calls):
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


def _part_not_restored(recording: Recording) -> Iterator[Found]:
    """A part was put into eval mode to be looked at alone, and stays so while the whole is trained."""
    for network in recording.networks.values():
        by_line: dict[Where, list[Call]] = defaultdict(list)
        for call in recording.calls:
            if call.network is network and call.trained_on and call.training:
                by_line[call.where].append(call)
        modules = {id(each): each for each in nn.Module.modules(network.module)}
        for where, trained in by_line.items():
            always = frozenset.intersection(*(each.resting for each in trained[-2:]))
            parts = always - trained[0].resting
            if len(trained) < 3 or not parts:
                continue
            number = next(
                n for n in range(len(trained)) if all(parts <= each.resting for each in trained[n:])
            )
            look = _look_at_part(
                recording, modules, parts, trained[number - 1].time, trained[number].time
            )
            if look is None or len(trained) - number < 2:
                continue
            yield Found(
                code="train-not-restored",
                where=where,
                words=f"{network.name} trained {plural(number, 'time')} with all of it in training mode; then "
                f"{look.network.name}, a part of it, was put into eval mode and looked at, and in "
                f"{plural(len(trained) - number, 'training pass')} to the end {plural(len(parts), 'layer')} of it ran "
                "in eval mode.",
                numbers={"before": number, "after": len(trained) - number, "layers": len(parts)},
                seen=len(trained) - number,
                mend="put the part back: call train() on the network that is trained, at the start of every epoch",
                related=(look.where,),
            )


def _look_at_part(
    recording: Recording, modules: dict[int, nn.Module], parts: frozenset[int], start: int, end: int
) -> Call | None:
    """The pass, between two moments, through a part that had just been put into eval mode."""
    off = [
        each.time
        for each in recording.switches
        if start < each.time < end
        and not each.training
        and each.module in modules
        and parts <= {id(inner) for inner in nn.Module.modules(modules[each.module])}
    ]
    return next(
        (
            each
            for each in recording.calls
            if off
            and off[-1] < each.time < end
            and not each.training
            and not each.trained_on
            and id(each.network.module) in modules
            and parts <= {id(inner) for inner in nn.Module.modules(each.network.module)}
        ),
        None,
    )


def _never_in_training(recording: Recording) -> Iterator[Found]:
    """Put into eval mode to be looked at before the first step, and never back."""
    for network in recording.networks.values():
        calls = [each for each in recording.calls if each.network is network]
        trained = [each for each in calls if each.trained_on]
        inside = {id(each) for each in nn.Module.modules(network.module)}
        if (
            len(trained) < 2
            or any(each.training for each in trained)
            or not network.kinds
            or inside & recording.loaded
            or not all(p.requires_grad for p in network.module.parameters())
        ):
            continue
        switches = [
            each
            for each in recording.switches
            if each.module == id(network.module) and each.time < trained[-1].time
        ]
        off = next((n for n, each in enumerate(switches) if not each.training), len(switches))
        looks = [_look_before_training(each, calls, trained) for each in switches[off:]]
        if looks and not any(each.training for each in switches[off:]) and all(looks):
            yield Found(
                code="train-not-restored",
                where=trained[0].where,
                words=f"{network.name}, which has {_listed(network.kinds)}, was put into eval mode and looked at before "
                f"it was trained, and all {plural(len(trained), 'training pass')} ran in eval mode.",
                numbers={"before": 0, "after": len(trained)},
                seen=len(trained),
                related=(looks[0].where,) if looks[0] is not None else (),
            )


def _look_before_training(switch: Switch, calls: list[Call], trained: list[Call]) -> Call | None:
    """The first pass without gradients after a switch, if it comes before the next training pass."""
    until = next((each.time for each in trained if each.time > switch.time), math.inf)
    return next(
        (
            each
            for each in calls
            if switch.time < each.time < until and not each.trained_on and not each.grad
        ),
        None,
    )


def _frozen_norms(recording: Recording) -> Iterator[Found]:
    trained = recording.trained()
    for network in recording.networks.values():
        moved = [
            each
            for each in recording.calls
            if each.network is network and each.frozen_norms and each.trained_on
        ]
        if len(moved) >= 2:
            norms = {name: network.module.get_submodule(name) for name in moved[0].frozen_norms}
            names = tuple(
                name for name, norm in norms.items()
                if isinstance(norm.weight, nn.Parameter)
                and not (norm.weight.requires_grad and id(norm.weight) in trained)
                and norm.weight.data_ptr() not in recording.written
            )  # fmt: skip
            if not names:
                continue  # of a network that other passes train, or copies that follow other weights
            yield Found(
                code="frozen-batchnorm-moves",
                where=moved[0].where,
                words=f"{plural(len(names), 'batch norm')} with frozen weights ({names[0]}, ...) updated "
                f"their running statistics in {plural(len(moved), 'training pass')}.",
                seen=len(moved),
            )


def _listed(kinds: Iterable[str]) -> str:
    return " and ".join(sorted(kinds))
