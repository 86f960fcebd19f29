"""What networks are made of, and how far their weights move."""

import math
from collections.abc import Iterator
from statistics import median

from torch import nn

from torchcamp.doctor.findings.found import Found
from torchcamp.doctor.findings.gradients import stepping
from torchcamp.doctor.recording import Recording, Stepped, Watching

SLOWEST, FASTEST = 1e-5, 1e-1  # length of an update by length of the weights
REPLACED = 0.55  # the same of the first steps, from which on little of the initial weights is left
FIRST_STEPS = 3  # of an optimizer, which are long or short by its own making


def find(recording: Recording) -> Iterator[Found]:
    """Findings about networks."""
    whole = list(_no_nonlinearity(recording))
    yield from whole
    if not whole:
        yield from _bare_pairs(recording)
    yield from _learning_rate(recording)


def _no_nonlinearity(recording: Recording) -> Iterator[Found]:
    for network in recording.networks.values():
        calls = [c for c in recording.calls if c.network is network and c.weight_layers]
        looked = [c for c in calls if c.weight_layers >= 2 and c.trained_on]
        if len(looked) < 2 or len(looked) < len(calls) / 2 or _is_part(recording, network.module):
            continue
        number = looked[0].weight_layers
        yield Found(
            code="no-nonlinearity",
            where=network.where,
            words=f"{network.name} stacks {number} layers with weights and has nothing nonlinear between them: "
            "together they are one linear layer.",
            numbers={"layers": number},
            seen=len(looked),
        )


def _bare_pairs(recording: Recording) -> Iterator[Found]:
    """Two layers of a deeper network: a note, for one may be a projection that is used elsewhere too."""
    for network in recording.networks.values():
        calls = [c for c in recording.calls if c.network is network and c.trained_on and c.maker]
        looked = [c for c in calls if c.bare_pairs]
        if len(looked) < 2 or len(looked) < len(calls) or _is_part(recording, network.module):
            continue
        first, second = looked[0].bare_pairs[0]
        names = {id(each): name for name, each in network.module.named_modules()}
        layers = [
            f"{names.get(id(each)) or '?'} ({each.in_features} to {each.out_features})"
            for each in (first, second)
        ]
        yield Found(
            code="no-nonlinearity",
            where=network.where,
            words=f"In {network.name}, what {layers[0]} gives goes to {layers[1]} and nowhere else, with nothing "
            "nonlinear between them: together they are one linear layer.",
            numbers={"layers": 2, "width": first.out_features},
            seen=len(looked),
            severity="note",
        )


def _is_part(recording: Recording, module: nn.Module) -> bool:
    """Whether another network that ran holds this one: then it is not the whole."""
    return any(
        each.module is not module
        and any(inner is module for inner in nn.Module.modules(each.module))
        for each in recording.networks.values()
    )


def _learning_rate(recording: Recording) -> Iterator[Found]:
    """Steps that stay too long or too short, once the optimizer has its averages.

    Silent on long ones while the loss falls, unless they replace the weights, and on steps without any gradient.
    """
    for watching in stepping(recording):
        first, ratios = _ratios(watching.steps[:4]), _ratios(watching.steps[FIRST_STEPS:])
        rates = [float(group["lr"]) for group in watching.optimizer.param_groups]
        if len(ratios) < 2 or not watching.reached or not all(rates):
            continue
        is_short = 0 < max(ratios) < SLOWEST
        are_replaced = len(first) >= 3 and median(first) > REPLACED
        is_long = min(ratios) > FASTEST and (are_replaced or not _falls(recording, watching))
        if not is_short and not is_long:
            continue
        middle = median(ratios)
        limit = FASTEST if is_long else SLOWEST
        yield Found(
            code="learning-rate",
            where=watching.where,
            words=f"A step changes a weight matrix by {middle:.2g} of its length, {'more' if is_long else 'less'} than "
            f"{limit:g} (learning rate {rates[0]:g}).",
            numbers={"ratio": middle, "lr": rates[0]},
            seen=len(ratios),
            related=(watching.steps[0].where,),
        )


def _ratios(steps: list[Stepped]) -> list[float]:
    return [each.ratio for each in steps if each.ratio is not None and math.isfinite(each.ratio)]


def _falls(recording: Recording, watching: Watching) -> bool:
    """Whether the loss that an optimizer steps on ended lower than it began."""
    values = [
        each.value
        for each in recording.backwards
        if id(watching.optimizer) in each.used_by and each.value is not None
    ]
    return len(values) >= 4 and median(values[-3:]) < values[0]
