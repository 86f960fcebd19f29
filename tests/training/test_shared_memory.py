"""Processes of one machine add up through shared memory: the same sums in all, and no wait for the dead."""

import mmap
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor

from torchcamp.training import shared_memory
from torchcamp.training.shared_memory import Board, board, takes

ROW = 8


@pytest.fixture(autouse=True)
def short_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_memory, "ROW", ROW)


@pytest.fixture
def boards() -> Iterator[Callable[[int], list[Board]]]:
    """Makes the boards of some processes, which here are threads."""
    made: list[Board] = []

    def make(size: int, seconds: float = 10) -> list[Board]:
        memory = mmap.mmap(-1, 2 * size * ROW * 4)
        pairs = [socket.socketpair() for _ in range(size - 1)]
        for each in (end for pair in pairs for end in pair):
            each.settimeout(seconds)
        made.append(Board(0, memory, [first for first, _ in pairs]))
        made.extend(Board(rank, memory, [peer]) for rank, (_, peer) in enumerate(pairs, 1))
        return made

    yield make
    for each in made:
        each.close()


def at_once(each: list[Callable[[], Any]]) -> None:
    threads = [threading.Thread(target=one) for one in each]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()


@pytest.mark.parametrize("size", [2, 3])
def test_all_get_the_same_weighted_sums_round_after_round(boards: Any, size: int):
    """Lines that fill a row, end in the middle of one, or need several; the sets of rows are used in turn."""
    shares = torch.arange(1, size + 1) / (size * (size + 1) / 2)
    lengths = (3, ROW, 1, 5 * ROW + 2, 4)
    torch.manual_seed(0)
    mine = [[[torch.randn(n) for n in lengths] for _ in range(3)] for _ in range(size)]
    expected = [
        [
            sum(float(share) * own[number][line] for share, own in zip(shares, mine, strict=True))
            for line in range(len(lengths))
        ]
        for number in range(3)
    ]
    ranks = boards(size)

    def add(rank: int) -> None:
        for lines in mine[rank]:
            ranks[rank].add_up(lines, float(shares[rank]))

    at_once([lambda rank=rank: add(rank) for rank in range(size)])
    for rank in range(size):
        for lines, sums, first in zip(mine[rank], expected, mine[0], strict=True):
            for line, total, same in zip(lines, sums, first, strict=True):
                assert isinstance(total, Tensor)
                assert torch.allclose(line, total, atol=1e-6)
                assert torch.equal(line, same)


def test_one_flag_is_heard_by_all(boards: Any):
    ranks = boards(3)
    at_once([each.meet for each in ranks])
    assert [each.heard for each in ranks] == [False, False, False]
    ranks[1].flag = True
    at_once([each.meet for each in ranks])
    assert [each.heard for each in ranks] == [True, True, True]
    ranks[1].flag = False
    at_once([each.meet for each in ranks])
    assert [each.heard for each in ranks] == [True, True, True], "until it is set to None"
    for each in ranks:
        each.heard = None
    at_once([each.meet for each in ranks])
    assert [each.heard for each in ranks] == [False, False, False]


@pytest.mark.parametrize("gone", [0, 1])
def test_a_process_that_has_ended_is_noticed(boards: Any, gone: int):
    ranks = boards(2)
    ranks[gone].close()
    with pytest.raises(ConnectionError):
        ranks[1 - gone].meet()


def test_a_process_that_does_not_come_is_noticed(boards: Any):
    with pytest.raises(TimeoutError):
        boards(2, 0.1)[0].meet()


def test_only_what_a_row_can_hold_is_taken():
    assert takes([torch.zeros(1), torch.zeros(2)])
    assert not takes([torch.zeros(1), torch.zeros(1, dtype=torch.float64)])
    assert not takes([torch.zeros(1, device="meta")])


def test_processes_of_several_machines_have_no_board(monkeypatch: pytest.MonkeyPatch):
    for processes in ("1", None):
        monkeypatch.setenv("LOCAL_WORLD_SIZE", processes or "")
        assert board(0, 2, 1, lambda what: what()) is None
    monkeypatch.delenv("LOCAL_WORLD_SIZE")
    assert board(0, 2, 1, lambda what: what()) is None


def test_where_the_first_process_cannot_listen_there_is_no_board(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
):
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "2")
    monkeypatch.setattr(shared_memory.tempfile, "tempdir", str(tmp_path / ("x" * 120)))
    (tmp_path / ("x" * 120)).mkdir()  # longer than a socket's address may be
    assert board(0, 2, 1, lambda what: what()) is None
    assert board(1, 2, 1, lambda what: "") is None


@pytest.mark.skipif(not hasattr(shared_memory.os, "memfd_create"), reason="needs memfd")
def test_two_processes_find_each_other(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "2")
    told, said = threading.Event(), []

    def first(what: Callable[[], str]) -> str:
        said.append(what())
        told.set()
        return said[0]

    def second(what: Callable[[], str]) -> str:
        assert told.wait(10)
        return said[0]

    found: dict[int, Board | None] = {}
    lines = [torch.tensor([1.0, 2.0]), torch.tensor([10.0, 20.0])]

    def join(rank: int) -> None:
        found[rank] = board(rank, 2, 10, (first, second)[rank])
        found[rank].add_up([lines[rank]])  # pyright: ignore[reportOptionalMemberAccess]

    at_once([lambda rank=rank: join(rank) for rank in range(2)])
    assert [each.tolist() for each in lines] == [[11.0, 22.0], [11.0, 22.0]]
    for each in found.values():
        assert each is not None
        each.close()
