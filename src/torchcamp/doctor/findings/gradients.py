"""What the gradient ledger shows: steps that used the wrong gradients, or none."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations, pairwise
from statistics import median

from torch import nn

from torchcamp.doctor.findings.found import Found, plural, times
from torchcamp.doctor.recording import (
    Backward,
    HandStep,
    Network,
    Recording,
    Stepped,
    Watching,
    Where,
)


def find(recording: Recording) -> Iterator[Found]:
    """Findings about gradients, steps and what they reach."""
    cut = list(_cut_losses(recording))
    yield from cut
    yield from _stale(recording)
    yield from _stale_by_hand(recording)
    yield from _both_losses(recording)
    yield from _misplaced(recording)
    unregistered = list(_unregistered(recording))
    yield from unregistered
    if not cut and not unregistered:
        yield from _ownership(recording)
    if not cut:
        yield from _without_gradient(recording)
    yield from _clipping(recording)
    yield from _growing(recording)
    yield from _accumulated(recording)


def stepping(recording: Recording) -> list[Watching]:
    """Optimizers that took at least two steps."""
    return [each for each in recording.optimizers.values() if len(each.steps) >= 2]


def _stale(recording: Recording) -> Iterator[Found]:
    for watching in stepping(recording):
        stale = [each for each in watching.steps if each.stale * 2 >= max(each.filled, 1)]
        by_line: dict[Where, list[Stepped]] = defaultdict(list)
        for step in stale:
            by_line[step.where].append(step)
        missing = False
        for where, steps in by_line.items():
            if len(steps) < 2:
                continue
            missing = True
            step = steps[1]
            yield Found(
                code="zero-grad-missing",
                where=where,
                words=(
                    "The closure left"
                    if step.in_closure
                    else f"Step {watching.steps.index(step) + 1} used"
                )
                + f" the sum of {step.passes} backward passes; "
                f"{step.passes - 1} of them had been used before." + _norms(step),
                numbers=_numbers(step, passes=step.passes),
                seen=len(steps),
                related=_backward_lines(recording, step),
            )
        if missing:
            continue
        foreign: dict[Where, list[Stepped]] = defaultdict(list)
        for step in watching.steps:
            if step.foreign * 2 >= max(step.filled, 1):
                foreign[step.where].append(step)
        for where, steps in foreign.items():
            if len(steps) < 2:
                continue
            step = steps[-1]
            lines = _backward_lines(recording, step)
            yield Found(
                code="fake-not-detached",
                where=where,
                words=f"{plural(len(steps), 'step')} used gradients of a loss that another optimizer had already "
                "stepped on, added to its own." + _norms(step),
                numbers=_numbers(step, cosine=step.cosine),
                seen=len(steps),
                related=lines,
            )


def _both_losses(recording: Recording) -> Iterator[Found]:
    """A discriminator steps on its own loss and the generator's: both passes came before either step."""
    for watching in stepping(recording):
        own = {id(p) for p in watching.parameters()}
        shown: dict[int, set[bool]] = defaultdict(set)  # one fake batch, detached and not
        for call in recording.calls:
            if call.generated_by and any(id(p) in own for p in call.network.module.parameters()):
                shown[id(call.generated_by[0])].add(call.reaches_generator)
        if sum(len(each) == 2 for each in shown.values()) < 2:
            continue
        key = id(watching.optimizer)
        steps = []
        for step in watching.steps:
            if step.stale or step.foreign:
                continue  # never zeroed: told elsewhere
            users = [recording.backwards[index].used_by for index in step.backwards]
            if {key} in users and any(key in each and len(each) > 1 for each in users):
                steps.append(step)
        if len(steps) >= 2:
            yield Found(
                code="fake-not-detached",
                where=steps[0].where,
                words=f"{plural(len(steps), 'step')} used the gradient of a loss that another optimizer steps on too, "
                "added to its own: both backward passes came before either step.",
                seen=len(steps),
                related=_backward_lines(recording, steps[0]),
            )


