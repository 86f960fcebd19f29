"""`torchcamp grade`: a class of 20 whose answers were planted, its options, and a run that is killed."""

import csv
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import one_line, torchcamp
from tests.instructor.grading.planted import Planted, planted_class, write_class, write_workspace
from torchcamp.base.wire import JsonObject
from torchcamp.course.content import course
from torchcamp.instructor.grading import judging

SOLUTIONS = {name: course().find(name).solution for name in ("softmax", "value")}


@pytest.fixture(scope="module")
def answers() -> dict[str, dict[str, Planted]]:
    return planted_class()


@pytest.fixture(scope="module")
def folder(
    tmp_path_factory: pytest.TempPathFactory, answers: dict[str, dict[str, Planted]]
) -> Path:
    """A folder with `class/`, graded with every output."""
    folder = tmp_path_factory.mktemp("graded")
    write_class(folder / "class", answers)
    result = torchcamp(
        "grade", "class", "--jobs", "2", "--html", "c.html", "--csv", "c.csv", "--json", "c.json",
        "--junit", "c.xml", cwd=folder,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    (folder / "out.txt").write_text(result.stdout + result.stderr, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def content(folder: Path) -> JsonObject:
    return json.loads((folder / "c.json").read_text(encoding="utf-8"))


# --- The class ------------------------------------------------------------------------------------


def test_every_verdict_is_as_planted(answers: dict[str, dict[str, Planted]], content: JsonObject):
    assert len(answers) == 20
    for name, of_learner in answers.items():
        found = content["learners"][name]["answers"]
        assert found.keys() == of_learner.keys()
        for exercise, planted in of_learner.items():
            said = found[exercise]
            verdict = "untouched" if said["untouched"] else said["verdict"]
            assert (verdict, said["misconception"], said["limit"]) == (
                planted.verdict, planted.misconception, planted.limit,
            ), (name, exercise, said["message"])  # fmt: skip


def test_misconceptions_are_counted(answers: dict[str, dict[str, Planted]], content: JsonObject):
    planted = Counter(
        (exercise, each.misconception)
        for of_learner in answers.values()
        for exercise, each in of_learner.items()
        if each.misconception
    )
    counted = {
        (each["exercise"], each["misconception"]): len(each["learners"])
        for each in content["misconceptions"]
    }
    assert len(counted) > 5
    assert counted == planted


def test_every_output_tells_the_same(folder: Path, content: JsonObject):
    solved = {name: each["solved"] for name, each in content["learners"].items()}
    with (folder / "c.csv").open(encoding="utf-8", newline="") as file:
        assert {row["Username"]: int(row["Grade"]) for row in csv.DictReader(file)} == solved
    suites = ET.parse(folder / "c.xml").getroot()
    passed = {suite.get("name"): sum(len(case) == 0 for case in suite) for suite in suites}
    assert passed == solved
    page = (folder / "c.html").read_text(encoding="utf-8")
    words = (folder / "out.txt").read_text(encoding="utf-8")
    for name in solved:
        assert name in page
        assert name in words
    assert "written: c.html" in words


def test_a_second_run_judges_nothing_and_writes_the_same(folder: Path):
    def refuse() -> Any:
        raise AssertionError("a judge was opened")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judging, "open_judge", refuse)
        result = torchcamp(
            "grade", "class", "--json", "again.json", "--html", "again.html", cwd=folder,
        )  # fmt: skip
    assert result.returncode == 0, result.stderr
    for ending in ("json", "html"):
        assert (folder / f"again.{ending}").read_bytes() == (folder / f"c.{ending}").read_bytes()


# --- Options --------------------------------------------------------------------------------------


class Passing:
    """A judge that passes everything."""

    opened = 0

    def __enter__(self) -> "Passing":
        Passing.opened += 1
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    def verdict_of(self, exercise: Any, source: str, file: str) -> Any:
        from torchcamp.course.judge.client import Verdict

        return Verdict(exercise=exercise.name, verdict="pass")


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A class of two, whose answers all pass."""
    monkeypatch.setattr(judging, "open_judge", Passing)
    Passing.opened = 0
    write_workspace(tmp_path / "class" / "anna", dict(SOLUTIONS))
    write_workspace(tmp_path / "class" / "ben", {"softmax": SOLUTIONS["softmax"] + "# mine\n"})
    return tmp_path


def graded(two: Path, *options: str) -> JsonObject:
    result = torchcamp("grade", "class", *options, "--json", "c.json", cwd=two)
    assert result.returncode == 0, result.stderr
    return json.loads((two / "c.json").read_text(encoding="utf-8"))


def test_exercises_and_lesson(two: Path):
    assert sorted(graded(two)["exercises"]) == ["softmax", "value"]
    assert graded(two, "--exercises", "softmax")["exercises"] == ["softmax"]
    lesson = course().lesson_of("value")
    assert lesson
    assert graded(two, "--lesson", lesson.name)["exercises"] == list(lesson.exercises)
    both = graded(two, "--lesson", lesson.name, "--exercises", "softmax")["exercises"]
    assert set(both) == {*lesson.exercises, "softmax"}


def test_jobs(two: Path):
    graded(two, "--jobs", "1")
    assert Passing.opened == 1
    graded(two, "--jobs", "3", "--fresh")
    assert Passing.opened == 1 + 3


def test_verdicts_are_kept_in_the_users_cache_or_where_they_are_wanted(two: Path):
    graded(two)
    assert len(list((two / "cache" / "torchcamp" / "grading").glob("*.jsonl"))) == 2
    graded(two, "--state", "mine")
    assert len(list((two / "mine").glob("*.jsonl"))) == 2
    kept = "".join(path.read_text(encoding="utf-8") for path in (two / "mine").glob("*.jsonl"))
    assert "anna" not in kept
    assert "ben" not in kept


def test_the_sheet_suits_where_the_answers_come_from(two: Path):
    def header(*options: str) -> str:
        graded(two, "--csv", "c.csv", *options)
        return (two / "c.csv").read_text(encoding="utf-8").splitlines()[0]

    assert header().startswith("Identifier,")
    assert header("--sheet", "canvas").startswith("Student,ID,")
    (two / "class" / "leeanna_11_901_softmax.py").write_text(SOLUTIONS["softmax"], encoding="utf-8")
    assert header().startswith("Student,ID,")
    assert header("--sheet", "moodle").startswith("Identifier,")


def test_points(two: Path):
    graded(two, "--csv", "c.csv", "--points", "10")
    with (two / "c.csv").open(encoding="utf-8", newline="") as file:
        assert [row["Grade"] for row in csv.DictReader(file)] == ["10", "5"]


def test_junit_is_written(two: Path):
    graded(two, "--junit", "c.xml")
    assert {each.get("name") for each in ET.parse(two / "c.xml").getroot()} == {"anna", "ben"}


def test_github_classroom_takes_one_repository(two: Path):
    result = torchcamp("grade", "class", "--classroom", "r.json", cwd=two)
    assert result.returncode == 2
    assert "holds 2 learners" in one_line(result)
    assert Passing.opened == 0, "said before the judging"
    result = torchcamp(
        "grade", ".", "--classroom", "r.json", "--points", "4", cwd=two / "class/anna"
    )
    assert result.returncode == 0, result.stderr
    content = json.loads((two / "class/anna/r.json").read_text(encoding="utf-8"))
    assert content["max_score"] == 4
    assert [test["status"] for test in content["tests"]] == ["pass", "pass"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere"], "does not exist"),
        (["class", "--exercises", "sofmax"], "Did you mean 'softmax'?"),
        (["class", "--exercises", ","], "names none"),
        (["class", "--lesson", "activation"], "Did you mean 'activations'?"),
        (["class", "--json", "no/where.json"], "no does not exist"),
        (["class", "--points", "0"], "--points"),
        (["class", "--exercises", "leaky_relu"], "no answer to leaky_relu was found"),
    ],
)
def test_bad_input_is_said_before_the_judging(two: Path, arguments: list[str], words: str):
    result = torchcamp("grade", *arguments, cwd=two)
    assert result.returncode == 2
    assert words in one_line(result)
    assert Passing.opened == 0


# --- Interruptions --------------------------------------------------------------------------------


@pytest.mark.fault
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_stopped_run_goes_on(tmp_path: Path, number: signal.Signals):
    """After a kill at any moment the same command goes on, and grades no answer twice."""
    many = 24
    for each in range(many):
        text = SOLUTIONS["softmax"] + f"# {each}\n"
        write_workspace(tmp_path / "class" / f"learner{each}", {"softmax": text})
    command = [
        sys.executable,
        "-m",
        "torchcamp",
        "grade",
        "class",
        "--state",
        "state",
        "--jobs",
        "1",
    ]
    environment = os.environ | {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}

    def kept() -> list[str]:
        lines = [
            line
            for path in (tmp_path / "state").glob("*.jsonl")
            for line in path.read_text(encoding="utf-8").splitlines()
        ]
        return [json.loads(line)["answer"] for line in lines]

    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    deadline = time.monotonic() + 120
    while len(kept()) < 4:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(number)
    _, words = process.communicate(timeout=60)
    assert process.returncode == (130 if number == signal.SIGINT else -number), words
    before = len(kept())
    assert before < many
    result = subprocess.run(
        [*command, "--json", "c.json"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert result.returncode == 0, result.stderr
    assert f"{before} of them known from before" in result.stderr
    assert len(kept()) == len(set(kept())) == many
    content = json.loads((tmp_path / "c.json").read_text(encoding="utf-8"))
    assert {each["solved"] for each in content["learners"].values()} == {1}


# --- docs/class.md --------------------------------------------------------------------------------

DOCS = (Path(__file__).parents[2] / "docs" / "class.md").read_text(encoding="utf-8")


def test_the_docs_commands_print_what_the_docs_show(folder: Path):
    """With the planted class as `submissions.zip`; its verdicts are known by now."""
    with zipfile.ZipFile(folder / "submissions.zip", "w") as archive:
        for path in sorted((folder / "class").rglob("*")):
            archive.write(path, path.relative_to(folder))
    (block,) = re.findall(r"```sh\n(.*?)```", DOCS, re.S)
    (shown,) = re.findall(r"```text\n(.*?)```", DOCS, re.S)
    printed = told = ""
    for command in block.strip().splitlines():
        program, *arguments = shlex.split(command)
        assert program == "torchcamp"
        result = torchcamp(*arguments, cwd=folder)
        assert result.returncode == 0, result.stderr
        printed, told = printed + result.stdout, told + result.stderr
    written = [line.removeprefix("written: ") for line in told.splitlines() if "written" in line]
    assert all((folder / name).stat().st_size for name in written)
    assert len(written) == 2
    lines = [line.rstrip() for line in printed.splitlines()]
    for part in shown.rstrip().split("...\n"):
        part_lines = part.rstrip("\n").split("\n")
        assert any(
            lines[start : start + len(part_lines)] == part_lines for start in range(len(lines))
        ), part


def test_the_docs_options_exist():
    from torchcamp.cli.grade import command

    named = set(re.findall(r"`(--[a-z]+)", DOCS))
    known = {option for parameter in command.params for option in parameter.opts}
    assert len(named) > 8
    assert named <= known


def test_the_docs_numbers_are_the_codes():
    from torchcamp.instructor.grading import similar

    assert f"runs of {similar.RUN} tokens" in DOCS
    assert f"{100 * similar.SHARED:.0f} % of the shorter" in DOCS
    assert f"fewer than {similar.FEWEST} runs" in DOCS
