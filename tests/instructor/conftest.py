"""One judge for all tests of this room: loading torch takes longer than what most of them do."""

import contextlib
from collections.abc import Iterator

import pytest

from torchcamp.course.judge.client import Judge
from torchcamp.instructor import authoring


@pytest.fixture(scope="session")
def judge() -> Iterator[Judge]:
    with Judge() as judge:
        yield judge


@pytest.fixture(autouse=True)
def _shared(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authoring, "Judge", lambda: contextlib.nullcontext(judge))
