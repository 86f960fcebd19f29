"""Clipping of gradients, and the scaler of mixed precision: in which order they come."""

import functools
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from torchcamp.doctor import tape
from torchcamp.doctor.ledger import Ledger
from torchcamp.doctor.lines import UserLines
from torchcamp.doctor.recording import Marks, Recording

unwatched = torch._C.DisableTorchFunction


class Clipping:
    """Looks at `clip_grad_norm_`, `clip_grad_value_` and `GradScaler`.

    Attributes:
        makers: of losses that a scaler multiplied, the operation that made them.
    """

    def __init__(self, recording: Recording, lines: UserLines, ledger: Ledger) -> None:
        self._recording = recording
        self._lines = lines
        self._ledger = ledger
        self.makers: Marks[str] = Marks()
        self._scaled = False
        self._unscaled: set[int] = set()

    def replace(self) -> None:
        """Watch them for the rest of this process."""
        self._replace_clipping()
        self._replace_scaler()

    def _replace_clipping(self) -> None:
        for name in ("clip_grad_norm_", "clip_grad_value_"):
            original = getattr(nn.utils, name)
            clip = self._clipping(original)
            for module in (nn.utils, nn.utils.clip_grad):
                setattr(module, name, clip)

    def _clipping(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def clip(parameters: Any, *args: Any, **kwargs: Any) -> Any:
            if isinstance(parameters, Tensor):
                parameters = [parameters]
            parameters = list(parameters)
            with unwatched():
                self._before_clip(parameters, original.__name__)
            result = original(parameters, *args, **kwargs)
            with unwatched():
                self._ledger.refresh(parameters)
            return result

        return clip

    def _before_clip(self, parameters: list[Tensor], name: str) -> None:
        where = self._lines.here(3)
        recording = self._recording
        if where is None or recording.is_closed:
            return
        recording.tick()
        entries = self._ledger.entries(parameters)
        if not entries:
            if not any(p.grad is not None and bool(p.grad.count_nonzero()) for p in parameters):
                recording.see("clip-without-gradient", where, function=name)
        elif all(entry.used_by for account in entries for entry in account):
            recording.see("clip-after-step", where, function=name)
        elif self._scaled and not self._unscaled:
            recording.see("clip-before-unscale", where, function=name)

    def _replace_scaler(self) -> None:
        scaler: Any = torch.amp.grad_scaler.GradScaler
        scale, unscale, step = scaler.scale, scaler.unscale_, scaler.step

        @functools.wraps(scale)
        def watched_scale(self_: Any, outputs: Any) -> Any:
            self._scaled = True
            self._unscaled.clear()
            self._recording.scaler_used = True
            scaled = scale(self_, outputs)
            if isinstance(outputs, Tensor) and isinstance(scaled, Tensor):
                with unwatched():
                    self.makers.put(scaled, tape.maker(outputs))
            return scaled

        @functools.wraps(unscale)
        def watched_unscale(self_: Any, optimizer: Optimizer) -> Any:
            self._unscaled.add(id(optimizer))
            result = unscale(self_, optimizer)
            with unwatched():
                self._ledger.refresh(p for group in optimizer.param_groups for p in group["params"])
            return result

        @functools.wraps(step)
        def watched_step(self_: Any, optimizer: Optimizer, *args: Any, **kwargs: Any) -> Any:
            result = step(self_, optimizer, *args, **kwargs)
            self._scaled = False
            return result

        scaler.scale, scaler.unscale_, scaler.step = watched_scale, watched_unscale, watched_step
