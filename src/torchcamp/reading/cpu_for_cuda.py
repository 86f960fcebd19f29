"""Run code that asks for a GPU by name on a machine without one: everything stays on the CPU.

`x.cuda()`, `net.to("cuda:0")`, `torch.zeros(3, device="cuda")` and `torch.cuda.FloatTensor(2)` give what
they would give on the CPU. `torch.cuda.is_available()` stays False, and no other value changes.
"""

import contextlib
import functools
import time
import types
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.jit import _builtins
from torch.utils import _device

Note = Callable[[], None]

NEW = ("new_empty", "new_empty_strided", "new_full", "new_ones", "new_tensor", "new_zeros")
MORE = (  # that take a device, besides those of torch's own list
    "empty_like", "full_like", "normal", "ones_like", "rand_like", "randint_like", "randn_like", "scalar_tensor",
    "zeros_like",
)  # fmt: skip
HARMLESS = (
    "synchronize", "empty_cache", "set_device", "manual_seed", "manual_seed_all", "seed", "seed_all", "init",
    "reset_peak_memory_stats", "reset_max_memory_allocated", "reset_max_memory_cached", "ipc_collect",
    "reset_accumulated_memory_stats", "set_per_process_memory_fraction", "set_stream", "set_rng_state",
    "set_rng_state_all",
)  # fmt: skip
ZERO = (
    "current_device", "memory_allocated", "max_memory_allocated", "memory_reserved", "max_memory_reserved",
    "memory_cached", "max_memory_cached", "utilization",
)  # fmt: skip
LEGACY = (
    "FloatTensor", "DoubleTensor", "HalfTensor", "BFloat16Tensor", "LongTensor", "IntTensor", "ShortTensor",
    "ByteTensor", "BoolTensor", "CharTensor",
)  # fmt: skip


@contextlib.contextmanager
def pretend(note: Note) -> Iterator[None]:
    """Let requests for CUDA mean the CPU inside the block; nothing changes where there is a GPU.

    Args:
        note: is called whenever a request was redirected.
    """
    before: list[tuple[Any, str, Any]] = []
    try:
        if not torch.cuda.is_available():
            for owner, name, value in _replacements(note):
                before.append((owner, name, vars(owner).get(name, _MISSING)))
                if value is not _MISSING:
                    setattr(owner, name, value)
                elif name in vars(owner):
                    delattr(owner, name)
        yield
    finally:
        for owner, name, value in reversed(before):
            if value is _MISSING:
                with contextlib.suppress(AttributeError):
                    delattr(owner, name)
            else:
                setattr(owner, name, value)


def stay_on_cpu(note: Note) -> None:
    """The same for the rest of this process."""
    _for_good.enter_context(pretend(note))


_for_good = contextlib.ExitStack()
_MISSING = object()


def _replacements(note: Note) -> Iterator[tuple[Any, str, Any]]:
    """What is replaced: where, under which name, by what; `_MISSING` for what is taken away."""

    def cuda(self: Any, *args: Any, **kwargs: Any) -> Any:
        note()
        return self

    for owner in (Tensor, nn.Module):
        yield owner, "cuda", cuda
        yield owner, "to", _redirected(owner.to, note, first=True)
    yield nn.Module, "to_empty", _redirected(nn.Module.to_empty, note)
    yield Tensor, "pin_memory", lambda self, *args, **kwargs: self
    yield Tensor, "type", _type(Tensor.type, note)
    for name in NEW:
        yield Tensor, name, _redirected(getattr(Tensor, name), note)
    for owner, name in _factories():
        yield owner, name, _factory(getattr(owner, name), note)
    yield torch, "load", _redirected(torch.load, note, map_location="cpu")
    yield torch, "Generator", _generator(note)
    # `with torch.device("cuda")` and `torch.set_default_device("cuda")` both make one of these.
    yield _device.DeviceContext, "__init__", _context(_device.DeviceContext.__init__, note)
    yield from _cuda_module(note)


def _factories() -> list[tuple[Any, str]]:
    """The functions that take a device, as torch lists them for its own device context.

    The list is remembered there: it has to hold the functions themselves, not what replaces them.
    """
    takes = _device._device_constructors()
    return [
        (owner, name)
        for owner in (torch, torch.fft)
        for name, value in vars(owner).items()
        if isinstance(value, types.BuiltinFunctionType | types.FunctionType)
        and (value in takes or (owner is torch and name in MORE))
    ]


