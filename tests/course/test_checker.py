"""The judge: every way an answer can go wrong ends in a sentence, and the judge lives on."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from torchcamp.base.wire import JsonObject
from torchcamp.course.content import Exercise, course
from torchcamp.course.judge import worker
from torchcamp.course.judge.client import Judge
from torchcamp.course.judge.equality import alike
from torchcamp.course.judge.starter import may_end_without_return

START = "def conv_output_size(input_size, kernel_size, padding, stride):\n"
RIGHT = START + "    return (input_size + 2 * padding - kernel_size) // stride + 1\n"


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with Judge() as judge:
        judge.warm()
        yield judge


@pytest.fixture(scope="module")
def exercise() -> Exercise:
    return course().find("conv_output_size")


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "answer.py"
    path.write_text(text)
    return path


def test_a_right_answer(judge: Judge, exercise: Exercise, tmp_path: Path):
    verdict = judge.verdict(exercise, write(tmp_path, RIGHT))
    assert verdict.as_json() == {
        "exercise": "conv_output_size",
        "verdict": "pass",
        "check": None,
        "misconception": None,
        "behaves_like": None,
        "line": None,
        "limit": None,
        "message": "All checks pass. Where torchcamp itself needs it: `torchcamp/models/cnn.py::conv_block`.",
    }


def test_a_known_mistake_is_told_why(judge: Judge, exercise: Exercise, tmp_path: Path):
    """Not the file of the misconception: the same mistake, written in another way."""
    text = (
        START + "    steps = (input_size - kernel_size + 2 * padding) // stride\n    return steps\n"
    )
    verdict = judge.verdict(exercise, write(tmp_path, text))
    assert (verdict.verdict, verdict.check) == ("fail", "check_plain")
    assert verdict.misconception == "no_plus_one"
    assert "`conv_output_size(7, 3, 0, 1)` returned 4" in verdict.message
    assert "one more post than gaps" in verdict.message
    assert "Caught by" not in verdict.message


def test_an_unknown_mistake_gets_the_evidence(judge: Judge, exercise: Exercise, tmp_path: Path):
    verdict = judge.verdict(exercise, write(tmp_path, START + "    return 5\n"))
    assert verdict.check == "check_padding"
    assert verdict.misconception is None
    assert "returned 5" in verdict.message


@pytest.mark.parametrize(
    ("text", "verdict", "words"),
    [
        ("def conv_output_size(i:\n", "error", "Python cannot read line 1"),
        ("return 3\n", "error", "'return' outside function"),
        ("x = 1 / 0\n", "error", "Line 1, `x = 1 / 0`, raised ZeroDivisionError"),
        ("def other():\n    pass\n", "error", "defines no `conv_output_size`"),
        ("import nowhere\n" + RIGHT, "error", "No module named 'nowhere'"),
        ("import sys\nsys.exit(3)\n", "error", "sys.exit"),
        ("raise KeyboardInterrupt\n", "error", "KeyboardInterrupt"),
        (START + "    import os\n    os._exit(0)\n", "error", "os._exit"),
        (START + "    import sys\n    sys.exit()\n", "fail", "sys.exit"),
        (START + "    return input_size @ 3\n", "fail", "Line 2, `return input_size @ 3`, raised"),
        (START + "    return conv_output_size(1, 1, 1, 1)\n", "fail", "calls itself without end"),
        (START + "    import ctypes\n    ctypes.string_at(0)\n", "error", "crashed (SIGSEGV)"),
        ("x = 'a\x00b'\n", "error", "null bytes"),
        ("", "error", "defines no `conv_output_size`"),
        (
            START + "    raise NotImplementedError\n",
            "fail",
            "The TODO in `conv_output_size` (line 2)",
        ),
        ("raise NotImplementedError\n", "error", "The TODO (line 1) is still open"),
    ],
)
def test_every_failure_is_a_sentence(
    judge: Judge, exercise: Exercise, tmp_path: Path, text: str, verdict: str, words: str
):
    found = judge.verdict(exercise, write(tmp_path, text))
    assert found.verdict == verdict, found
    assert words in found.message
    assert "Traceback" not in found.message
    assert judge.verdict(exercise, write(tmp_path, RIGHT)).passed


def test_the_parts_of_an_answer_are_told_one_after_the_other(judge: Judge, tmp_path: Path):
    """What is right so far, and which function comes next; not so of a mistake in a part."""
    exercise = course().find("predict_shapes")
    todo = "    # TODO: the rule\n    raise NotImplementedError\n"
    first = exercise.starter.replace(
        todo,
        "    return (len(value), *made_from(value[0])) if isinstance(value, list) else ()\n",
        1,
    )
    begun = judge.verdict(exercise, write(tmp_path, exercise.starter)).message
    assert begun.startswith("The TODO in `made_from` (line 11) is still open")
    message = judge.verdict(exercise, write(tmp_path, first)).message
    assert message.startswith("So far, so good: 1 of 6 checks pass. The TODO in `mean_shape`")
    wrong = judge.verdict(exercise, write(tmp_path, first.replace(todo, "    return 5\n", 1)))
    assert wrong.message.startswith("`mean_shape((8, 16, 4, 4), 1)` returned 5")


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        (START + "    while True:\n        pass\n", "time"),
        ("while True:\n    pass\n", "time"),
        (
            START + "    while True:\n        try:\n            while True:\n                pass\n"
            "        except BaseException:\n            pass\n",
            "time",
        ),
        (START + "    import time\n    time.sleep(100)\n", "time"),
        (START + "    x = [0]\n    while True:\n        x = x + x\n", "memory"),
        (START + "    import torch\n    return torch.zeros(1 << 40)\n", "memory"),
        (
            START + "    import torch\n    x = []\n    while True:\n"
            "        x.append(torch.ones(1 << 24))\n",
            "memory",
        ),
        (START + "    while True:\n        print('again and again')\n", "output"),
        (
            "import os\nif os.fork() == 0:\n    while True:\n        pass\nwhile True:\n    pass\n",
            "time",
        ),
    ],
)
def test_limits(judge: Judge, exercise: Exercise, tmp_path: Path, text: str, limit: str):
    started = time.monotonic()
    # A busy machine may need long to fill its memory; a loop is one after a second.
    exercise = replace(exercise, seconds=1 if limit == "time" else 45)
    found = judge.verdict(exercise, write(tmp_path, text))
    assert (found.verdict, found.limit) == ("limit", limit), found
    assert found.message
    assert time.monotonic() - started < 50  # ten times the promise
    assert judge.verdict(exercise, write(tmp_path, RIGHT)).passed


def test_an_answer_cannot_change_another_ones_verdict(
    judge: Judge, exercise: Exercise, tmp_path: Path
):
    text = (
        "import torch\ntorch.set_default_dtype(torch.float64)\ntorch.nn.functional.conv1d = None\n"
    )
    judge.verdict(exercise, write(tmp_path, text + RIGHT))
    assert judge.verdict(exercise, write(tmp_path, RIGHT)).passed


def test_the_working_folder_is_a_temporary_one(judge: Judge, exercise: Exercise, tmp_path: Path):
    text = "open('left_behind.txt', 'w').write('x')\n" + RIGHT
    assert judge.verdict(exercise, write(tmp_path, text)).passed
    assert not Path("left_behind.txt").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["answer.py"]


def test_what_is_slow_to_import_is_there_before_an_answer_runs(
    judge: Judge, exercise: Exercise, tmp_path: Path
):
    """The first step of an optimizer imports torch._dynamo: 2 s in every verdict otherwise."""
    text = "import sys\nassert {'torch._dynamo', 'torchcamp.reading.probes'} <= set(sys.modules)\n"
    assert judge.verdict(exercise, write(tmp_path, text + RIGHT)).passed
    collects = "import gc\nassert gc.isenabled()\n"  # which the judge does not while it loads
    assert judge.verdict(exercise, write(tmp_path, collects + RIGHT)).passed


def test_a_judge_that_died_is_started_again(exercise: Exercise, tmp_path: Path):
    with Judge() as judge:
        judge.warm()
        assert judge._process
        judge._process.kill()
        judge._process.wait()
        assert judge.verdict(exercise, write(tmp_path, RIGHT)).passed


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (1.0, 1.00001, True),
        (1.0, 1.1, False),
        (1, True, False),
        ([1, [2.0]], [1.0, [2]], True),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ("nan", "nan", True),
        ([1], [1, 2], False),
    ],
)
def test_alike(left: object, right: object, same: bool):
    assert alike(left, right) == same


def test_of_two_mistakes_in_one_answer_none_is_named(judge: Judge, tmp_path: Path):
    """Sums of batch means, and training mode at the end: no wrong answer of ours has both."""
    exercise = course().find("evaluate")
    wrong = next(m for m in exercise.misconceptions if m.name == "sum_of_batch_means")
    text = wrong.source.replace("module.training = mode", "module.train()")
    answer = tmp_path / "answer.py"
    answer.write_text(text)
    verdict = judge.verdict(exercise, answer)
    assert (verdict.verdict, verdict.check) == ("fail", wrong.caught_by)
    assert verdict.misconception is None


def test_an_open_todo_is_compared_with_no_misconception(
    judge: Judge, exercise: Exercise, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    jobs: list[str] = []
    ask = judge.ask

    def asked(**request: Any) -> dict[str, Any]:
        jobs.append(request["job"])
        return ask(**request)

    monkeypatch.setattr(judge, "ask", asked)
    verdict = judge.verdict(exercise, write(tmp_path, START + "    raise NotImplementedError\n"))
    assert (verdict.verdict, verdict.misconception) == ("fail", None)
    assert jobs == ["check"]


def test_a_check_is_run_again_only_where_that_may_tell_more(
    judge: Judge, exercise: Exercise, monkeypatch: pytest.MonkeyPatch
):
    jobs = []
    ask = Judge.ask
    monkeypatch.setattr(Judge, "ask", lambda *a, **k: jobs.append(k["job"]) or ask(*a, **k))
    for wrong, again in (
        (RIGHT.replace("+ 1", "+ 2"), False),
        (RIGHT.replace("return ", "size = "), True),
        (RIGHT.replace("return ", "if padding:\n        return "), True),
    ):
        jobs.clear()
        assert judge.verdict_of(exercise, wrong, "answer.py").verdict == "fail"
        assert ("explain" in jobs) == again, wrong


@pytest.mark.parametrize(
    ("source", "may"),
    [
        ("def f(x):\n    return x\n", False),
        ("def f(x):\n    raise ValueError\n", False),
        ("def _f(x):\n    pass\n", False),
        ("def f(x):\n    pass\n", True),
        ("class C:\n    def __init__(self):\n        pass\n", False),
        ("class C:\n    def forward(self, x):\n        x\n", True),
    ],
)
def test_whether_a_return_may_be_missing(source: str, may: bool):
    assert may_end_without_return(source) == may


def test_an_exercise_says_how_long_its_check_may_take(
    judge: Judge, exercise: Exercise, tmp_path: Path
):
    """What trains a model of the learner's may take longer than what adds up two numbers."""
    slow = write(tmp_path, "import time\ntime.sleep(1.6)\n" + START + "    return 5\n")
    verdict = judge.verdict(replace(exercise, seconds=1), slow)
    assert (verdict.verdict, verdict.limit) == ("limit", "time")
    assert "within 1 seconds" in verdict.message
    assert judge.verdict(exercise, slow).verdict == "fail"


