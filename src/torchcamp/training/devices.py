"""Which device to compute on and in which precision: resolved once, recorded in the run."""

import contextlib
import ctypes
import os
import platform
from collections.abc import Iterator

import torch
from torch import nn

from torchcamp.base.errors import DeviceError, suggest

PRECISIONS = ("fp32", "bf16")

# Of glibc's mallopt, as malloc.h numbers them.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_MMAP_MAX = -1, -3, -4
# What glibc itself arrives at once a program has freed large blocks, and its usual number of them.
MMAP_THRESHOLD, TRIM_THRESHOLD, MMAP_MAX = 2**25, 2**26, 65536


def resolve_device(name: str = "auto", num_processes: int = 1) -> torch.device:
    """The named device; for `auto`, cuda if available, else mps, else the CPU.

    Several processes take one GPU each, in the order of `LOCAL_RANK`; they cannot share mps.

    Raises:
        DeviceError: a device that is unknown or not available.
    """
    if num_processes > 1 and (name == "auto" or name.startswith(("cuda", "mps"))):
        name = f"cuda:{os.environ.get('LOCAL_RANK', '0')}" if _uses_cuda(name) else "cpu"
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        hint = suggest(name, ("auto", "cpu", "cuda", "mps"), aliases={"gpu": "cuda"})
        raise DeviceError(f"unknown device {name!r}. {hint}") from error
    available = {"cpu": True, "cuda": torch.cuda.is_available()}
    available["mps"] = torch.backends.mps.is_available()
    if not available.get(device.type, False):
        raise DeviceError(
            f"this machine (or this build of torch) has no {device.type} device; use --device auto"
        )
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise DeviceError(
            f"no device {name}: this machine has {torch.cuda.device_count()} CUDA device(s), "
            "numbered from cuda:0"
        )
    return device


def _uses_cuda(name: str) -> bool:
    """Whether several processes that are told `name` compute on GPUs.

    Raises:
        DeviceError: they are told mps.
    """
    if name.startswith("mps"):
        raise DeviceError("several processes cannot share the device mps; use --device cpu")
    return name.startswith("cuda") or torch.cuda.is_available()


def has_fast_bf16(device: torch.device) -> bool:
    """Whether the device multiplies bfloat16 in hardware; without that, bf16 is slower than fp32."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    return device.type == "cpu" and (
        torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    )


def resolve_precision(name: str, allowed: tuple[str, ...], device: torch.device) -> str:
    """The named precision; for `auto`, bf16 if the recipe allows it and the device gains from it.

    Raises:
        DeviceError: the precision is unknown, or the recipe does not allow it.
    """
    if name == "auto":
        return "bf16" if "bf16" in allowed and has_fast_bf16(device) else "fp32"
    if name not in PRECISIONS:
        hint = suggest(name, ("auto", *PRECISIONS))
        raise DeviceError(f"unknown precision {name!r}. {hint}")
    if name not in allowed:
        raise DeviceError(
            f"this recipe runs only in {' or '.join(allowed)}, not in {name}; use --precision auto"
        )
    return name


def autocast(device: torch.device, precision: str) -> contextlib.AbstractContextManager[object]:
    """The context in which a step runs.

    The cache is off: a step that updates a network and then uses it again must not see cached casts
    of the old weights.
    """
    if precision == "fp32":
        return contextlib.nullcontext()
    return torch.autocast(device.type, dtype=torch.bfloat16, cache_enabled=False)


def synchronize(device: torch.device) -> None:
    """Wait until the device has finished all queued work."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


@contextlib.contextmanager
def keeping_freed_memory(device: torch.device) -> Iterator[None]:
    """Inside the block, memory that a tensor on the CPU frees is kept for the next one.

    glibc gives large blocks back to the system at once, and the next step gets them anew, page by page and
    each page full of zeros: a tenth to a fifth of the ResNet's step. The block's end gives everything back. Another
    C library, or another device, is left alone.
    """
    if device.type != "cpu" or platform.libc_ver()[0] != "glibc":
        yield
        return
    libc = ctypes.CDLL(None)
    libc.mallopt(M_MMAP_MAX, 0)
    libc.mallopt(M_TRIM_THRESHOLD, -1)
    try:
        yield
    finally:
        libc.mallopt(M_MMAP_MAX, MMAP_MAX)
        libc.mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD)
        libc.mallopt(M_TRIM_THRESHOLD, TRIM_THRESHOLD)
        libc.malloc_trim(0)


def channels_last(network: nn.Module) -> nn.Module:
    """`network` in the memory layout in which convolutions are fastest; shapes do not change."""
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
