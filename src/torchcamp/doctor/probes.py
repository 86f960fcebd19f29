"""What is tried on copies of the trained networks after the script has ended.

Each network is copied, put into eval mode and given its last training batch again, with one thing
changed. Nothing of the script's is touched.
"""

import copy
import inspect
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from torchcamp.doctor.findings.found import Found, plural
from torchcamp.doctor.functions import Functions
from torchcamp.doctor.recording import Call, Network, Recording

MOVED = 1e-4  # of the output's scale: more than rounding
MAX_PARAMETERS = 200_000_000
LABELS = {
    "y", "label", "labels", "class_label", "class_labels", "cls", "c", "cond", "condition", "conditions",
    "class_idx", "classes", "attrs", "attributes",
}  # fmt: skip


def find(recording: Recording, functions: Functions) -> Iterator[Found]:
    """Try every network that was trained."""
    trained = recording.trained()
    for network in list(recording.networks.values()):
        module, call = network.module, network.batch
        if call is None or not any(id(p) in trained for p in module.parameters()):
            continue
        if sum(p.numel() for p in module.parameters()) > MAX_PARAMETERS:
            continue
        with torch.random.fork_rng(devices=[]), torch.no_grad():
            try:
                yield from _try(recording, functions, network, call)
            except (
                Exception
            ):  # the network is a stranger's: a probe that does not fit is no finding
                continue


def _try(
    recording: Recording, functions: Functions, network: Network, call: Call
) -> Iterator[Found]:
    module = copy.deepcopy(network.module).eval()
    first = _run(module, call.arguments, functions)
    again = _run(module, call.arguments, functions)
    if first is None or again is None:
        return
    if not torch.equal(first, again) and _moved(first, again):
        return  # it draws: nothing can be compared
    yield from _dead_units(module, call, network)
    mixed = list(_batch_mixed(module, call, network, first))
    yield from mixed
    yield from _ignored_labels(module, call, network)
    for found in _future(recording, module, call, network, first):
        if not mixed or found.code == "target-not-shifted":  # a mix of rows shows later tokens too
            yield found


def _run(
    module: nn.Module,
    arguments: tuple[tuple[Any, ...], dict[str, Any]],
    functions: Functions | None = None,
) -> Tensor | None:
    """The network's first floating output, from the same random numbers each time.

    Args:
        functions: watches this pass too, for dropout that is on in eval mode.
    """
    args, kwargs = arguments
    torch.manual_seed(0)
    if functions is None:
        output = module(*args, **kwargs)
    else:
        functions.probing = True
        try:
            with functions:
                output = module(*args, **kwargs)
        finally:
            functions.probing = False
    return next((each for each in _tensors(output) if each.is_floating_point()), None)


