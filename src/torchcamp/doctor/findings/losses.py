"""What the function mode saw at single calls: losses, arithmetic, dropout; and how losses went."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from statistics import median

from torchcamp.doctor.findings.found import Found, plural, times
from torchcamp.doctor.recording import Backward, Recording, Sighting, Where

EXPLODES = 30.0  # median of the last losses by the first one
FAR_FROM_UNIFORM = 2.0  # first cross-entropy by ln K


def find(recording: Recording) -> Iterator[Found]:
    """Findings about losses and the operations that lead to them."""
    for (code, where), sightings in list(recording.sightings.items()):
        describe = _WORDS.get(code)
        least = 1 if code in _ONCE else 2
        if describe is None or len(sightings) < least or _is_consequence(recording, code, where):
            continue
        yield Found(
            code=code,
            where=where,
            words=describe(sightings),
            numbers={k: v for k, v in sightings[0].numbers.items() if k != "form"},
            seen=len(sightings),
            related=sightings[-1].related,
            cause=where.file if code == "log-of-sigmoid" else sightings[0].cause,
            severity="warning"
            if code == "data-range-mismatch" and sightings[0].numbers["reachable"]
            else None,
        )
    yield from _values(recording)
    yield from _at_start(recording)


_ONCE = {
    "best-weights-are-an-alias",
    "uint8-wraps",
    "scheduler-before-optimizer",
    "loss-keeps-graph",
}


def _is_consequence(recording: Recording, code: str, where: Where) -> bool:
    """A softmax along the batch also shows as scores that are no log-probabilities: keep the cause.

    A loss that is kept and trained on shows where it is made, too. A softmax over steps of time may well
    meet a single one now and then.
    """
    others = recording.sightings
    if code == "softmax-of-one":
        return where in recording.long_softmaxes
    if code == "loss-keeps-graph" and others[code, where][0].numbers["form"] == "term":
        return any(
            key[0] == code and each.numbers["form"] != "term"
            for key, sightings in others.items()
            for each in sightings
        )
    return code in ("nll-on-logits", "nll-on-probabilities") and bool(
        others.get(("softmax-over-the-batch", where))
    )


def _range(sightings: list[Sighting]) -> str:
    numbers = sightings[0].numbers
    return (
        f"The output is {numbers['output']}, which gives {numbers['reach']}; the target runs from "
        f"{numbers['low']:.3g} to {numbers['high']:.3g}."
    )


def _kept(sightings: list[Sighting]) -> str:
    last = sightings[-1].numbers
    if last["form"] in ("list", "term"):
        return f"{last['kept']} losses of earlier batches are still alive, each with its graph."
    where = " in a validation loop" if last.get("validation") else ""
    return f"The graph behind this sum grew from {last['first']} to {last['nodes']} nodes{where}."


_WORDS: dict[str, Callable[[list[Sighting]], str]] = {
    "softmax-before-cross-entropy": lambda s: (
        f"The scores are probabilities: not negative, and each row sums to 1, in {plural(len(s), 'call')}. "
        f"With {s[0].numbers['classes']} classes the loss cannot fall below {s[0].numbers['floor']:.3g}."
    ),
    "sigmoid-before-bce-with-logits": lambda s: (
        f"The scores come out of a sigmoid, in {plural(len(s), 'call')}; this loss applies its own."
    ),
    "nll-on-probabilities": lambda s: (
        f"The scores are probabilities (the largest is {s[0].numbers['largest']:.3g}), not their logarithms, in "
        f"{plural(len(s), 'call')}."
    ),
    "nll-on-logits": lambda s: (
        f"exp(scores) sums to {s[0].numbers['row_sum']:.3g} in a row instead of 1, in {plural(len(s), 'call')}."
    ),
    "softmax-over-the-batch": lambda s: (
        f"Each column sums to 1, over the items of the batch, and the rows do not, in {plural(len(s), 'call')}."
    ),
    "softmax-of-one": lambda s: (
        f"The softmax of {tuple(s[0].numbers['shape'])} runs along axis {s[0].numbers['axis']}, which has one number: "
        f"every result is 1, in {plural(len(s), 'call')}."
    ),
    "broadcast-mismatch": lambda s: (
        f"({s[0].numbers['rows']}, 1) met ({s[0].numbers['rows']},): all pairs were compared, "
        f"{times(len(s))}. Mean square {s[0].numbers['mean_square_all_pairs']:.3g} instead of "
        f"{s[0].numbers['mean_square']:.3g}."
    ),
    "log-of-sigmoid": lambda s: (
        f"{s[0].numbers['form']}, {times(len(s))}. In float32 the sigmoid is exactly 1 from a score of 17 on."
    ),
    "dropout-always-on": lambda s: (
        f"{s[0].numbers['function']} dropped {100 * s[0].numbers['p']:.0f} % although its module was in eval mode, "
        f"{times(len(s))}."
    ),
    "data-range-mismatch": _range,
    "padding-in-loss": lambda s: (
        f"{100 * s[0].numbers['share']:.0f} % of the targets are the padding (index {s[0].numbers['padding']}), and all count."
    ),
    "uint8-wraps": lambda s: (
        f"{100 * s[0].numbers['share']:.0f} % of the results left 0..255 and wrapped around, because the tensor holds bytes."
    ),
    "bytes-unnormalised": lambda s: (
        f"The first layer with weights gets whole numbers from {s[0].numbers['low']:.0f} to {s[0].numbers['high']:.0f}, in {plural(len(s), 'call')}."
    ),
    "scheduler-before-optimizer": lambda s: (
        f"The rate went from {s[0].numbers['before']:.3g} to {s[0].numbers['after']:.3g} before the first step."
    ),
    "loss-keeps-graph": _kept,
    "no-nonlinearity": lambda s: (
        f"{s[0].numbers['layers']} products with weights lead to these scores, and nothing nonlinear lies between them: "
        "together they are one linear layer."
    ),
    "best-weights-are-an-alias": lambda s: (
        f"Used {plural(s[-1].numbers['steps'], 'step')} later, these weights were still the network's own tensors: "
        "they moved along."
        if s[-1].numbers["steps"]
        else "These weights are the network's own tensors, not copies: they moved with every step, and putting them "
        "back changes nothing."
    ),
}


def _values(recording: Recording) -> Iterator[Found]:
    by_line: dict[Where, list[Backward]] = defaultdict(list)
    for backward in recording.backwards:
        if backward.value is not None:
            by_line[backward.where].append(backward)
    for where, passes in by_line.items():
        values = [each.value for each in passes if each.value is not None]
        bad = [each for each in values if not math.isfinite(each)]
        if bad:
            first = values.index(bad[0]) if bad[0] == bad[0] else next(
                number for number, each in enumerate(values) if not math.isfinite(each)
            )  # fmt: skip
            yield Found(
                code="loss-not-finite",
                where=where,
                words=f"The loss was {bad[0]} in pass {first + 1} of {len(values)}.",
                numbers={"pass": first + 1},
                seen=len(bad),
            )
            continue
        if len(values) < 5 or values[0] <= 0:
            continue
        if not recording.num_steps and max(recording.reached_by_hand.values(), default=0) >= 3:
            continue  # gradients are looked at, and nothing is trained
        last = median(values[-3:])
        if last > EXPLODES * values[0]:
            yield Found(
                code="loss-explodes",
                where=where,
                words=f"The loss went from {values[0]:.3g} to {last:.3g} in {len(values)} passes.",
                numbers={"first": values[0], "last": last},
                seen=len(values),
            )


def _at_start(recording: Recording) -> Iterator[Found]:
    if recording.loaded or not recording.cross_entropies:
        return
    where, classes, _, value, is_plain = recording.cross_entropies[0]
    expected = math.log(classes) if classes > 1 else 0.0
    if is_plain and expected and value > FAR_FROM_UNIFORM * expected + 0.5:
        yield Found(
            code="loss-at-init",
            where=where,
            words=f"The first loss is {value:.3g}; scores that favour no class give ln {classes} = {expected:.3g}.",
            numbers={"loss": value, "expected": expected},
        )