def _cuda_module(note: Note) -> Iterator[tuple[Any, str, Any]]:
    """`torch.cuda`: what only arranges things does nothing; there is one device, of no memory."""
    owner = torch.cuda
    for name in HARMLESS:
        yield owner, name, lambda *args, **kwargs: None
    for name in ZERO:
        yield owner, name, lambda *args, **kwargs: 0
    yield owner, "get_device_name", lambda *args, **kwargs: "CPU"
    yield owner, "get_device_capability", lambda *args, **kwargs: (0, 0)
    yield owner, "mem_get_info", lambda *args, **kwargs: (0, 0)
    yield owner, "memory_summary", lambda *args, **kwargs: ""
    yield owner, "memory_stats", lambda *args, **kwargs: {}
    properties = types.SimpleNamespace(
        name="CPU", total_memory=0, major=0, minor=0, multi_processor_count=0
    )
    yield owner, "get_device_properties", lambda *args, **kwargs: properties
    yield owner, "get_rng_state", lambda *args, **kwargs: torch.get_rng_state()
    yield owner, "get_rng_state_all", lambda *args, **kwargs: []
    yield owner, "current_stream", lambda *args, **kwargs: _Stream()
    yield owner, "default_stream", lambda *args, **kwargs: _Stream()
    yield owner, "Stream", _Stream
    yield owner, "Event", _Event
    for name in ("stream", "device", "device_of"):
        yield owner, name, lambda *args, **kwargs: contextlib.nullcontext()

    def legacy(name: str) -> Any:
        if name in LEGACY:
            note()
            return getattr(torch, name)
        raise AttributeError(f"module 'torch.cuda' has no attribute {name!r}")

    # These are classes that code compares with, so they are torch's own, handed out on request.
    yield owner, "__getattr__", legacy
    for name in LEGACY:
        yield owner, name, _MISSING


class _Stream:
    """What is asked of it is done by then."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.cuda_stream = 0

    def __enter__(self) -> "_Stream":
        return self

    def __exit__(self, *exception: object) -> None:
        return None

    def query(self) -> bool:
        return True

    def synchronize(self, *args: Any) -> None:
        """Nothing to wait for."""

    wait_stream = wait_event = synchronize

    def record_event(self, event: "_Event | None" = None) -> "_Event":
        event = event or _Event()
        event.record()
        return event


class _Event:
    """A moment; the time between two is real."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._at = 0.0

    def record(self, *args: Any) -> None:
        self._at = time.perf_counter()

    def elapsed_time(self, end: "_Event") -> float:
        """Milliseconds."""
        return 1000 * (end._at - self._at)

    def query(self) -> bool:
        return True

    def synchronize(self, *args: Any) -> None:
        """Nothing to wait for."""

    wait = synchronize


# --- Redirecting -----------------------------------------------------------------------


def _is_cuda(value: Any) -> bool:
    """Whether a device argument names a GPU: `"cuda:0"`, `torch.device("cuda")`, `0`."""
    if isinstance(value, str):
        return value.partition(":")[0] == "cuda"
    if isinstance(value, torch.device):
        return value.type == "cuda"
    return isinstance(value, int) and not isinstance(value, bool)


def _plain(value: Any, note: Note) -> Any:
    """The value, or the CPU where it names a GPU."""
    if not _is_cuda(value):
        return value
    note()
    return torch.device("cpu")


def _plain_kwargs(kwargs: dict[str, Any], note: Note) -> dict[str, Any]:
    for name in ("device", "map_location"):
        if name in kwargs:
            kwargs[name] = _plain(kwargs[name], note)
    return kwargs


def _redirected(
    function: Callable[..., Any], note: Note, *, first: bool = False, **defaults: Any
) -> Callable[..., Any]:
    """The function with its device, given by name or (`first`) as the first argument, changed."""

    @functools.wraps(function)
    def called(*args: Any, **kwargs: Any) -> Any:
        if first and len(args) > 1:
            args = (args[0], _plain(args[1], note), *args[2:])
        return function(*args, **defaults | _plain_kwargs(kwargs, note))

    return called


def _factory(make: Callable[..., Any], note: Note) -> Callable[..., Any]:
    @functools.wraps(make)
    def made(*args: Any, **kwargs: Any) -> Any:
        return make(*args, **_plain_kwargs(kwargs, note)) if kwargs else make(*args)

    del made.__wrapped__  # torch looks at the source of what it finds behind it
    operation = _builtins._find_builtin(make)
    if operation:  # scripted code names it too
        _builtins._register_builtin(made, operation)
    return made


def _type(kind_of: Callable[..., Any], note: Note) -> Callable[..., Any]:
    """`x.type("torch.cuda.FloatTensor")`"""

    @functools.wraps(kind_of)
    def called(self: Tensor, *args: Any, **kwargs: Any) -> Any:
        if args and isinstance(args[0], str) and args[0].startswith("torch.cuda."):
            note()
            args = (args[0].replace(".cuda", ""), *args[1:])
        return kind_of(self, *args, **kwargs)

    return called


def _context(begin: Callable[..., None], note: Note) -> Callable[..., None]:
    @functools.wraps(begin)
    def begun(self: Any, device: Any) -> None:
        begin(self, _plain(device, note))

    return begun


def _generator(note: Note) -> Any:
    own = torch.Generator

    class Meta(type(own)):
        def __instancecheck__(cls, instance: Any) -> bool:
            return isinstance(instance, own)

        def __subclasscheck__(cls, subclass: Any) -> bool:
            return issubclass(subclass, own)

        def __call__(cls, device: Any = "cpu") -> Any:
            return own(_plain(device, note))

    return Meta("Generator", (), {"__module__": "torch", "__doc__": own.__doc__})