def _tensors(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _tensors(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _tensors(each)


def _moved(before: Tensor, after: Tensor) -> bool:
    if before.shape != after.shape:
        return True
    scale = before.abs().max().clamp_min(1e-12)
    return bool((before - after).abs().max() > MOVED * scale)


def _batch_mixed(
    module: nn.Module, call: Call, network: Network, output: Tensor
) -> Iterator[Found]:
    args, kwargs = call.arguments
    batch = args[0] if args and isinstance(args[0], Tensor) else None
    if (
        not (call.from_loader or network.reorders)
        or batch is None
        or batch.dim() < 2
        or len(batch) < 2
        or output.dim() < 1
        or len(output) != len(batch)
    ):
        return
    # Every second row, not one: in a view of mixed axes most rows may lead nowhere.
    changed = batch.clone()
    changed[1::2] = batch.roll(1, 0)[1::2]
    if torch.equal(changed, batch):
        changed[1::2] = batch[1::2].flip(1)
    if torch.equal(changed, batch):
        return
    after = _run(module, ((changed, *args[1:]), kwargs))
    if after is None or after.shape != output.shape:
        return
    scale = output.abs().max().clamp_min(1e-12)
    difference = (after - output).abs().flatten(1)[::2].max(1).values / scale
    moved = int((difference > MOVED).sum())
    if moved:
        yield Found(
            code="batch-mixed",
            where=call.where,
            words=f"Every second item of a batch of {len(batch)} was replaced by another one, and the outputs of "
            f"{plural(moved, 'other item')} changed too.",
            numbers={"rows_moved": moved, "largest_change": float(difference.max())},
            seen=moved,
        )


def _ignored_labels(module: nn.Module, call: Call, network: Network) -> Iterator[Found]:
    args, kwargs = call.arguments
    try:
        bound = inspect.signature(module.forward).bind(*args, **kwargs)
    except (TypeError, ValueError):
        return
    tensors = {name: v for name, v in bound.arguments.items() if isinstance(v, Tensor)}
    if len(tensors) < 2:
        return
    before = list(_tensors(module(*bound.args, **bound.kwargs)))
    for name, label in tensors.items():
        if name.lower() not in LABELS or label.dim() not in (1, 2) or len(label) < 4:
            continue
        for shift in range(1, len(label)):
            rolled = label.roll(shift, 0)
            if float((rolled != label).flatten(1 if label.dim() > 1 else 0).float().mean()) > 0:
                break
        else:
            continue
        bound.arguments[name] = rolled
        after = list(_tensors(module(*bound.args, **bound.kwargs)))
        bound.arguments[name] = label
        if len(after) == len(before) and all(
            torch.equal(a, b) for a, b in zip(before, after, strict=True)
        ):
            yield Found(
                code="labels-ignored",
                where=call.where,
                words=f"Other labels in {name!r}, and every output of {network.name} stayed the same to the last bit.",
                seen=1,
            )


def _future(
    recording: Recording, module: nn.Module, call: Call, network: Network, output: Tensor
) -> Iterator[Found]:
    """A model that is to predict the next token must not see it."""
    args, kwargs = call.arguments
    tokens = next(
        (t for t in _tensors([args, kwargs]) if not t.is_floating_point() and t.dim() == 2), None
    )
    targets = recording.targets_of(call)
    if tokens is None or not args or args[0] is not tokens or tokens.shape[1] < 4:
        return
    length = tokens.shape[1]
    batch_first = output.dim() == 3 and output.shape[1] == length and len(output) == len(tokens)
    if not batch_first or targets is None:
        return
    is_next = is_same = False
    for target in targets:
        flat = target.reshape(-1)
        if flat.numel() == tokens.numel():
            grid = flat.view_as(tokens)
            is_next = is_next or torch.equal(grid[:, :-1], tokens[:, 1:])
            is_same = is_same or torch.equal(grid, tokens)
        if flat.numel() == tokens[:, 1:].numel():
            is_next = is_next or torch.equal(flat.view(len(tokens), -1), tokens[:, 1:])
    if not is_next and not is_same:
        return
    half = length // 2
    changed = tokens.clone()
    changed[:, half:] = tokens[:, half:].flip(1).roll(1, 0)
    if torch.equal(changed, tokens):
        return
    after = _run(module, ((changed, *args[1:]), kwargs))
    if after is None or after.shape != output.shape:
        return
    sees = _moved(output[:, :half], after[:, :half])
    share = float(
        ((output - after).abs()[:, :half].amax(-1) > MOVED * output.abs().max()).float().mean()
    )
    if is_next and sees:
        yield Found(
            code="sees-the-future",
            where=call.where,
            words=f"Only tokens from position {half} on were changed, and {share:.0%} of the outputs before it changed: "
            "each position is to predict the token after it, and can look it up.",
            numbers={"positions_moved": share},
        )
    elif is_same and not is_next and not sees:
        yield Found(
            code="target-not-shifted",
            where=call.where,
            words="The target equals the input, token by token, and each position sees itself: there is nothing to predict.",
        )


def _dead_units(module: nn.Module, call: Call, network: Network) -> Iterator[Found]:
    """Units whose ReLU gives zero for every item of the batch."""
    shares: list[tuple[float, int]] = []

    def look(layer: nn.Module, inputs: Any, output: Tensor) -> None:
        if isinstance(output, Tensor) and output.dim() >= 2 and len(output) >= 8:
            alive = (output != 0).transpose(0, 1).flatten(1).any(1)
            shares.append((float((~alive).float().mean()), len(alive)))

    handles = [
        each.register_forward_hook(look)
        for each in nn.Module.modules(module)
        if isinstance(each, nn.ReLU)
    ]
    try:
        _run(module, call.arguments)
    finally:
        for handle in handles:
            handle.remove()
    worst = max(shares, default=(0.0, 0))
    if worst[0] > 0.9 and worst[1] >= 8:
        yield Found(
            code="dead-units",
            where=call.where,
            words=f"After a ReLU of {network.name}, {worst[0]:.0%} of {worst[1]} units are zero for the whole batch.",
            numbers={"share": worst[0]},
        )
