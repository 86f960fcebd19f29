"""Weights that a script takes, keeps, puts back and saves."""

import functools
import os
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from torchcamp.base.plain import tensors
from torchcamp.doctor.lines import UserLines
from torchcamp.doctor.recording import Recording, Saved, Where

unwatched = torch._C.DisableTorchFunction
MAX_KEPT = 32  # state dicts
MAX_TENSORS = 4  # of a state dict, and MAX_NUMBERS of each, by which it is seen to move
MAX_NUMBERS = 256
PROGRESS = ("epoch", "step", "iter", "round")


@dataclass
class _Kept:
    """A state dict that the script took: after how many steps, and where.

    Attributes:
        numbers: some of its numbers, as they were then.
        lived: it was still kept when another step was taken.
    """

    state: weakref.ref[Any]
    steps: int
    where: Where
    numbers: Tensor
    lived: bool = False


class Weights:
    """Looks at `state_dict`, `load_state_dict` and `torch.save`."""

    def __init__(self, recording: Recording, lines: UserLines) -> None:
        self._recording = recording
        self._lines = lines
        self._state_dicts: list[_Kept] = []

    def note_step(self) -> None:
        """An optimizer took a step: what is kept has lived through it."""
        for kept in self._state_dicts:
            kept.lived = kept.lived or kept.state() is not None

    def replace(self) -> None:
        """Watch them for the rest of this process."""
        owner: Any = nn.Module
        take, put, save = owner.state_dict, owner.load_state_dict, torch.save

        @functools.wraps(take)
        def state_dict(module: nn.Module, *args: Any, **kwargs: Any) -> Any:
            state = take(module, *args, **kwargs)
            where = self._lines.here()
            if where is not None and not kwargs.get("prefix") and isinstance(state, dict):
                with unwatched():
                    numbers = _some(state)
                self._state_dicts = self._state_dicts[1 - MAX_KEPT :]
                self._state_dicts.append(
                    _Kept(weakref.ref(state), self._recording.num_steps, where, numbers)
                )
            return state

        @functools.wraps(put)
        def load_state_dict(module: nn.Module, state: Any, *args: Any, **kwargs: Any) -> Any:
            recording = self._recording
            if recording.is_closed:
                return put(module, state, *args, **kwargs)
            own = {p.data_ptr() for p in module.parameters()}
            with unwatched():
                self._check_alias(state, own, loads=True)
            if not any(recording.was_reached(id(p)) for p in module.parameters()):
                recording.loaded |= {id(each) for each in nn.Module.modules(module)}
            answer = put(module, state, *args, **kwargs)
            if (
                id(module) not in recording.networks
            ):  # its first weights: it follows no other network
                recording.written -= own
            return answer

        @functools.wraps(save)
        def watched_save(value: Any, *args: Any, **kwargs: Any) -> Any:
            place, *others = args or (kwargs.pop("f"),)
            if not self._recording.is_closed:
                with unwatched():
                    self._note_saved(value, place)
                    live = {
                        p.data_ptr()
                        for watching in self._recording.optimizers.values()
                        for p in watching.parameters()
                    }
                    for each in value.values() if isinstance(value, dict) else ():
                        self._check_alias(each, live)
                    self._check_alias(value, live)
            if not isinstance(place, str | os.PathLike):
                return save(value, place, *others, **kwargs)
            with open(place, "wb") as file:  # torch's own writer opens files where no guard sees it
                return save(value, file, *others, **kwargs)

        owner.state_dict = state_dict
        owner.load_state_dict = load_state_dict
        torch.save = watched_save

    def _check_alias(self, state: Any, live: set[int], *, loads: bool = False) -> None:
        """Weights that were kept some steps ago and are the network's own tensors are not a copy.

        Args:
            live: where the memory lies of the weights that the optimizers move, or of those that are
                loaded into.
            loads: they are put back into the network that they are already part of.
        """
        if not isinstance(state, dict):
            return
        floats = _floats(state)
        used = self._lines.here(3)
        if not floats or used is None or not self._recording.num_steps:
            return
        kept = next((each for each in self._state_dicts if each.state() is state), None)
        since = self._recording.num_steps - kept.steps if kept is not None else 0
        if not _are_of(floats, live):
            # An averaged copy, which no optimizer holds. One that was taken before training began is
            # meant to be written to.
            if kept is not None and kept.steps and since and self._has_moved(state, kept):
                self._recording.see("best-weights-are-an-alias", kept.where, used, steps=since)
            return
        if kept is None:  # a shallow copy
            if loads:
                self._recording.see("best-weights-are-an-alias", used, steps=0)
            return
        lived = any(each.lived for each in self._state_dicts if each.where == kept.where)
        if since or (loads and lived):  # at the same line others were kept while steps went on
            self._recording.see("best-weights-are-an-alias", kept.where, used, steps=since)

    def _has_moved(self, state: dict[str, Any], kept: _Kept) -> bool:
        """Whether a network that runs still writes to what was kept."""
        running = {
            p.data_ptr()
            for network in self._recording.networks.values()
            for p in network.module.parameters()
        }
        return _are_of(_floats(state), running) and not torch.equal(_some(state), kept.numbers)

    def _note_saved(self, value: Any, place: Any) -> None:
        """What a script saves: weights, how far it had come, and its optimizer's state?"""
        where = self._lines.here(3)
        if where is None or not isinstance(value, dict) or not self._recording.num_steps:
            return
        progress = {
            name: number
            for name, number in value.items()
            if isinstance(name, str)
            and any(word in name.lower() for word in PROGRESS)
            and isinstance(number, int)
        }
        floats = [each for each in tensors(value) if each.is_floating_point()]
        self._recording.saved.append(
            Saved(
                where=where,
                name=str(place) if isinstance(place, str | os.PathLike) else "",
                steps=self._recording.num_steps,
                tensors=len(floats),
                progress=progress,
                has_state=any(map(_is_state, _dicts(value))),
            )
        )


def _are_of(floats: list[Tensor], places: set[int]) -> bool:
    """Whether more than half of some tensors lie at these places in memory."""
    return sum(tensor.data_ptr() in places for tensor in floats) * 2 > len(floats)


def _floats(state: dict[str, Any]) -> list[Tensor]:
    return [v for v in state.values() if isinstance(v, Tensor) and v.is_floating_point()]


def _some(state: dict[str, Any]) -> Tensor:
    """Some numbers of a state dict."""
    floats = _floats(state)[:MAX_TENSORS]
    parts = [each.detach().flatten()[:MAX_NUMBERS].float() for each in floats]
    return torch.cat(parts) if parts else torch.empty(0)


def _dicts(value: Any) -> Iterator[Any]:
    """A dict, and what is inside it, at any depth."""
    if isinstance(value, dict):
        yield value
        for each in value.values():
            yield from _dicts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _dicts(each)
    elif isinstance(value, Optimizer):
        yield value


def _is_state(value: Any) -> bool:
    """Whether something is what an optimizer needs to go on, under whatever name."""
    if isinstance(value, Optimizer):
        return True
    return "param_groups" in value or any(
        isinstance(name, str) and "optim" in name.lower() for name in value
    )
