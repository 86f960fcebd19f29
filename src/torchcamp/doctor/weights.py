"""Weights that a script takes, keeps, puts back and saves."""

import functools
import os
import weakref
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from torchcamp.doctor.lines import UserLines
from torchcamp.doctor.recording import Recording, Where

unwatched = torch._C.DisableTorchFunction


@dataclass
class _Kept:
    """A state dict that the script took: after how many steps, and where.

    Attributes:
        lived: it was still kept when another step was taken.
    """

    state: weakref.ref[Any]
    steps: int
    where: Where
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
                self._state_dicts = self._state_dicts[-31:]
                kept = _Kept(weakref.ref(state), self._recording.num_steps, where)
                self._state_dicts.append(kept)
            return state

        @functools.wraps(put)
        def load_state_dict(module: nn.Module, state: Any, *args: Any, **kwargs: Any) -> Any:
            if not self._recording.is_closed:
                with unwatched():
                    own = {p.data_ptr() for p in module.parameters()}
                    self._check_alias(state, own, loads=True)
                if not any(self._recording.was_reached(id(p)) for p in module.parameters()):
                    self._recording.loaded |= {id(each) for each in nn.Module.modules(module)}
            return put(module, state, *args, **kwargs)

        @functools.wraps(save)
        def watched_save(value: Any, *args: Any, **kwargs: Any) -> Any:
            if not self._recording.is_closed:
                with unwatched():
                    live = {
                        p.data_ptr()
                        for watching in self._recording.optimizers.values()
                        for p in watching.parameters()
                    }
                    for each in value.values() if isinstance(value, dict) else ():
                        self._check_alias(each, live)
                    self._check_alias(value, live)
            place, *others = args or (kwargs.pop("f"),)
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
            loads: they are put back into the network that they are already part of.
        """
        if not isinstance(state, dict):
            return
        tensors = [v for v in state.values() if isinstance(v, Tensor) and v.is_floating_point()]
        used = self._lines.here(3)
        if not tensors or used is None or not self._recording.num_steps:
            return
        if sum(tensor.data_ptr() in live for tensor in tensors) * 2 <= len(tensors):
            return
        kept = next((each for each in self._state_dicts if each.state() is state), None)
        if kept is None:  # a shallow copy
            if loads:
                self._recording.see("best-weights-are-an-alias", used, steps=0)
            return
        since = self._recording.num_steps - kept.steps
        lived = any(each.lived for each in self._state_dicts if each.where == kept.where)
        if since or (loads and lived):  # at the same line others were kept while steps went on
            self._recording.see("best-weights-are-an-alias", kept.where, used, steps=since)