def _stale_by_hand(recording: Recording) -> Iterator[Found]:
    by_line: dict[Where, list[HandStep]] = defaultdict(list)
    for step in recording.hand_steps:
        if step.stale * 2 > step.leaves:
            by_line[step.where].append(step)
    for where, steps in by_line.items():
        if len(steps) >= 2:
            yield Found(
                code="zero-grad-missing",
                where=where,
                words=f"A step by hand used the sum of {steps[1].passes} backward passes, and steps before it had used "
                f"them already, {times(len(steps))}.",
                numbers={"passes": steps[1].passes},
                seen=len(steps),
                related=(steps[0].backward,),
            )


def _norms(step: Stepped) -> str:
    if step.norm_used is None or step.norm_own is None:
        return ""
    return f" |gradient| {step.norm_used:.3g} instead of {step.norm_own:.3g}."


def _numbers(step: Stepped, **others: float | None) -> dict[str, float | None]:
    return {"norm_used": step.norm_used, "norm_own": step.norm_own, **others}


def _backward_lines(recording: Recording, step: Stepped) -> tuple[Where, ...]:
    lines = dict.fromkeys(recording.backwards[index].where for index in step.backwards)
    return tuple(lines)[:3]


def _misplaced(recording: Recording) -> Iterator[Found]:
    for watching in stepping(recording):
        if watching.uses_closure:
            continue
        empty = [each for each in watching.steps if each.wiped]
        if len(empty) >= 2:
            yield Found(
                code="zero-grad-misplaced",
                where=empty[0].where,
                words=f"{plural(len(empty), 'step')} found no gradient, although a backward pass had reached the "
                "parameters since the step before: it was zeroed in between.",
                seen=len(empty),
                related=_lines_before(recording, empty[0]),
            )
            return
    if any(each.uses_closure for each in recording.optimizers.values()):
        return
    passes = [each for each in recording.backwards if each.reached and not each.reaches_input]
    lost = [each for each in passes if each.wiped and not each.used]
    steps = sum(
        len(each.steps) for each in recording.optimizers.values()
    )  # by hand: not in the ledger
    if len(lost) >= 3 and len(lost) * 2 > len(passes) and steps:
        where = lost[0].where
        yield Found(
            code="zero-grad-misplaced",
            where=where,
            words=f"{len(lost)} of {len(passes)} backward passes were zeroed before any step used them.",
            numbers={"lost": len(lost), "passes": len(passes)},
            seen=len(lost),
        )


def _lines_before(recording: Recording, step: Stepped) -> tuple[Where, ...]:
    before = [each for each in recording.backwards if each.time < step.time]
    return (before[-1].where,) if before else ()


def _cut_losses(recording: Recording) -> Iterator[Found]:
    by_line: dict[Where, list[Backward]] = defaultdict(list)
    for backward in recording.backwards:
        if backward.graph_is_cut:
            by_line[backward.where].append(backward)
    for where, passes in by_line.items():
        if len(passes) >= 2 and all(not each.reached for each in passes):
            yield Found(
                code="loss-cut-from-network",
                where=where,
                words=f"{plural(len(passes), 'backward pass')} reached no parameter at all: the graph behind the loss "
                f"has {plural(passes[0].nodes, 'node')}.",
                numbers={"nodes": passes[0].nodes},
                seen=len(passes),
            )


