"""What is tried on copies of the trained networks after the script has ended.

Each network is copied, put into eval mode and given its last training batch again, with one thing
changed. Nothing of the script's is touched.
"""

import copy
import inspect
import random
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from torchcamp.base.plain import tensors
from torchcamp.doctor import tokens
from torchcamp.doctor.findings.found import Found, plural
from torchcamp.doctor.functions import Functions
from torchcamp.doctor.recording import Arguments, Call, Network, Recording

MOVED = 1e-4  # of the output's scale: more than rounding
MAX_PARAMETERS = 200_000_000
LABELS = {
    "y", "label", "labels", "class_label", "class_labels", "cls", "c", "cond", "condition", "conditions",
    "class_idx", "classes", "attrs", "attributes",
}  # fmt: skip


def find(recording: Recording, functions: Functions) -> Iterator[Found]:
    """Try every network that was trained."""
    trained = recording.trained()
    drawn = random.getstate()
    is_fast = torch.backends.mha.get_fastpath_enabled()
    # It treats a batch by how all of its rows are padded, so that outputs depend on other rows.
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        for network in list(recording.networks.values()):
            call = network.batch
            if call is None or not any(id(p) in trained for p in network.module.parameters()):
                continue
            if sum(p.numel() for p in network.module.parameters()) > MAX_PARAMETERS:
                continue
            with torch.random.fork_rng(devices=[]), torch.no_grad():
                try:
                    yield from _try(recording, functions, network, call)
                except Exception:  # a stranger's network: a probe that does not fit is no finding
                    continue
    finally:
        torch.backends.mha.set_fastpath_enabled(is_fast)
        random.setstate(drawn)


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
    known = tokens.sequences(call)
    rows = next((each.tokens for each in known if each.is_next and each.time == 1), None)
    if _hides_norms(recording, network):
        mixed = []  # what the network does not list stays in training mode, and mixes by that
    elif any(each.is_next and each.time == 0 for each in known):
        mixed = []  # the first axis is time: its rows do belong together
    else:
        mixed = list(_batch_mixed(module, call, network, rows))
    yield from mixed
    yield from _ignored_labels(module, call, network)
    for found in tokens.find(call, lambda given: _outputs(module, given)):
        if not mixed or found.code == "target-not-shifted":  # a mix of rows shows later tokens too
            yield found


def _run(
    module: nn.Module, arguments: Arguments, functions: Functions | None = None
) -> Tensor | None:
    """The network's first floating output, from the same random numbers each time.

    Args:
        functions: watches this pass too, for dropout that is on in eval mode.
    """
    if functions is None:
        return next(iter(_floating(_called(module, arguments))), None)
    functions.probing = True
    try:
        with functions:
            return next(iter(_floating(_called(module, arguments))), None)
    finally:
        functions.probing = False


def _called(module: nn.Module, arguments: Arguments) -> Any:
    """What a network gives, from the same random numbers each time, whoever draws them."""
    args, kwargs = arguments
    torch.manual_seed(0)
    random.seed(0)
    return module(*args, **kwargs)


def _floating(value: Any) -> list[Tensor]:
    return [each for each in tensors(value) if each.is_floating_point()]


def _outputs(module: nn.Module, arguments: Arguments) -> list[Tensor]:
    """A network's floating outputs, then the scores that went into a loss inside it."""
    with _Seen({"cross_entropy": 0, "nll_loss": 0}) as inside:
        outputs = _floating(_called(module, arguments))
    return outputs + inside.tensors


class _Seen(TorchFunctionMode):
    """Keeps what some functions got (their argument at a position) or gave (at None)."""

    def __init__(self, names: dict[str, int | None]) -> None:
        super().__init__()
        self._names = names
        self.tensors: list[Tensor] = []

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        out = func(*args, **(kwargs or {}))
        name = getattr(func, "__name__", "")
        if name in self._names:
            position = self._names[name]
            kept = out if position is None else args[position] if position < len(args) else None
            if isinstance(kept, Tensor):
                self.tensors.append(kept.clone())  # a layer may write over it
        return out


def _moved(before: Tensor, after: Tensor) -> bool:
    if before.shape != after.shape:
        return True
    scale = before.abs().max().clamp_min(1e-12)
    return bool((before - after).abs().max() > MOVED * scale)


def _hides_norms(recording: Recording, network: Network) -> bool:
    """Whether batch norms ran inside the network that it does not list."""
    return any(
        each.root == network.name and "BatchNorm" in each.module
        for each in recording.ran_unregistered.values()
    )


