"""Sums over the processes of one machine, through memory that all of them see.

Between processes of one machine, gloo sends every gradient through sockets: the system copies it four
times, by threads that take the processor from the training. Here each process writes its numbers into a row of
its own and, once all have written, adds up all rows; only one byte goes through a socket.
"""

import contextlib
import mmap
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor

ROW = 2**20  # numbers in a row
TYPE = torch.float32


class Board:
    """Rows of shared memory, one for each process, in two sets that are used in turn.

    Who writes into one set knows that nobody reads it any more: all have come to the meeting about the
    other one since. Rows are added up in the same order by all, so all get the same bits.

    flag: what this process says at its next meeting; heard: whether any said so at the meetings since this
    was last set to None.
    """

    def __init__(self, rank: int, memory: mmap.mmap, peers: Sequence[socket.socket]) -> None:
        self.rank = rank
        self.flag = False
        self.heard: bool | None = None
        self._peers = peers  # of the first process all others, of the others the first
        size = len(memory) // (2 * ROW * TYPE.itemsize)
        self._sets = torch.frombuffer(memory, dtype=TYPE).view(2, size, ROW)
        self._turn = 0

    def add_up(self, lines: Sequence[Tensor], share: float = 1.0) -> None:
        """Replace each line by the sum over all processes of their shares of it.

        Args:
            lines: contiguous fp32 tensors (n,) on the CPU, of the same lengths in all processes.
            share: what this process's numbers are multiplied with.

        Raises:
            OSError: another process has ended, or does not answer in time.
        """
        for parts in _rows(lines):
            rows = self._sets[self._turn]
            lengths = [len(part) for part in parts]
            for part, place in zip(parts, _cut(rows[self.rank], lengths), strict=True):
                torch.mul(part, share, out=place)
            self.meet()
            first, *others = (_cut(row, lengths) for row in rows)
            for number, part in enumerate(parts):
                torch.add(first[number], others[0][number], out=part)
                for other in others[1:]:
                    part.add_(other[number])
            self._turn = 1 - self._turn

    def meet(self) -> None:
        """Wait until all processes have come, and hear whether any of them has its flag up.

        Raises:
            OSError: another process has ended, or does not answer in time.
        """
        mine = bytes([self.flag])
        if self.rank == 0:
            said = max(mine, *map(_heard, self._peers))
            for peer in self._peers:
                peer.sendall(said)
        else:
            self._peers[0].sendall(mine)
            said = _heard(self._peers[0])
        self.heard = bool(self.heard) or said != b"\0"

    def close(self) -> None:
        """Leave; the others notice at their next meeting."""
        for peer in self._peers:
            peer.close()


def takes(tensors: Sequence[Tensor]) -> bool:
    """Whether a board can add these up."""
    return all(each.dtype is TYPE and each.device.type == "cpu" for each in tensors)


def board(
    rank: int, size: int, seconds: float, from_first: Callable[[Callable[[], str]], str]
) -> Board | None:
    """A board of all `size` processes, if they run on one machine and its system has what it takes.

    Args:
        seconds: that a process waits for another one.
        from_first: gives all processes what a function returns in the first one.

    Raises:
        OSError: another process has ended, or does not answer in time.
    """
    if os.environ.get("LOCAL_WORLD_SIZE") != str(size) or not hasattr(os, "memfd_create"):
        return None
    num_bytes = 2 * size * ROW * TYPE.itemsize
    with contextlib.ExitStack() as opened:
        meeting = opened.enter_context(socket.socket(socket.AF_UNIX))
        meeting.settimeout(seconds)
        files: list[int] = []

        def begin() -> str:
            """The folder that the first process listens in; empty where it cannot."""
            try:
                folder = tempfile.mkdtemp(prefix="torchcamp-")
                opened.callback(shutil.rmtree, folder)
                meeting.bind(f"{folder}/ranks")
                meeting.listen(size)
                files.append(os.memfd_create("torchcamp"))
                os.ftruncate(files[0], num_bytes)
            except OSError:
                return ""
            return folder

        folder = from_first(begin)
        if not folder:
            return None
        if rank == 0:
            peers = [meeting.accept()[0] for _ in range(size - 1)]
            for peer in peers:
                socket.send_fds(peer, [b"\0"], files)
        else:
            meeting.connect(f"{folder}/ranks")
            files = list(socket.recv_fds(meeting, 1, 1)[1])
            peers = [meeting.dup()]
        for peer in peers:
            peer.settimeout(seconds)
        memory = mmap.mmap(files[0], num_bytes)
        os.close(files[0])
    return Board(rank, memory, peers)


def _rows(lines: Sequence[Tensor]) -> Iterator[list[Tensor]]:
    """The lines in turn, or pieces of them, as lists that fill a row at the most."""
    parts: list[Tensor] = []
    room = ROW
    for line in lines:
        while len(line) >= room:
            yield [*parts, line[:room]]
            parts, line, room = [], line[room:], ROW
        if len(line):
            parts.append(line)
            room -= len(line)
    if parts:
        yield parts


def _cut(row: Tensor, lengths: Sequence[int]) -> Sequence[Tensor]:
    return row.split([*lengths, len(row) - sum(lengths)])[:-1]


def _heard(peer: socket.socket) -> bytes:
    said = peer.recv(1)
    if not said:
        raise ConnectionResetError("another process has ended")
    return said
