"""What counts as writing, network and other programs, as the audit hook hears it."""

import os
from pathlib import Path
from typing import Any

import pytest

from torchcamp.reading.guard import Guard


@pytest.fixture
def guard(tmp_path: Path) -> Guard:
    """One that listens but is not hooked into this process."""
    guard = Guard(tmp_path / "own")
    guard.on = True
    return guard


@pytest.mark.parametrize(
    ("event", "args", "attempt"),
    [
        ("open", ("/there/a.txt", "w", 0), "write /there/a.txt"),
        ("open", ("/there/a.txt", "r+", 0), "write /there/a.txt"),
        ("open", ("/there/a.txt", None, os.O_WRONLY | os.O_CREAT), "write /there/a.txt"),
        ("os.remove", ("/there/a.txt", -1), "remove /there/a.txt"),
        ("subprocess.Popen", ("ls", ["ls"], None, None), "program: ls"),
        ("socket.getaddrinfo", ("there.org", 80, 0, 0, 0), "network: there.org"),
    ],
)
def test_what_a_reading_has_no_business_with_is_blocked(
    guard: Guard, event: str, args: tuple[Any, ...], attempt: str
):
    with pytest.raises(PermissionError, match=f"{attempt}$"):
        guard._hear(event, args)
    assert list(guard.blocked) == [attempt]


@pytest.mark.parametrize(
    ("event", "args"),
    [
        ("open", ("/there/a.txt", "r", 0)),
        ("open", ("/there/a.txt", None, os.O_RDONLY)),
        ("open", ("/dev/null", "w", 0)),
        ("import", ("os",)),
    ],
)
def test_reading_files_is_not_blocked(guard: Guard, event: str, args: tuple[Any, ...]):
    guard._hear(event, args)
    assert not guard.blocked


def test_files_in_the_folder_of_the_reading_are_reported_only(guard: Guard, tmp_path: Path):
    guard._hear("open", (str(tmp_path / "own" / "a.txt"), "w", 0))
    assert list(guard.blocked) == ["write a.txt (in a folder that is gone by now)"]
