"""Every option and argument of every command gets every kind of bad value: no traceback, no hang.

The list is made from click's own tree, so a new option is in it from its first day. The ordinary
suite runs those that end before anything is loaded, and a seeded sample of the others; `slow` all.
"""

import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import click
import pytest

from tests.cli.program import torchcamp
from torchcamp.cli.main import torchcamp as root

SECONDS = 20
NUM_SAMPLED = 120
HUGE = "9" * 25
VALUES = [
    "", " ", "-", "--", "nan", "inf", "-1", "0", "1e400", HUGE, "x", "=", "a=", "=a", "a=b=c", ":", "a:b:c",
    "[/x]", "\x1b]0;t\x07", "\u202e", "ü", "\udce9", "a\0b", "/", "/dev/null", "/dev/zero", "/proc/self/mem",
    "..", "nowhere/x", "fifo", "fifo.py", "loop", "latin.py", "junk.bin", "folder", "x" * 300, "*", "~nobody/x",
    "\n", "%s", "{0}", "$HOME", "file.txt:f", "latest", "lr=nan", f"epochs={HUGE}", "model.=1",
]  # fmt: skip
# What one needs so that an option is looked at at all; they fail soon afterwards.
NEEDED = {
    "train": ["cnm"], "find-lr": ["cnm"], "sweep": ["cnm"], "evaluate": ["cnm"], "predict": ["cnm", "x"],
    "export": ["cnm"], "sample": ["cnm"], "decode": ["cnm", "x"], "read": ["x.py:A"], "doctor": ["x.py"],
    "explain": ["x"], "new": ["."], "notebook": ["cnm"], "slides": ["cnm"], "hint": ["x"], "reset": ["x"],
    "solution": ["x"], "dev show": ["x"], "dev mutants": ["x"], "dev behaviours": ["x"], "data show": ["x"], "check": ["x"],
    "practice": ["x"], "bench": ["--only", "cnm"], "compare": ["cnm"], "runs": ["x"],
    "grade": ["nowhere"],
}  # fmt: skip
# Would serve, watch, fetch or measure the whole course, if a value happened to be a good one.
TOO_MUCH = {
    ("grade", "/"), ("grade", ".."),  # would judge whatever answers lie on the machine
    ("dev behaviours", "--"), ("dev mutants", "--"),  # no name: all exercises, and what ships is written
}  # fmt: skip
LEFT_OUT = {"start", "data fetch", "data clear", "dev check", "dev new"}


def commands(group: click.Group, name: str = "") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for each in group.list_commands(context):
        command = group.get_command(context, each)
        assert command is not None
        full = f"{name} {each}".strip()
        if isinstance(command, click.Group):
            yield from commands(command, full)
        else:
            yield full, command


def invocations() -> list[list[str]]:
    made = []
    for name, command in commands(root):
        if name in LEFT_OUT:
            continue
        needed = NEEDED.get(name, [])
        for parameter in command.params:
            if isinstance(parameter, click.Argument):
                values = [each for each in VALUES if (name, each) not in TOO_MUCH]
                made += [[*name.split(), value] for value in values]
            elif isinstance(parameter, click.Option) and not parameter.is_flag:
                made += [[*name.split(), *needed, parameter.opts[0], value] for value in VALUES]
        made += [[*name.split(), *needed, "--no-such-option"], [*name.split(), *["x"] * 9]]
    return made


def test_every_option_is_tried():
    assert len(invocations()) > 1000
    tried = {" ".join(each[:2]) for each in invocations()}
    assert {"train cnm", "sample cnm", "data where", "grade nowhere"} <= tried


class Hangs(BaseException):
    """Unlike TimeoutError, which is an OSError, no command makes a sentence of it."""


def alarm(number: int, frame: FrameType | None) -> None:
    raise Hangs


def try_all(folder: Path, chosen: list[list[str]]) -> None:
    os.mkfifo(folder / "fifo")
    os.mkfifo(folder / "fifo.py")
    (folder / "loop").symlink_to("loop")
    (folder / "latin.py").write_bytes(b"x = '\xe9'")
    (folder / "file.txt").write_text("text")
    (folder / "junk.bin").write_bytes(bytes(range(256)))
    (folder / "folder").mkdir()
    before = signal.signal(signal.SIGALRM, alarm)
    bad = []
    try:
        for args in chosen:
            signal.alarm(SECONDS)
            try:
                result = torchcamp(*args, cwd=folder, COLUMNS="80")
            except Hangs:
                bad.append((args, "hangs", ""))
                continue
            finally:
                signal.alarm(0)
            said = result.stdout + result.stderr
            if (
                "Traceback" in said
                or result.returncode not in (0, 1, 2)
                or (result.returncode == 2 and "torchcamp: " not in result.stderr)
                or "\x1b]" in said
            ):
                bad.append((args, result.returncode, said[-600:]))
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    assert not bad, f"{len(bad)} of {len(chosen)}: {bad[:5]}"


@pytest.mark.usefixtures("no_mnist")
def test_a_sample_of_bad_invocations(tmp_path: Path):
    try_all(tmp_path, random.Random(0).sample(invocations(), NUM_SAMPLED))


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.usefixtures("no_mnist")
def test_all_bad_invocations(tmp_path: Path):
    try_all(tmp_path, invocations())
