"""What a benchmark says about the machine it ran on."""

import os
import platform
import re
from dataclasses import dataclass
from pathlib import Path

import torch

from torchcamp.base.memory import memory_bytes
from torchcamp.base.version import __version__
from torchcamp.training.devices import has_fast_bf16

CPU_INFO = Path("/proc/cpuinfo")


@dataclass(frozen=True, kw_only=True)
class Machine:
    """The machine, and how busy others kept it.

    cores: of the processor that this program may use.
    threads: with which torch computes on the CPU.
    load_before, load_after: mean number of running processes in the minute before, and in the last
        minute of the benchmark; as many as there are cores, or more, means that it was busy before.
    """

    processor: str
    cores: int
    threads: int
    memory_bytes: int
    system: str
    device: str
    device_name: str
    fast_bf16: bool
    python: str
    torch: str
    torchcamp: str
    load_before: float
    load_after: float


def describe(device: torch.device, load_before: float) -> Machine:
    """This machine, after a benchmark that began at the load `load_before`."""
    processor = processor_name()
    return Machine(
        processor=processor,
        cores=usable_cores(),
        threads=torch.get_num_threads(),
        memory_bytes=memory_bytes(),
        system=f"{platform.system()} {platform.release()}",
        device=device.type,
        device_name=torch.cuda.get_device_name(device) if device.type == "cuda" else processor,
        fast_bf16=has_fast_bf16(device),
        python=platform.python_version(),
        torch=torch.__version__,
        torchcamp=__version__,
        load_before=round(load_before, 2),
        load_after=round(load(), 2),
    )


def usable_cores() -> int:
    """The cores that this process may run on, which a container may have fewer of than the machine."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def load() -> float:
    """Processes that wanted to run in the last minute, on average."""
    return os.getloadavg()[0]


def processor_name() -> str:
    """As the processor calls itself where the system tells, else its architecture."""
    if CPU_INFO.exists():
        found = re.search(
            r"^model name\s*:\s*(.+)$", CPU_INFO.read_text(encoding="utf-8", errors="replace"), re.M
        )
        if found:
            return found.group(1).strip()
    return platform.processor() or platform.machine()
