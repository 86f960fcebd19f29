"""Devices and precisions by name, and what bf16 must not do."""

import platform
import resource

import pytest
import torch
from torch import nn

from torchcamp.base.errors import DeviceError
from torchcamp.training.devices import (
    autocast,
    keeping_freed_memory,
    resolve_device,
    resolve_precision,
)

CPU = torch.device("cpu")


def test_names():
    assert resolve_device("cpu") == CPU
    assert resolve_device("auto").type in ("cpu", "cuda", "mps")
    with pytest.raises(DeviceError, match=r"unknown device 'gpu'\. Did you mean 'cuda'"):
        resolve_device("gpu")
    if not torch.cuda.is_available():
        with pytest.raises(DeviceError, match="no cuda device"):
            resolve_device("cuda")


def test_precisions():
    assert resolve_precision("fp32", ("fp32",), CPU) == "fp32"
    assert resolve_precision("auto", ("fp32",), CPU) == "fp32"
    with pytest.raises(DeviceError, match="runs only in fp32, not in bf16"):
        resolve_precision("bf16", ("fp32",), CPU)
    with pytest.raises(DeviceError, match=r"unknown precision 'fp8'\. Available: auto, fp32, bf16"):
        resolve_precision("fp8", ("fp32", "bf16"), CPU)


def test_bf16_sees_a_network_as_it_was_just_updated():
    """One step updates the discriminator, then asks it again: it must answer with new weights.

    With autocast's cache of cast weights the second answer would be the old one.
    """
    network, x = nn.Linear(4, 1), torch.ones(2, 4)
    with autocast(CPU, "bf16"):
        before = network(x)
        with torch.no_grad():
            network.weight.add_(1.0)
        after = network(x)
    assert after.dtype == torch.bfloat16
    assert torch.allclose(after.float(), before.float() + 4, atol=0.1)


def test_the_cache_would_have_hidden_the_update():
    """The test above can fail: with the cache it does."""
    network, x = nn.Linear(4, 1), torch.ones(2, 4)
    with torch.autocast("cpu", dtype=torch.bfloat16, cache_enabled=True):
        before = network(x)
        with torch.no_grad():
            network.weight.add_(1.0)
        after = network(x)
    assert torch.equal(before, after)


def page_faults(num_tensors: int) -> int:
    """How often the system had to provide a page for so many tensors of 80 MB, one after the other."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(num_tensors):
        torch.ones(20_000_000)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="mallopt is glibc's")
def test_memory_that_is_freed_is_kept_inside_the_block_alone():
    before = page_faults(3)
    with keeping_freed_memory(CPU):
        page_faults(3)  # until freed pieces of memory are large enough
        inside = page_faults(3)
    after = page_faults(3)
    assert inside < before / 2
    assert after > before / 2
