"""The exercises in the terminal, as a learner uses them."""

import errno
import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.program import one_line, torchcamp
from tests.conftest import hears_ctrl_c
from tests.instructor.small_content import write_content
from torchcamp.base import files
from torchcamp.course.content import course
from torchcamp.course.progress import Progress, Standing, following

NAME = "conv_output_size"
HERE = course().find(NAME).folder
WRONG = {each.name: each.source for each in course().find(NAME).misconceptions}


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / ".torchcamp").mkdir()
    return tmp_path


def test_from_practice_to_solved(workspace: Path):
    shown = torchcamp("practice", cwd=workspace)
    assert shown.returncode == 0, shown.stderr
    first = following({})
    assert first is not None
    first_name = first.name
    assert course().exercises[first_name].title in shown.stdout
    assert (workspace / "answers" / f"{first_name}.py").exists()
    named = torchcamp("practice", NAME, cwd=workspace)
    assert "How large is the output" in named.stdout
    answer = workspace / "answers" / f"{NAME}.py"
    assert answer.exists()

    first = torchcamp("check", NAME, cwd=workspace)
    assert first.returncode == 1
    assert "is still open: replace the line that raises" in " ".join(first.stdout.split())

    answer.write_text(WRONG["padding_once"])
    wrong = torchcamp("check", NAME, "--json", cwd=workspace)
    assert wrong.returncode == 1
    assert json.loads(wrong.stdout)["misconception"] == "padding_once"

    answer.write_text((HERE / "solution.py").read_text())
    right = torchcamp("check", NAME, "--json", cwd=workspace)
    assert right.returncode == 0, right.stderr
    assert json.loads(right.stdout)["verdict"] == "pass"

    listed = torchcamp("practice", "--list", cwd=workspace).stdout
    assert f"✓ {NAME}" in listed
    assert f"1 of {len(course().exercises)} solved" in listed
    entry = json.loads((workspace / ".torchcamp" / "progress.json").read_text())
    assert entry["exercises"][NAME]["attempts"] == 3
    after = torchcamp("check", "--json", cwd=workspace)  # the next that is not solved
    coming = following(Progress(workspace).standings(), after=NAME)
    assert coming is not None
    assert json.loads(after.stdout)["exercise"] == coming.name
    named = torchcamp("practice", "train_step", cwd=workspace)
    assert "One training step" in named.stdout
    unknown = torchcamp("practice", "train_stp", cwd=workspace)
    assert unknown.returncode == 2
    assert "train_step" in unknown.stderr


def solve(workspace: Path, *names: str) -> None:
    (workspace / "answers").mkdir(exist_ok=True)
    for name in names:
        (workspace / "answers" / f"{name}.py").write_text(course().find(name).solution)


def test_the_exercise_last_worked_on_is_checked(workspace: Path):
    solve(workspace, NAME)
    solved = torchcamp("check", NAME, cwd=workspace)
    coming = following(Progress(workspace).standings(), after=NAME)
    assert coming is not None
    assert (
        f"1 of {len(course().exercises)} exercises solved. Next: torchcamp practice {coming.name}"
        in (" ".join(solved.stdout.split()))
    )
    torchcamp("check", "train_step", cwd=workspace)  # tried, not solved
    again = torchcamp("check", "--json", cwd=workspace)
    assert json.loads(again.stdout)["exercise"] == "train_step"


def test_several_and_whole_lessons_are_checked(workspace: Path):
    nothing = torchcamp("check", "--all", cwd=workspace)
    assert (nothing.returncode, nothing.stdout) == (0, "")
    assert "no answer has been begun" in nothing.stderr
    solve(workspace, NAME, "conv_params")
    for args in (["--all"], ["convolution"], [NAME, "conv_params"]):
        checked = torchcamp("check", *args, cwd=workspace)
        assert checked.returncode == 0, checked.stderr
        assert f"✓ {NAME}" in checked.stdout
        assert "2 of 2 solved" in checked.stdout
    (workspace / "answers" / "conv_params.py").write_text("x = 1\n")
    checked = torchcamp("check", "--all", "--json", cwd=workspace)
    assert checked.returncode == 1
    verdicts = {each["exercise"]: each["verdict"] for each in json.loads(checked.stdout)}
    assert verdicts == {NAME: "pass", "conv_params": "error"}
    refused = torchcamp("check", "--watch", NAME, "conv_params", cwd=workspace)
    assert refused.returncode == 2
    assert "one exercise at a time" in one_line(refused)