def _unregistered(recording: Recording) -> Iterator[Found]:
    held = {id(p) for each in recording.optimizers.values() for p in each.parameters()}
    registered = {
        id(p) for network in recording.networks.values() for p in network.module.parameters()
    }
    by_line: dict[Where, list[str]] = defaultdict(list)
    seen: dict[Where, int] = defaultdict(int)
    for key, each in recording.ran_unregistered.items():
        if key in held or key in registered:
            continue
        parameter = each.parameter()
        reached = recording.was_reached(key)
        if parameter is not None and (not reached or each.times < 2):
            continue  # frozen on purpose, or not seen training
        if parameter is None and not reached:
            continue
        by_line[each.where].append(f"{each.module} inside {each.root}")
        seen[each.where] += each.times
    for where, names in by_line.items():
        if seen[where] < 2:
            continue
        yield Found(
            code="unregistered-layers",
            where=where,
            words=f"{plural(len(names), 'parameter')} of layers that ran ({names[0]}) got gradients, but the network "
            "does not list them, so no optimizer holds them.",
            numbers={"parameters": len(names)},
            seen=seen[where],
        )


def orphans(recording: Recording) -> dict[int, Network]:
    """Parameters that backward passes reach, that no optimizer holds, and that never move."""
    held = recording.trained() | {
        id(p) for each in recording.optimizers.values() for p in each.parameters()
    }
    passes: dict[int, int] = defaultdict(int)
    for backward in recording.backwards:
        for key in backward.reached:
            passes[key] += 1
    found = {}
    for network in recording.networks.values():
        for parameter in network.module.parameters():
            key = id(parameter)
            if passes[key] >= 2 and key not in held and recording.is_unmoved(key):
                found.setdefault(key, network)
    return found


def _ownership(recording: Recording) -> Iterator[Found]:
    lost = orphans(recording)
    steppers = [
        each
        for each in stepping(recording)
        if any(isinstance(p, nn.Parameter) for p in each.parameters())
    ]  # others optimize an image or a latent
    if not lost or not steppers:
        return
    names = _shortest_name(lost)
    them = f"{plural(len(lost), 'parameter')} that backward passes reach ({names}, ...)"
    verb = "is" if len(lost) == 1 else "are"
    # The orphans of a head-only training, and of a loss that is a network, lie still on purpose.
    on_purpose = _are_loaded(recording, lost) or _are_in_eval(recording, lost)
    for watching in steppers:
        replaced = _replaced(recording, watching, lost)
        if replaced is not None:
            yield replaced
            return
        own = {id(p) for p in watching.parameters()}
        unreached = len(own) - len(watching.reached)
        frozen = any(not p.requires_grad for p in watching.parameters())
        if unreached and (not watching.reached or not (on_purpose or frozen)):
            which = "None" if not watching.reached else str(unreached)
            yield Found(
                code="optimizer-does-not-own",
                where=watching.where,
                words=f"{which} of this optimizer's {plural(len(own), 'parameter')} ever got a gradient in "
                f"{plural(len(watching.steps), 'step')}, while {them} {verb} in no optimizer."
                if not watching.reached
                else f"{which} of this optimizer's {plural(len(own), 'parameter')} never got a gradient, while "
                f"{them} {verb} in no optimizer.",
                numbers={"held": len(own), "reached": len(watching.reached), "orphans": len(lost)},
                seen=len(watching.steps),
                related=(watching.steps[0].where,),
            )
            return
    if on_purpose or not any(watching.reached for watching in steppers):
        return
    wrong, twin = _second_of_the_same(steppers)
    yield Found(
        code="optimizer-does-not-own",
        where=wrong.where,
        words=f"{them} never moved: no optimizer holds them."
        + (" This one holds what another optimizer holds too." if twin else ""),
        numbers={"orphans": len(lost)},
        seen=len(wrong.steps),
        related=(twin.where,) if twin else (),
        severity="warning",
    )


