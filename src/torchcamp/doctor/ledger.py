"""The gradient ledger: which backward passes are inside each parameter's `.grad` right now.

A backward pass adds an entry to every parameter that it reaches. Entries go when `.grad` is None or
all zeros at the next look, so it does not matter how a script zeroes. A step marks the entries that it
uses. What follows is bookkeeping: a step that finds entries it has used before was not preceded by
zeroing; a step that finds none, although a backward pass reached its parameters, came after it.
"""

import weakref
from collections.abc import Iterable
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from torchcamp.doctor.recording import Backward


@dataclass(eq=False)
class Entry:
    """One backward pass inside one gradient."""

    backward: Backward
    used_by: set[int] = field(default_factory=set)


@dataclass(eq=False)
class Account:
    """One parameter's gradient.

    Attributes:
        before: the gradient as it was before the latest pass was added to what was left.
    """

    parameter: weakref.ref[Tensor]
    entries: list[Entry] = field(default_factory=list)
    grad_id: int = 0
    version: int = 0
    before: Tensor | None = None


@dataclass(frozen=True, kw_only=True)
class Use:
    """What a step found in the gradients of its optimizer's parameters."""

    filled: int
    stale: int
    foreign: int
    passes: int
    backwards: frozenset[int]
    norm_used: float | None
    norm_own: float | None
    cosine: float | None


class Ledger:
    """The accounts of all parameters that a backward pass has reached.

    All methods expect to run with torch function modes disabled.
    """

    def __init__(self) -> None:
        self._accounts: dict[int, Account] = {}
        self._latest = -1  # index of the latest backward pass

    def settle(self) -> None:
        """Look whether gradients were zeroed since the last look."""
        gone = []
        for key, account in self._accounts.items():
            parameter = account.parameter()
            if parameter is None:
                gone.append(key)
            elif account.entries:
                self._settle(account, parameter)
        for key in gone:
            del self._accounts[key]

    def _settle(self, account: Account, parameter: Tensor) -> None:
        grad = parameter.grad
        if grad is not None:
            if id(grad) == account.grad_id and grad._version == account.version:
                return
            if bool(grad.count_nonzero()):  # clipped, scaled, replaced: still these passes
                account.grad_id, account.version = id(grad), grad._version
                return
        for entry in account.entries:
            if not entry.used_by:
                entry.backward.wiped += 1
        account.entries.clear()
        account.before = None

    def before_backward(self, parameters: Iterable[Tensor]) -> None:
        """A backward pass is about to reach these: keep what it will be added to."""
        self.settle()
        for parameter in parameters:
            account = self._account(parameter)
            grad = parameter.grad
            account.before = grad.clone() if account.entries and grad is not None else None

    def after_backward(self, parameters: Iterable[Tensor], backward: Backward) -> None:
        """It has reached them."""
        self._latest = backward.index
        for parameter in parameters:
            grad = parameter.grad
            if grad is None:
                continue
            account = self._account(parameter)
            account.entries.append(Entry(backward))
            account.grad_id, account.version = id(grad), grad._version

    def refresh(self, parameters: Iterable[Tensor]) -> None:
        """Gradients were changed in place by something that is known not to zero them."""
        for parameter in parameters:
            account = self._accounts.get(id(parameter))
            if account is not None and parameter.grad is not None:
                account.grad_id, account.version = id(parameter.grad), parameter.grad._version

    def entries(self, parameters: Iterable[Tensor]) -> list[list[Entry]]:
        """Of each parameter with a gradient inside, its entries."""
        self.settle()
        found = []
        for parameter in parameters:
            account = self._accounts.get(id(parameter))
            if account is not None and account.entries:
                found.append(account.entries)
        return found

    def step(self, parameters: list[nn.Parameter], optimizer: int) -> Use:
        """A step is about to use the gradients of these parameters."""
        self.settle()
        filled = stale = foreign = passes = 0
        backwards: set[int] = set()
        used: list[Tensor] = []
        own: list[Tensor] = []
        left: list[Tensor] = []
        for parameter in parameters:
            account = self._accounts.get(id(parameter))
            if account is None or not account.entries:
                continue
            filled += 1
            entries = account.entries
            passes = max(passes, len(entries))
            newest = entries[-1]
            is_fresh = optimizer not in newest.used_by
            has_stale = is_fresh and any(optimizer in each.used_by for each in entries[:-1])
            has_foreign = (
                is_fresh
                and not newest.used_by
                and any(
                    each.backward.used_by - {optimizer}
                    and each.backward.used_after < newest.backward.index
                    and optimizer not in each.used_by
                    for each in entries[:-1]
                )
            )
            stale += has_stale
            foreign += has_foreign
            if (has_stale or has_foreign) and account.before is not None:
                grad = parameter.grad
                if grad is not None and grad.shape == account.before.shape:
                    used.append(grad.detach().flatten())
                    left.append(account.before.detach().flatten())
                    own.append(used[-1] - left[-1])
            for entry in entries:
                backwards.add(entry.backward.index)
                if not entry.backward.used_by:
                    entry.backward.used_after = self._latest
                entry.used_by.add(optimizer)
                entry.backward.used += 1
                entry.backward.used_by.add(optimizer)
        norm_used = norm_own = cosine = None
        if used:
            all_used, all_own, all_left = torch.cat(used), torch.cat(own), torch.cat(left)
            norm_used, norm_own = float(all_used.norm()), float(all_own.norm())
            scale = norm_own * float(all_left.norm())
            cosine = float(all_own @ all_left) / scale if scale else None
        return Use(
            filled=filled,
            stale=stale,
            foreign=foreign,
            passes=passes,
            backwards=frozenset(backwards),
            norm_used=norm_used,
            norm_own=norm_own,
            cosine=cosine,
        )

    def _account(self, parameter: Tensor) -> Account:
        account = self._accounts.get(id(parameter))
        if account is None or account.parameter() is not parameter:
            account = self._accounts[id(parameter)] = Account(weakref.ref(parameter))
        return account
