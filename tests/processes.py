"""Processes as Linux sees them: who descends from whom, who still lives, what they hold."""

import contextlib
import os
import time
from pathlib import Path

import pytest

linux_only = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")


def _stat(pid: int) -> tuple[str, int, str] | None:
    """State, parent and time of start of a process; None if there is none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return fields[0], int(fields[1]), fields[19]


def descendants(pid: int) -> dict[int, str]:
    """The living processes that `pid` started, and they: when each began, by its pid."""
    stats = {int(p.name): _stat(int(p.name)) for p in Path("/proc").iterdir() if p.name.isdigit()}
    found: dict[int, str] = {}
    parents = [pid]
    while parents:
        parent = parents.pop()
        for child, stat in stats.items():
            if stat and stat[1] == parent and stat[0] != "Z" and child not in found:
                found[child] = stat[2]
                parents.append(child)
    return found


def command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def kernels(pid: int) -> list[int]:
    """The marimo kernels among the descendants of `pid`: children of the process that forks them.

    All forks have its command line, those that a kernel itself makes, too.
    """
    alike = {each for each in descendants(pid) if "multiprocessing.forkserver" in command(each)}
    parents = {each: stat[1] for each in alike if (stat := _stat(each))}
    sources = {each for each, parent in parents.items() if parent not in alike}
    return [each for each, parent in parents.items() if parent in sources]


def living(processes: dict[int, str]) -> list[int]:
    """Those of `descendants` that have not ended."""
    stats = {pid: _stat(pid) for pid in processes}
    return [
        pid for pid, stat in stats.items() if stat and stat[0] != "Z" and stat[2] == processes[pid]
    ]


def wait_until_ended(processes: dict[int, str], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while left := living(processes):
        assert time.monotonic() < deadline, {pid: command(pid) for pid in left}
        time.sleep(0.02)


def num_handles(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


def memory(pid: int) -> int:
    """Bytes of a process, and of all that it started: what they share counts once (PSS)."""
    total = 0
    for each in [pid, *descendants(pid)]:
        try:
            text = Path(f"/proc/{each}/smaps_rollup").read_text()
        except OSError:
            continue  # it has ended meanwhile
        total += sum(
            int(line.split()[1]) << 10 for line in text.splitlines() if line.startswith("Pss:")
        )
    return total


def cpu_seconds(pid: int) -> float:
    """Seconds of processor time that a process took, and all that it started."""
    ticks = 0
    for each in [pid, *descendants(pid)]:
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))  # its own, and those of children that ended
    return ticks / os.sysconf("SC_CLK_TCK")


def listens_on_a_port(pid: int) -> bool:
    """Whether a process, or one that it started, listens on a TCP port."""
    listening = set()
    for name in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A":  # LISTEN
                listening.add(f"socket:[{fields[9]}]")
    for each in [pid, *descendants(pid)]:
        for handle in Path(f"/proc/{each}/fd").iterdir():
            with contextlib.suppress(OSError):
                if os.readlink(handle) in listening:
                    return True
    return False