def test_a_lessons_exercises_are_listed(workspace: Path):
    solve(workspace, NAME)
    torchcamp("check", NAME, cwd=workspace)
    lesson = course().lesson("convolution")
    listed = torchcamp("practice", "convolution", cwd=workspace).stdout
    assert f"1 of {len(lesson.exercises)} solved" in listed
    assert "train_step" not in listed
    printed = json.loads(torchcamp("practice", "convolution", "--json", cwd=workspace).stdout)
    assert [each["exercise"] for each in printed] == list(lesson.exercises)
    states = {each["exercise"]: each["state"] for each in printed}
    assert (states[NAME], states["conv_params"]) == ("passed", "new")
    everything = json.loads(torchcamp("practice", "--list", "--json", cwd=workspace).stdout)
    assert len(everything) == len(course().exercises)
    one = json.loads(torchcamp("practice", NAME, "--json", cwd=workspace).stdout)
    assert (one["exercise"], one["statement"]) == (NAME, course().find(NAME).statement)


def test_watch_goes_on_to_the_next_exercise_and_takes_keys(workspace: Path):
    """In a terminal of its own, as a learner has one."""
    answer = workspace / "answers" / f"{NAME}.py"
    answer.parent.mkdir()
    answer.write_text(WRONG["no_plus_one"])
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "torchcamp", "check", NAME, "--watch"],
        cwd=workspace, env=os.environ | {"HOME": str(workspace), "TERM": "dumb"},
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    seen = ""

    def until(words: str) -> None:
        nonlocal seen
        deadline = time.monotonic() + 60
        while words not in " ".join(seen.split()) and time.monotonic() < deadline:
            if select.select([ours], [], [], 1)[0]:
                seen += os.read(ours, 4096).decode()
        assert words in " ".join(seen.split()), seen
        seen = ""

    try:
        until("q quit")
        os.write(ours, b"h")
        until(" ".join(course().find(NAME).hints[0].split()[:3]))
        answer.write_text((HERE / "solution.py").read_text())
        coming = following({NAME: Standing(state="passed", attempts=1, hints=0)}, after=NAME)
        assert coming is not None
        until(coming.title)
        os.write(ours, b"q")
        assert process.wait(timeout=20) == 0
    finally:
        process.kill()
        os.close(ours)