def _batch_mixed(
    module: nn.Module, call: Call, network: Network, rows: Tensor | None
) -> Iterator[Found]:
    """Items of a batch that change one another's outputs.

    Args:
        rows: an argument of which it is known otherwise that its rows are independent.
    """
    batch = rows
    if batch is None and (call.from_loader or call.has_rows or network.reorders):
        batch = next(tensors(call.arguments), None)
    if batch is None or batch.dim() < 2 or len(batch) < 2:
        return
    if any(
        _relates_rows(each, len(batch)) for each in tensors(call.arguments) if each is not batch
    ):
        return
    given = _floating(_called(module, call.arguments))
    number = next(
        (i for i, each in enumerate(given) if each.dim() >= 1 and len(each) == len(batch)), None
    )
    if number is None or any(each.dim() > 0 for each in given[:number]):
        return
    output = given[number]
    if output.shape[1:] == (len(batch),):
        return  # each item is compared with each, as in CLIP
    # Every second row, not one: in a view of mixed axes most rows may lead nowhere.
    changed = batch.clone()
    changed[1::2] = batch.roll(1, 0)[1::2]
    if torch.equal(changed, batch):
        changed[1::2] = batch[1::2].flip(1)
    if torch.equal(changed, batch):
        return
    given = _floating(_called(module, tokens.replaced(call.arguments, batch, changed)))
    after = given[number] if number < len(given) else None
    if after is None or after.shape != output.shape:
        return
    scale = output.abs().max().clamp_min(1e-12)
    difference = (after - output).abs().reshape(len(batch), -1)[::2].amax(1) / scale
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


def _relates_rows(other: Tensor, rows: int) -> bool:
    """Whether an argument says which rows belong together: a matrix of all pairs, or the edges of a graph."""
    if other.layout is not torch.strided:
        return True
    is_edges = other.dim() == 2 and len(other) == 2 and not other.is_floating_point()
    return other.shape == (rows, rows) or is_edges


def _ignored_labels(module: nn.Module, call: Call, network: Network) -> Iterator[Found]:
    args, kwargs = call.arguments
    try:
        bound = inspect.signature(module.forward).bind(*args, **kwargs)
    except (TypeError, ValueError):
        return
    given = {name: v for name, v in bound.arguments.items() if isinstance(v, Tensor)}
    if len(given) < 2:
        return
    for name, label in given.items():
        if not _is_condition(name, label):
            continue
        shifts = (label.roll(shift, 0) for shift in range(1, len(label)))
        rolled = next((each for each in shifts if not torch.equal(each, label)), None)
        if rolled is None:
            continue
        changed = tokens.replaced(call.arguments, label, rolled)
        if all(
            _same_outputs(module.train(mode), call.arguments, changed) for mode in (False, True)
        ):
            yield Found(
                code="labels-ignored",
                where=call.where,
                words=f"Other labels in {name!r}, and every output of {network.name} stayed the same to the last bit.",
                seen=1,
            )
    module.eval()


def _is_condition(name: str, label: Tensor) -> bool:
    """Whether an argument says which class each item is of: by its name, or as one 1 in each row."""
    if label.dim() not in (1, 2) or len(label) < 4:
        return False
    if name.lower() in LABELS:
        return True
    return (
        label.dim() == 2
        and min(label.shape) > 1
        and bool(((label == 0) | (label == 1)).all())
        and bool((label.sum(1) == 1).all())
    )


def _same_outputs(module: nn.Module, arguments: Arguments, others: Arguments) -> bool:
    """Whether a network gives the same, to the last bit, for other arguments."""
    before = list(tensors(_called(copy.deepcopy(module), arguments)))
    after = list(tensors(_called(copy.deepcopy(module), others)))
    return bool(before) and len(before) == len(after) and all(map(torch.equal, before, after))


def _dead_units(module: nn.Module, call: Call, network: Network) -> Iterator[Found]:
    """Units whose ReLU gives zero for every item of the batch."""
    with _Seen({"relu": None, "relu_": None}) as rectified:  # nn.ReLU calls one of them
        _called(module, call.arguments)
    shares = []
    for output in rectified.tensors:
        if output.dim() >= 2 and len(output) >= 8:
            alive = (output != 0).transpose(0, 1).flatten(1).any(1)
            shares.append((float((~alive).float().mean()), len(alive)))
    worst = max(shares, default=(0.0, 0))
    if worst[0] > 0.9 and worst[1] >= 8:
        yield Found(
            code="dead-units",
            where=call.where,
            words=f"After a ReLU of {network.name}, {100 * worst[0]:.0f} % of {worst[1]} units are zero for the whole batch.",
            numbers={"share": worst[0]},
        )