def _replaced(recording: Recording, watching: Watching, lost: dict[int, Network]) -> Found | None:
    """A layer that took another one's place after the optimizer was made, which still holds the old one."""
    running = {id(p) for each in recording.networks.values() for p in each.module.parameters()}
    gone = [
        p for p in watching.parameters() if id(p) not in running and id(p) not in watching.reached
    ]
    for network in dict.fromkeys(lost.values()) if gone else ():
        owned = [id(p) in {id(q) for q in gone} for p in watching.parameters()]
        if all(owned) and not _has_loaded(recording, network):
            continue  # perhaps an optimizer of another network, all of which is not the one that ran
        for name, module in network.module.named_modules():
            own = list(module.parameters(recurse=False))
            if not own or id(module) in recording.loaded or not all(id(p) in lost for p in own):
                continue
            if sorted(p.shape[1:] for p in own) != sorted(p.shape[1:] for p in gone):
                continue
            return Found(
                code="optimizer-does-not-own",
                where=watching.where,
                words=f"This optimizer holds {plural(len(gone), 'parameter')} of a layer that is no longer in "
                f"{network.name}. The {plural(len(own), 'parameter')} of {network.name}.{name}, which backward passes "
                "reach, never moved: the layer was put there after the optimizer was made.",
                numbers={"gone": len(gone), "orphans": len(own)},
                seen=len(watching.steps),
                mend=f"make the optimizer after {name} is replaced",
            )
    return None


def _has_loaded(recording: Recording, network: Network) -> bool:
    return any(id(each) in recording.loaded for each in nn.Module.modules(network.module))


def _second_of_the_same(steppers: list[Watching]) -> tuple[Watching, Watching | None]:
    """An optimizer all of whose parameters an earlier one holds, and that one; else the first, alone."""
    held = [{id(p) for p in each.parameters()} for each in steppers]
    for earlier, later in combinations(range(len(steppers)), 2):
        if held[later] <= held[earlier]:
            return steppers[later], steppers[earlier]
    return steppers[0], None


def _shortest_name(lost: dict[int, Network]) -> str:
    """A parameter's name that tells where to look: `Net.fc.weight`."""
    names = [
        f"{network.name}.{name}"
        for network in {id(network): network for network in lost.values()}.values()
        for name, parameter in network.module.named_parameters()
        if id(parameter) in lost
    ]
    return min(names, key=len)


def _are_loaded(recording: Recording, lost: dict[int, Network]) -> bool:
    return any(id(network.module) in recording.loaded for network in lost.values())


def _are_in_eval(recording: Recording, lost: dict[int, Network]) -> bool:
    owners = set(lost.values())
    return all(
        not call.training for call in recording.calls if call.network in owners and call.trained_on
    )


def _without_gradient(recording: Recording) -> Iterator[Found]:
    yield from _no_step(recording)
    if orphans(recording):
        return
    if not recording.backwards and not recording.used_autograd_grad:
        for watching in stepping(recording):
            if not watching.has_seen_grad:
                yield Found(
                    code="no-backward",
                    where=watching.steps[0].where,
                    words=f"{plural(len(watching.steps), 'step')} without any backward pass: every gradient was empty.",
                    seen=len(watching.steps),
                )
        return
    for watching in stepping(recording):
        if watching.reached:
            yield from _part_without_gradient(recording, watching)
        if watching.reached or watching.has_seen_grad:
            continue
        parameters = list(watching.parameters())
        frozen = sum(not p.requires_grad for p in parameters)
        yield Found(
            code="no-gradient-reaches",
            where=watching.steps[0].where,
            words=f"{plural(len(watching.steps), 'step')} of this optimizer found no gradient in any of its "
            f"{plural(len(parameters), 'parameter')}"
            + (f" ({frozen} of them frozen)" if frozen else "")
            + ": no loss leads to them.",
            numbers={"parameters": len(parameters), "frozen": frozen},
            seen=len(watching.steps),
            related=(watching.where,),
        )