def test_hint_reset_solution(workspace: Path):
    first = torchcamp("hint", NAME, cwd=workspace).stdout
    second = torchcamp("hint", NAME, cwd=workspace).stdout
    assert "1 " in first
    assert len(second) > len(first)
    answer = workspace / "answers" / f"{NAME}.py"
    answer.write_text("x = 1\n")
    reset = torchcamp("reset", NAME, cwd=workspace)
    assert reset.returncode == 0
    assert answer.read_text() == (HERE / "starter.py").read_text()
    kept = Path(reset.stdout.split("your old answer is in ")[1].strip())
    assert kept.read_text() == "x = 1\n"
    solution = torchcamp("solution", NAME, cwd=workspace)
    assert solution.stdout == (HERE / "solution.py").read_text()


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is written fails, at the one door where all of it passes; what is there can be read."""

    def fail(path: Path, write: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr(files, "write_atomically", fail)


FULL = "No space left on device; free some space"


def test_on_a_full_disk_the_verdict_is_told(workspace: Path, request: pytest.FixtureRequest):
    torchcamp("practice", NAME, cwd=workspace)
    answer = workspace / "answers" / f"{NAME}.py"
    answer.write_text((HERE / "solution.py").read_text())
    request.getfixturevalue("full_disk")
    passed = torchcamp("check", NAME, cwd=workspace)
    assert (passed.returncode, passed.stdout.split()[0]) == (0, "Solved.")
    assert f"cannot write {workspace}/.torchcamp/progress.json: {FULL}" in passed.stderr
    hint = torchcamp("hint", NAME, cwd=workspace)
    assert (hint.returncode, hint.stdout.split()[0]) == (0, "1")
    assert "your progress could not be kept" in hint.stderr
    shown = torchcamp("practice", "batch_loss", cwd=workspace)
    assert shown.returncode == 0
    assert course().find("batch_loss").title in shown.stdout
    assert f"cannot write {workspace}/answers/batch_loss.py: {FULL}" in shown.stderr
    solution = torchcamp("solution", NAME, cwd=workspace)
    assert (solution.returncode, solution.stdout) == (0, (HERE / "solution.py").read_text())
    reset = torchcamp("reset", NAME, cwd=workspace)  # which can do nothing without writing
    assert reset.returncode == 2
    assert "cannot write" in one_line(reset)
    assert answer.read_text() == (HERE / "solution.py").read_text()


def test_without_a_workspace_that_can_be_made_what_needs_none_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "torchcamp").write_text("a file where the folder should be")
    for args in (("practice", NAME), ("practice", "--list"), ("hint", NAME), ("solution", NAME)):
        result = torchcamp(*args, cwd=tmp_path)
        assert result.returncode == 0, result.stderr
        assert result.stdout
        assert "cannot create the workspace" in result.stderr
    assert torchcamp("check", NAME, cwd=tmp_path).returncode == 2


def test_a_file_elsewhere_is_not_recorded(workspace: Path):
    path = str(HERE / "solution.py")
    assert torchcamp("check", NAME, "--file", path, cwd=workspace).returncode == 0
    assert not (workspace / ".torchcamp" / "progress.json").exists()


def test_a_wrong_answer_is_shown_and_checked_through_a_pipe(workspace: Path):
    shown = torchcamp("dev", "show", NAME, "padding_once", cwd=workspace)
    assert (shown.returncode, shown.stdout) == (0, WRONG["padding_once"])
    read, write = os.pipe()  # as a shell makes it for `--file <(torchcamp dev show ...)`
    show = [sys.executable, "-m", "torchcamp", "dev", "show", NAME, "padding_once"]
    with subprocess.Popen(show, cwd=workspace, stdout=write):
        os.close(write)
        checked = torchcamp("check", NAME, "--file", f"/dev/fd/{read}", "--json", cwd=workspace)
    os.close(read)
    assert json.loads(checked.stdout)["misconception"] == "padding_once"


def test_wrong_answers_are_listed_with_their_entries(workspace: Path):
    listed = torchcamp("dev", "show", NAME, cwd=workspace).stdout.splitlines()
    assert [line.split()[0] for line in listed] == list(WRONG)
    assert "no_plus_one           V1" in listed
    assert "kernel_added" in listed
    unknown = torchcamp("dev", "show", NAME, "padding_twice", cwd=workspace)
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert one_line(unknown) == (
        f"torchcamp: {NAME} has no misconception 'padding_twice'. Did you mean 'padding_once'?"
    )


def test_an_unknown_exercise_names_the_nearest(workspace: Path):
    for command in ("check", "hint", "reset", "solution"):
        result = torchcamp(command, "conv_output", cwd=workspace)
        assert result.returncode == 2
        assert "Did you mean 'conv_output_size'?" in one_line(result)


def test_watch_checks_after_every_change(workspace: Path):
    answer = workspace / "answers" / f"{NAME}.py"
    answer.parent.mkdir()
    answer.write_text(WRONG["no_plus_one"])
    process = subprocess.Popen(
        [sys.executable, "-m", "torchcamp", "check", NAME, "--watch", "--json"],
        cwd=workspace,
        env=os.environ | {"HOME": str(workspace)},
        preexec_fn=hears_ctrl_c,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout
    assert json.loads(process.stdout.readline())["misconception"] == "no_plus_one"
    started = time.monotonic()
    answer.write_text((HERE / "solution.py").read_text())
    assert json.loads(process.stdout.readline())["verdict"] == "pass"
    assert time.monotonic() - started < 30  # the goal is half a second
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=10) == 130
    process.stdout.close()


def test_dev_check(tmp_path: Path):
    """On a small content folder; `make check` runs it on what ships."""
    exercise = write_content(tmp_path / "content", NAME)
    sound = torchcamp("dev", "check", "--json", "--content", "content", cwd=tmp_path)
    assert sound.returncode == 0, sound.stdout
    printed = json.loads(sound.stdout)
    assert printed.keys() == {
        "exercises",
        "reading",
        "misconceptions",
        "catalogue",
        "lessons",
        "problems",
        "core",
        "minutes_core",
    }
    assert (printed["exercises"], printed["reading"], printed["problems"]) == (1, 0, [])
    (exercise / "starter.py").unlink()
    broken = torchcamp("dev", "check", "--content", "content", cwd=tmp_path)
    assert broken.returncode == 1
    assert "starter.py is missing" in broken.stdout
    assert "1 exercises (0 of them reading), " in broken.stdout


def test_dev_check_lists_what_passes_of_a_disturbed_solution(tmp_path: Path):
    write_content(tmp_path / "content", "label_maps")
    command = ("dev", "check", "--disturb", "--content", "content")
    assert "label_maps lets pass: its result is float64" in torchcamp(*command, cwd=tmp_path).stdout
    printed = json.loads(torchcamp(*command, "--json", cwd=tmp_path).stdout)
    assert printed["disturbed"] == {"label_maps": ["its result is float64"]}
