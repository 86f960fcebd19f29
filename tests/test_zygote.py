"""The process that forks the tests' workers: one that fails spoils no other test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.zygote import Zygote


@pytest.fixture
def own() -> Iterator[Zygote]:
    made = Zygote()
    yield made
    made.close()


def test_it_says_why_a_worker_died_and_starts_anew_after_its_own_end(own: Zygote, tmp_path: Path):
    def ask() -> tuple[int, str]:
        ended = own.run_worker(
            "torchcamp.reading.worker", tmp_path / "none.json", tmp_path / "reply.json",
            temporary=str(tmp_path), limit=60,
        )  # fmt: skip
        return ended.returncode, ended.stderr.decode().splitlines()[-1].partition(":")[0]

    assert ask() == (1, "FileNotFoundError")
    own._process.kill()
    with pytest.raises((ValueError, BrokenPipeError)):  # no answer
        ask()
    assert ask() == (1, "FileNotFoundError")