# --- Reading exercises: predictions in place of code ------------------------------------------------

PREDICTED = "into_layers = (64, 784)\nout_of_layers = (64, 1)\nreturned = (64,)\n"


@pytest.fixture(scope="module")
def reading() -> Exercise:
    return course().find("read_shapes")


def test_nothing_is_judged_before_all_is_predicted(judge: Judge, reading: Exercise):
    """Also where a prediction that was made is wrong: it is revealed when all are in."""
    text = PREDICTED.replace("(64, 784)", "(50176,)").replace("(64, 1)", "...")
    found = judge.verdict_of(reading, text.replace("(64,)", "..."), "answer.py")
    assert (found.verdict, found.check, found.misconception) == ("fail", None, None)
    assert found.message.startswith("Still open: `out_of_layers`, `returned`. Write a prediction")


def test_a_prediction_that_is_not_there(judge: Judge, reading: Exercise):
    found = judge.verdict_of(reading, PREDICTED.replace("returned", "result"), "answer.py")
    assert (found.verdict, "defines no `returned`" in found.message) == ("error", True)


def test_predictions(judge: Judge, reading: Exercise):
    assert judge.verdict_of(reading, PREDICTED.replace("(64, 784)", "[64, 784]"), "a.py").passed
    both = PREDICTED.replace("(64, 784)", "(50176,)").replace("(64,)", "(64, 1)")
    found = judge.verdict_of(reading, both, "a.py")  # two are wrong: the first is explained
    assert (found.check, found.misconception) == ("check_into_layers", "all_in_one_row")
    assert "You predicted `into_layers = (50176,)`. The code has been run" in found.message
    assert "You flattened the batch as well." in found.message
    unknown = judge.verdict_of(reading, PREDICTED.replace("(64,)", "(1, 64)"), "a.py")
    assert (unknown.check, unknown.misconception) == ("check_returned", None)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a process waits for")
