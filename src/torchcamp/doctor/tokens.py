"""Language models on trial: does a position that is to predict the next token see it already?

Which argument holds the tokens, along which axis time runs and how the targets are shifted is read off
the numbers: the targets are the tokens, or the tokens moved by one.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from torchcamp.base.plain import tensors
from torchcamp.doctor.findings.found import Found
from torchcamp.doctor.recording import Arguments, Call

MOVED = 1e-4  # of the output's scale: more than rounding
LEAST = 4  # tokens in a sequence
KNOWN = 0.3  # share of the targets that must count: a masked language model has fewer
TRIES = 6  # positions whose token is changed alone

Outputs = Callable[[Arguments], list[Tensor]]


@dataclass(frozen=True, kw_only=True)
class Sequences:
    """Tokens among a network's arguments that its targets were made of.

    Attributes:
        tokens: as the network got them.
        time: the axis along which they follow one another.
        is_next: the targets are the tokens after these.
        is_same: the targets are these tokens.
        counts: whether the target at each position counts in the loss, as (time, rows).
    """

    tokens: Tensor
    time: int
    is_next: bool
    is_same: bool
    counts: Tensor


def sequences(call: Call) -> list[Sequences]:
    """All arguments of a call that its targets are made of, along either axis."""
    found = []
    for tokens in tensors(call.arguments):
        if tokens.dim() != 2 or tokens.is_floating_point() or tokens.dtype is torch.bool:
            continue
        for time in (1, 0):
            if tokens.shape[time] < LEAST:
                continue
            shifts: dict[int, Tensor] = {}
            for each in call.targets:
                shifts |= dict(_shifts(tokens, each, time))
            if shifts:
                found.append(
                    Sequences(
                        tokens=tokens,
                        time=time,
                        is_next=1 in shifts,
                        is_same=0 in shifts,
                        counts=shifts[max(shifts)],
                    )
                )
    return found


def _shifts(tokens: Tensor, target: Tensor, time: int) -> Iterator[tuple[int, Tensor]]:
    """By how many positions the targets are ahead of the tokens: 0, 1, or both if all are alike.

    With each comes which of the targets count, as (time, rows).
    """
    length = tokens.shape[time]
    for steps in (length, length - 1):
        shape = list(tokens.shape)
        shape[time] = steps
        if target.numel() != shape[0] * shape[1]:
            continue
        grid = target.reshape(shape)
        if float((grid >= 0).float().mean()) < KNOWN:
            continue
        counts = (grid >= 0).transpose(0, time)
        if _agree(grid, tokens.narrow(time, 0, steps)):
            yield 0, counts
        if _agree(grid.narrow(time, 0, length - 1), tokens.narrow(time, 1, length - 1)):
            yield 1, counts


def _agree(targets: Tensor, tokens: Tensor) -> bool:
    """Whether they are equal wherever a target counts; a negative one is left out of a loss."""
    return bool(((targets == tokens) | (targets < 0)).all())


def find(call: Call, outputs: Outputs) -> Iterator[Found]:
    """`sees-the-future` and `target-not-shifted` of one network.

    Args:
        outputs: runs a copy of the network in eval mode, each time from the same random numbers, and
            gives its floating outputs and the scores that went into a loss inside it.
    """
    before = outputs(call.arguments)
    looked = []
    for each in sequences(call):
        half = each.tokens.shape[each.time] // 2
        scores = _moved(call.arguments, each, _later_tokens(each, half), before, outputs)
        if scores is not None and bool(scores.any()):  # else it is a label, no input
            looked.append((each, half, scores))
    if len({id(each.tokens) for each, _, _ in looked}) > 1:
        return  # an encoder and a decoder got the same text: it is meant to be copied
    sees = any(bool(moved[:half].any()) for _, half, moved in looked)
    for each, half, moved in looked:
        counts = each.counts[:half]  # a prefix, whose words no loss asks for, may see itself whole
        share = float((moved[:half] & counts).sum()) / max(int(counts.sum()), 1)
        if each.is_next and not each.is_same and share:
            yield Found(
                code="sees-the-future",
                where=call.where,
                words=f"Only tokens from position {half} on were changed, and {100 * share:.0f} % of the outputs before it "
                "changed: each position is to predict the token after it, and can look it up.",
                numbers={"positions_moved": share},
            )
            return
        if (
            each.is_same
            and not each.is_next
            and not sees
            and all(  # along the batch, rows see themselves too
                _sees_itself(call.arguments, other, start, before, outputs)
                for other, start, _ in looked
            )
        ):
            yield Found(
                code="target-not-shifted",
                where=call.where,
                words="The target equals the input, token by token, and each position sees itself: there is nothing to "
                "predict.",
            )
            return


def _later_tokens(each: Sequences, half: int) -> Tensor:
    """Other tokens from position `half` on: those of another row, backwards."""
    changed = each.tokens.clone()
    later = changed.narrow(each.time, half, changed.shape[each.time] - half)
    later.copy_(later.flip(each.time).roll(1, 1 - each.time))
    return changed


def _sees_itself(
    arguments: Arguments, each: Sequences, half: int, before: list[Tensor], outputs: Outputs
) -> bool:
    """Whether one token, changed alone, changes the output at its own position and none before it.

    A decoder that is given its targets and moves them itself is different: there, only later ones change.
    """
    for position in range(half, min(half + TRIES, each.tokens.shape[each.time])):
        changed = each.tokens.clone()
        one = changed.select(each.time, position)
        one.copy_(one.roll(1) if len(one) > 1 else changed.select(each.time, position - 1))
        moved = _moved(arguments, each, changed, before, outputs)
        if moved is None or position >= len(moved) or bool(moved[:position].any()):
            return False
        if bool(moved[position].any()):
            return True
    return False


def _moved(
    arguments: Arguments, each: Sequences, changed: Tensor, before: list[Tensor], outputs: Outputs
) -> Tensor | None:
    """Which outputs changed with the tokens: a boolean of (time, rows); None without scores for each token."""
    if torch.equal(changed, each.tokens):
        return None
    first = _scores(before, each)
    second = _scores(outputs(replaced(arguments, each.tokens, changed)), each)
    if first is None or second is None or first.shape != second.shape:
        return None
    return (first - second).abs().amax(-1) > MOVED * first.abs().max().clamp_min(1e-12)


def _scores(outputs: list[Tensor], each: Sequences) -> Tensor | None:
    """The output with scores for each token, as (time, rows, classes)."""
    length, rows = each.tokens.shape[each.time], each.tokens.shape[1 - each.time]
    for steps in (length, length - 1):
        sizes = [rows, rows]
        sizes[each.time] = steps
        for output in outputs:
            if output.dim() == 2 and len(output) == steps * rows and output.shape[1] > 1:
                output = output.view(*sizes, -1)
            is_last = output.dim() == 3 and output.shape[::2] == (rows, steps)
            if is_last and each.time == 1 and list(output.shape[:2]) != sizes:
                return output.permute(2, 0, 1)
            if output.dim() == 3 and list(output.shape[:2]) == sizes:
                return output if each.time == 0 else output.transpose(0, 1)
    return None


def replaced(value: Any, old: Tensor, new: Tensor) -> Any:
    """The same arguments with one tensor in another one's place."""
    if value is old:
        return new
    if type(value) is dict:
        return {name: replaced(each, old, new) for name, each in value.items()}
    if type(value) in (list, tuple):
        return type(value)(replaced(each, old, new) for each in value)
    return value
