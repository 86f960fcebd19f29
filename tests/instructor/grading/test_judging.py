"""Each text judged once, none twice, and nothing that an answer does reaches another one."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from torchcamp.base.files import text_hash
from torchcamp.course.content import Exercise, course
from torchcamp.course.judge.client import Verdict
from torchcamp.instructor.grading import judging
from torchcamp.instructor.grading.judging import Pace, Verdicts, judge_all

SOFTMAX, VALUE = course().find("softmax"), course().find("value")


class FakeJudge:
    """Passes what says `right`; remembers what it was asked."""

    opened = closed = 0
    asked: list[tuple[str, str]]
    lock = threading.Lock()

    def __enter__(self) -> "FakeJudge":
        with self.lock:
            FakeJudge.opened += 1
        return self

    def __exit__(self, *exception: object) -> None:
        with self.lock:
            FakeJudge.closed += 1

    def close(self) -> None:
        pass

    def verdict_of(self, exercise: Exercise, source: str, file: str) -> Verdict:
        with self.lock:
            self.asked.append((exercise.name, source))
        if "breaks the judge" in source:
            raise ValueError("no JSON")
        verdict = "pass" if "right" in source else "fail"
        return Verdict(exercise=exercise.name, verdict=verdict, message=f"for {file}")


@pytest.fixture(autouse=True)
def judge(monkeypatch: pytest.MonkeyPatch) -> type[FakeJudge]:
    FakeJudge.opened = FakeJudge.closed = 0
    FakeJudge.asked = []
    monkeypatch.setattr(judging, "open_judge", FakeJudge)
    return FakeJudge


def judged(
    folder: Path,
    texts: dict[Exercise, list[str]],
    *,
    jobs: int = 2,
    fresh: bool = False,
    tell: Callable[[Pace], None] = lambda pace: None,
) -> dict[tuple[str, str], str]:
    found = judge_all(texts, jobs=jobs, verdicts=Verdicts(folder), fresh=fresh, tell=tell)
    return {key: verdict.verdict for key, verdict in found.items()}


def test_equal_answers_are_judged_once(tmp_path: Path):
    found = judged(tmp_path, {SOFTMAX: ["right", "right", "wrong"], VALUE: ["right"]})
    assert found == {
        ("softmax", text_hash("right")): "pass",
        ("softmax", text_hash("wrong")): "fail",
        ("value", text_hash("right")): "pass",
    }
    assert sorted(FakeJudge.asked) == [
        ("softmax", "right"),
        ("softmax", "wrong"),
        ("value", "right"),
    ]
    assert FakeJudge.opened == FakeJudge.closed


def test_what_was_judged_is_not_judged_again(tmp_path: Path):
    judged(tmp_path, {SOFTMAX: ["right", "wrong"]})
    FakeJudge.asked.clear()
    paces: list[Pace] = []
    found = judged(tmp_path, {SOFTMAX: ["right", "wrong", "new"]}, tell=paces.append)
    assert FakeJudge.asked == [("softmax", "new")]
    assert sorted(found.values()) == ["fail", "fail", "pass"]
    assert (paces[0].done, paces[0].total, paces[0].reused) == (2, 3, 2)
    assert (paces[-1].done, paces[-1].total) == (3, 3)


def test_nothing_left_opens_no_judge(tmp_path: Path):
    judged(tmp_path, {SOFTMAX: ["right"]})
    FakeJudge.opened = 0
    assert judged(tmp_path, {SOFTMAX: ["right"]})
    assert FakeJudge.opened == 0


def test_fresh_judges_again(tmp_path: Path):
    judged(tmp_path, {SOFTMAX: ["right"]})
    judged(tmp_path, {SOFTMAX: ["right"]}, fresh=True)
    assert len(FakeJudge.asked) == 2


@pytest.mark.parametrize("change", ["content", "version", "torch"])
def test_other_circumstances_are_judged_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
):
    folder = tmp_path / "softmax"
    folder.mkdir()
    (folder / "checks.py").write_text("one", encoding="utf-8")
    exercise = Exercise(
        name="softmax", folder=folder, title="", minutes=1, concepts=(), reference="", hints=()
    )
    judged(tmp_path / "state", {exercise: ["right"]})
    judging.fingerprint.cache_clear()
    if change == "content":
        (folder / "checks.py").write_text("two", encoding="utf-8")
    elif change == "version":
        monkeypatch.setattr(judging, "__version__", "999")
    else:
        monkeypatch.setattr(judging.importlib.metadata, "version", lambda name: "999")
    judged(tmp_path / "state", {exercise: ["right"]})
    judging.fingerprint.cache_clear()
    assert len(FakeJudge.asked) == 2


def test_a_line_that_was_cut_off_is_judged_again(tmp_path: Path):
    judged(tmp_path, {SOFTMAX: ["right", "wrong"]}, jobs=1)
    (path,) = tmp_path.glob("softmax-*.jsonl")
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: len(text) - 30], encoding="utf-8")  # killed in the middle of a line
    FakeJudge.asked.clear()
    judged(tmp_path, {SOFTMAX: ["right", "wrong"]})
    assert len(FakeJudge.asked) == 1
    judged(tmp_path, {SOFTMAX: ["right", "wrong"]})
    assert len(FakeJudge.asked) == 1


@pytest.mark.parametrize(
    "line",
    ["", "[]", "{}", '{"answer": 3, "verdict": {}}', '{"answer": "%s", "verdict": {"exercise": "value", "verdict": "pass"}}',
     '{"answer": "%s", "verdict": {"exercise": "softmax", "verdict": "splendid"}}',
     '{"answer": "%s", "verdict": {"exercise": "softmax", "verdict": "pass", "more": 1}}'],
)  # fmt: skip
def test_a_strange_line_is_no_verdict(tmp_path: Path, line: str):
    judged(tmp_path, {SOFTMAX: ["wrong"]})
    (path,) = tmp_path.glob("softmax-*.jsonl")
    path.write_text(line.replace("%s", text_hash("wrong")) + "\n", encoding="utf-8")
    assert list(judged(tmp_path, {SOFTMAX: ["wrong"]}).values()) == ["fail"]
    assert len(FakeJudge.asked) == 2


def test_jobs_are_judges_at_the_same_time(tmp_path: Path):
    texts = {SOFTMAX: [str(number) for number in range(9)]}
    judged(tmp_path, texts, jobs=3)
    assert FakeJudge.opened == 3
    FakeJudge.opened = 0
    judged(tmp_path / "other", {SOFTMAX: ["one"]}, jobs=3)
    assert FakeJudge.opened == 1


def test_a_judge_stays_with_an_exercise(tmp_path: Path):
    texts = {exercise: [str(number) for number in range(6)] for exercise in (SOFTMAX, VALUE)}
    judged(tmp_path, texts, jobs=1)
    order = [name for name, _ in FakeJudge.asked]
    assert order in (["softmax"] * 6 + ["value"] * 6, ["value"] * 6 + ["softmax"] * 6)


def test_what_breaks_the_judge_is_that_answers_error_and_is_not_kept(tmp_path: Path):
    texts = {SOFTMAX: ["it breaks the judge", "right"]}
    assert sorted(judged(tmp_path, texts).values()) == ["error", "pass"]
    FakeJudge.asked.clear()
    judged(tmp_path, texts)
    assert FakeJudge.asked == [("softmax", "it breaks the judge")]


def test_stopping_keeps_what_was_judged(tmp_path: Path):
    texts = {SOFTMAX: [str(number) for number in range(50)]}

    def stop(pace: Pace) -> None:
        if pace.done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        judged(tmp_path, texts, jobs=2, tell=stop)
    assert FakeJudge.opened == FakeJudge.closed == 2, "no judge outlives the command"
    first = set(FakeJudge.asked)
    assert len(first) >= 5
    FakeJudge.asked.clear()
    assert len(judged(tmp_path, texts)) == 50
    assert not first & set(FakeJudge.asked)


def test_a_verdict_that_cannot_be_kept_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(self: Verdicts, exercise: Exercise, answer: str, verdict: Verdict) -> None:
        raise OSError(28, "No space left on device", "state")

    monkeypatch.setattr(Verdicts, "keep", full)
    with pytest.raises(OSError, match="No space"):
        judged(tmp_path, {SOFTMAX: ["right"]})


def test_the_time_left_is_told(tmp_path: Path):
    paces: list[Pace] = []
    judged(tmp_path, {SOFTMAX: [str(number) for number in range(20)]}, tell=paces.append)
    assert all(pace.seconds_left is None for pace in paces[: judging.MEASURED])
    told = [pace.seconds_left for pace in paces[judging.MEASURED + 1 :]]
    assert all(left is not None and left >= 0 for left in told)
    assert told[-1] == 0