def test_an_answer_that_waits_for_the_processor_has_more_time(monkeypatch: pytest.MonkeyPatch):
    """Other programs may keep the processor busy; that is not a loop in the answer."""

    def answered_after(sleep: float, *, starved: bool) -> JsonObject:
        monkeypatch.setattr(worker, "_wants_the_processor", lambda process: starved)
        result, output, channel = os.pipe(), os.pipe(), socket.socketpair()
        script = f"sleep {sleep}; printf 'a 2\\n{{}}'; sleep 60"
        process = subprocess.Popen(["sh", "-c", script], stdout=result[1])
        watch = worker._Watch(
            result=result[0], output=output[0], channel=channel[0], id="a", apart=False,
            end=time.monotonic() + 0.3, seconds=0.3,
        )  # fmt: skip
        try:
            return watch.follow(process.pid)
        finally:
            process.kill()
            process.wait()
            for end in (*result, *output, *(each.detach() for each in channel)):
                os.close(end)

    late = {"limit": "time", "output": ""}
    assert answered_after(0.6, starved=True) == {"output": ""}
    assert answered_after(0.6, starved=False) == late
    assert answered_after(30, starved=True) == late


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a process waits for")
def test_only_a_process_at_work_wants_the_processor():
    for code, wants in (("while True: pass", True), ("import time; time.sleep(60)", False)):
        process = subprocess.Popen([sys.executable, "-c", code])
        try:
            end = time.monotonic() + 60  # a busy machine takes long to begin
            while worker._wants_the_processor(process.pid) != wants and time.monotonic() < end:
                time.sleep(0.01)
            assert worker._wants_the_processor(process.pid) == wants
        finally:
            process.kill()
            process.wait()
    assert not worker._wants_the_processor(process.pid)