def _part_without_gradient(recording: Recording, watching: Watching) -> Iterator[Found]:
    """A network that the optimizer holds and that only ever runs under no_grad."""
    held = {id(p) for p in watching.parameters()}
    for network in recording.networks.values():
        parameters = list(network.module.parameters())
        if (
            network.calls[True]
            or not all(p.requires_grad and id(p) in held for p in parameters)
            or any(recording.was_reached(id(p)) for p in parameters)
            or any(id(each) in recording.loaded for each in network.module.modules())
        ):
            continue
        calls = [
            each
            for each in recording.calls
            if each.network is network and watching.born < each.time < watching.steps[-1].time
        ]
        if len(calls) < 2:
            continue
        yield Found(
            code="no-gradient-reaches",
            where=calls[0].where,
            words=f"{network.name} ran {times(len(calls))}, each time under no_grad: none of its "
            f"{plural(len(parameters), 'parameter')}, which an optimizer holds, got a gradient in "
            f"{plural(len(watching.steps), 'step')}.",
            numbers={"parameters": len(parameters), "calls": len(calls)},
            seen=len(calls),
            related=(watching.where,),
            severity="warning",
        )


def _no_step(recording: Recording) -> Iterator[Found]:
    if recording.num_steps or recording.text_has_step:
        return
    often = max(recording.reached_by_hand.values(), default=0)
    if often >= 3 and recording.text_scales_gradient and not recording.moved_by_hand:
        yield Found(
            code="no-step",
            where=recording.backwards[0].where,
            words=f"{plural(often, 'backward pass')} to the same leaves, gradients are multiplied by a learning rate, "
            "and no leaf ever moved.",
            seen=often,
        )
        return
    passes = [each for each in recording.backwards if each.reached and not each.reaches_input]
    if len(passes) < 3:
        return
    keys = {key for each in passes for key in each.reached}
    if all(recording.is_unmoved(key) for key in keys if recording.was_reached(key)):
        yield Found(
            code="no-step",
            where=passes[0].where,
            words=f"{plural(len(passes), 'backward pass')}, and no parameter ever moved: nothing steps.",
            seen=len(passes),
        )


def _clipping(recording: Recording) -> Iterator[Found]:
    words = {
        "clip-after-step": "clipped gradients that a step had already used",
        "clip-without-gradient": "found no gradient to clip",
        "clip-before-unscale": "clipped gradients that were still multiplied by the scaler's factor",
    }
    for (code, where), sightings in list(recording.sightings.items()):
        if code in words and len(sightings) >= 2:
            function = sightings[0].numbers["function"]
            yield Found(
                code=code,
                where=where,
                words=f"{function} {words[code]}, {times(len(sightings))}.",
                seen=len(sightings),
            )


def _growing(recording: Recording) -> Iterator[Found]:
    by_line: dict[Where, list[Backward]] = defaultdict(list)
    for backward in recording.backwards:
        by_line[backward.where].append(backward)
    for where, passes in by_line.items():
        nodes = [each.nodes for each in passes]
        for start in range(max(len(nodes) - 3, 0)):
            four = nodes[start : start + 4]
            gains = [after - before for before, after in pairwise(four)]
            if (
                all(each.keeps_graph for each in passes[start : start + 4])
                and min(gains) > 0
                and max(gains) <= 1.5 * min(gains)
            ):
                yield Found(
                    code="graph-grows",
                    where=where,
                    words=f"The graph behind the loss grew with every pass: {', '.join(map(str, four))} nodes.",
                    numbers={"first": four[0], "last": four[-1]},
                    seen=len(passes),
                )
                break


def _accumulated(recording: Recording) -> Iterator[Found]:
    for watching in stepping(recording):
        several = []
        for step in watching.steps:
            lines = [recording.backwards[index] for index in step.backwards]
            if not step.stale and len(lines) >= 2 and len({each.where for each in lines}) == 1:
                several.append((step, lines))
        if len(several) < 2 or any(each.divided for _, lines in several for each in lines):
            continue
        number = int(median(len(lines) for _, lines in several))
        yield Found(
            code="accumulation-not-scaled",
            where=several[0][1][0].where,
            words=f"Each step used the sum of {number} backward passes, and the loss was not divided by {number}.",
            numbers={"passes": number},
            seen=len(several),
            related=(several[0][0].where,),
        )
