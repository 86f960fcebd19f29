"""Optimizers and schedulers: when they are made, and what each step uses."""

import functools
import inspect
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau
from torch.optim.optimizer import (
    register_optimizer_step_post_hook,
    register_optimizer_step_pre_hook,
)

from torchcamp.doctor.functions import Functions
from torchcamp.doctor.ledger import Ledger
from torchcamp.doctor.lines import UserLines
from torchcamp.doctor.recording import Recording, Stepped, Watching, Where
from torchcamp.doctor.weights import Weights

MAX_RATIOS = 8  # steps of an optimizer whose update is measured
MAX_MEASURED = 50_000_000  # parameters of a network up to which it is
unwatched = torch._C.DisableTorchFunction


class Steps:
    """Looks at optimizers and schedulers."""

    def __init__(
        self,
        recording: Recording,
        lines: UserLines,
        ledger: Ledger,
        functions: Functions,
        weights: Weights,
    ) -> None:
        self._recording = recording
        self._lines = lines
        self._ledger = ledger
        self._functions = functions
        self._weights = weights
        self._weights_before: dict[int, list[tuple[nn.Parameter, Tensor]]] = {}

    def replace(self) -> None:
        """Watch them for the rest of this process."""
        register_optimizer_step_pre_hook(self._before_step)
        register_optimizer_step_post_hook(self._after_step)
        self._replace_optimizer()
        self._replace_schedulers()

    def _replace_optimizer(self) -> None:
        owner: Any = Optimizer
        original = owner.__init__

        @functools.wraps(original)
        def __init__(optimizer: Any, *args: Any, **kwargs: Any) -> None:
            original(optimizer, *args, **kwargs)
            where = self._lines.here(outside=optimizer)
            if where is not None:
                self._watching(optimizer, where)

        owner.__init__ = __init__

    def _watching(self, optimizer: Optimizer, where: Where) -> Watching:
        watching = self._recording.optimizers.get(id(optimizer))
        if watching is None:
            watching = Watching(optimizer=optimizer, where=where, born=self._recording.tick())
            self._recording.optimizers[id(optimizer)] = watching
        return watching

    def _before_step(self, optimizer: Optimizer, args: Any, kwargs: Any) -> Any:
        """Look at the gradients; a closure is replaced by one that is looked at, too."""
        where = self._lines.here(2)
        if where is None or self._recording.is_closed:
            return None
        with unwatched():
            watching = self._watching(optimizer, where)
            closure = args[1] if len(args) > 1 else kwargs.get("closure")
            if closure is not None:  # it runs after this: the gradients are not there yet
                watching.steps.append(_blank_step(where, self._recording.tick()))
                watched = self._closing(optimizer, watching, closure)
                if len(args) > 1:
                    return (args[0], watched, *args[2:]), kwargs
                return args, kwargs | {"closure": watched}
            parameters = self._looked_at(watching)
            previous = watching.steps[-1].time if watching.steps else watching.born
            use = self._ledger.step(parameters, id(optimizer))
            ids = {id(p) for p in parameters}
            wiped = not use.filled and any(
                each.time > previous
                and each.reached & ids
                and each.wiped
                and not each.used
                and not each.reaches_input
                for each in self._recording.backwards[-8:]
            )
            watching.steps.append(
                Stepped(
                    where=where,
                    time=self._recording.tick(),
                    filled=use.filled,
                    stale=use.stale,
                    foreign=use.foreign,
                    wiped=wiped,
                    passes=use.passes,
                    norm_used=use.norm_used,
                    norm_own=use.norm_own,
                    cosine=use.cosine,
                    backwards=tuple(sorted(use.backwards)),
                )
            )
            if len(watching.steps) <= MAX_RATIOS:
                matrices = [p for p in parameters if p.dim() > 1 and p.grad is not None]
                if sum(p.numel() for p in matrices) <= MAX_MEASURED:
                    self._weights_before[id(optimizer)] = [
                        (p, p.detach().clone()) for p in matrices
                    ]
        self._functions.stepping = True
        return None

    @staticmethod
    def _looked_at(watching: Watching) -> list[nn.Parameter]:
        """An optimizer's parameters, after a note of whether any has a gradient."""
        parameters = [p for p in watching.parameters() if isinstance(p, Tensor)]
        if not watching.has_seen_grad:
            watching.has_seen_grad = any(p.grad is not None for p in parameters)
        return parameters

    def _closing(
        self, optimizer: Optimizer, watching: Watching, closure: Callable[..., Any]
    ) -> Callable[..., Any]:
        """The closure, and a look at the gradients that it left, which the optimizer goes on to use."""

        @functools.wraps(closure)
        def watched(*args: Any, **kwargs: Any) -> Any:
            before = len(self._recording.backwards)
            result = closure(*args, **kwargs)
            if (
                len(self._recording.backwards) > before
            ):  # Lightning also gives one that does nothing
                watching.uses_closure = True
            if not self._recording.is_closed and self._recording.backwards:
                with unwatched():
                    use = self._ledger.step(self._looked_at(watching), id(optimizer))
                    watching.steps.append(
                        Stepped(
                            where=self._recording.backwards[-1].where,
                            time=self._recording.tick(),
                            filled=use.filled,
                            stale=use.stale,
                            foreign=0,
                            wiped=False,
                            passes=use.passes,
                            norm_used=use.norm_used,
                            norm_own=use.norm_own,
                            backwards=tuple(sorted(use.backwards)),
                            in_closure=True,
                        )
                    )
            return result

        return watched

    def _after_step(self, optimizer: Optimizer, args: Any, kwargs: Any) -> None:
        self._functions.stepping = False
        watching = self._recording.optimizers.get(id(optimizer))
        if watching is None or self._recording.is_closed:
            return
        self._recording.num_steps += 1
        self._recording.count("step")
        self._weights.note_step()
        before = self._weights_before.pop(id(optimizer), None)
        if not before or not watching.steps:
            return
        with unwatched():
            ratios = sorted(
                float((now.detach() - old).norm() / old.norm())
                for now, old in before
                if float(old.norm()) > 0
            )
            if ratios:
                watching.steps[-1].ratio = ratios[len(ratios) // 2]

    def _replace_schedulers(self) -> None:
        known = [LRScheduler, ReduceLROnPlateau]
        classes: set[Any] = {
            each
            for each in vars(torch.optim.lr_scheduler).values()
            if inspect.isclass(each) and issubclass(each, tuple(known)) and "step" in vars(each)
        }
        for each in classes:
            each.step = self._scheduling(each.step)

    def _scheduling(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def step(scheduler: Any, *args: Any, **kwargs: Any) -> Any:
            optimizer = getattr(scheduler, "optimizer", None)
            by_user = getattr(scheduler, "_step_count", 0) >= 1
            before = _rates(optimizer)
            result = original(scheduler, *args, **kwargs)
            watching = self._recording.optimizers.get(id(optimizer))
            if (
                by_user
                and watching is not None
                and not watching.steps
                and not self._recording.scaler_used
                and _rates(optimizer) != before
            ):
                self._recording.see(
                    "scheduler-before-optimizer", self._lines.here(), before=before[0],
                    after=_rates(optimizer)[0],
                )  # fmt: skip
            return result

        return step


def _rates(optimizer: Any) -> list[float]:
    return [float(group["lr"]) for group in getattr(optimizer, "param_groups", [])] or [0.0]


def _blank_step(where: Where, time: int) -> Stepped:
    return Stepped(where=where, time=time, filled=0, stale=0, foreign=0, wiped=False, passes=0)
