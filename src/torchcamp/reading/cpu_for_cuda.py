"""Run code that asks for a GPU by name on a machine without one: everything stays on the CPU.

`x.cuda()`, `net.to("cuda:0")`, `torch.zeros(3, device="cuda")` and `torch.cuda.FloatTensor(2)` give what
they would give on the CPU. `torch.cuda.is_available()` stays False.
"""

import functools
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

FACTORIES = (
    "arange", "as_tensor", "empty", "empty_like", "eye", "full", "full_like", "linspace", "logspace", "normal",
    "ones", "ones_like", "rand", "rand_like", "randint", "randint_like", "randn", "randn_like", "randperm", "tensor",
    "zeros", "zeros_like",
)  # fmt: skip
HARMLESS = (
    "synchronize", "empty_cache", "set_device", "manual_seed", "manual_seed_all", "reset_peak_memory_stats",
    "reset_max_memory_allocated", "ipc_collect", "init",
)  # fmt: skip
LEGACY = (
    "FloatTensor", "DoubleTensor", "HalfTensor", "LongTensor", "IntTensor", "ShortTensor", "ByteTensor", "BoolTensor",
    "CharTensor",
)  # fmt: skip


def stay_on_cpu(note: Callable[[], None]) -> None:
    """Let requests for CUDA mean the CPU, for the rest of this process; nothing where there is a GPU.

    Args:
        note: is called whenever a request was redirected.
    """
    if torch.cuda.is_available():
        return
    for owner in (Tensor, nn.Module):
        _redirect_methods(owner, note)
    for name in FACTORIES:
        setattr(torch, name, _with_device(getattr(torch, name), note))
    for name in HARMLESS:
        setattr(torch.cuda, name, lambda *args, **kwargs: None)
    for name in LEGACY:
        setattr(torch.cuda, name, _legacy(getattr(torch, name), note))
    load = torch.load
    torch.set_default_device = _with_first(torch.set_default_device, note)

    @functools.wraps(load)
    def load_here(*args: Any, **kwargs: Any) -> Any:
        return load(*args, **{"map_location": "cpu"} | _changed(kwargs, note))

    torch.load = load_here
    count: Any = torch.cuda
    count.get_device_name = lambda *args: "CPU"
    count.memory_allocated = count.max_memory_allocated = count.memory_reserved = lambda *args: 0


def _redirect_methods(owner: Any, note: Callable[[], None]) -> None:
    to = owner.to

    def cuda(self: Any, *args: Any, **kwargs: Any) -> Any:
        note()
        return self

    @functools.wraps(to)
    def to_here(self: Any, *args: Any, **kwargs: Any) -> Any:
        return to(self, *(_plain(each, note) for each in args), **_changed(kwargs, note))

    owner.cuda, owner.to = cuda, to_here


def _is_cuda(value: Any) -> bool:
    if isinstance(value, str):
        return value.partition(":")[0] == "cuda"
    return isinstance(value, torch.device) and value.type == "cuda"


def _plain(value: Any, note: Callable[[], None]) -> Any:
    """The value, or the CPU where it names a GPU."""
    if not _is_cuda(value):
        return value
    note()
    return torch.device("cpu")


def _changed(kwargs: dict[str, Any], note: Callable[[], None]) -> dict[str, Any]:
    for name in ("device", "map_location"):
        if name in kwargs:
            kwargs[name] = _plain(kwargs[name], note)
    return kwargs


def _with_device(make: Callable[..., Any], note: Callable[[], None]) -> Callable[..., Any]:
    @functools.wraps(make)
    def made(*args: Any, **kwargs: Any) -> Any:
        return make(*args, **_changed(kwargs, note)) if kwargs else make(*args)

    del made.__wrapped__  # torch looks at the source of what it finds behind it
    return made


def _with_first(function: Callable[..., Any], note: Callable[[], None]) -> Callable[..., Any]:
    @functools.wraps(function)
    def called(first: Any, *args: Any) -> Any:
        return function(_plain(first, note), *args)

    return called


def _legacy(kind: Any, note: Callable[[], None]) -> Callable[..., Any]:
    def make(*args: Any, **kwargs: Any) -> Any:
        note()
        return kind(*args, **kwargs)

    return make
