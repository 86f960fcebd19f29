"""A diagnosis, and the list of codes, on terminals of several widths."""

import io
from collections.abc import Iterable

import pytest
from rich.console import Console, RenderableType

from tests.doctor.made import SEVERAL, diagnosis, ended, finding
from torchcamp.doctor.codes import CODES, lesson_titles
from torchcamp.doctor.diagnosis import Diagnosis
from torchcamp.doctor.terminal import MAX_WIDTH, explanations, print_diagnosis, report


def text(parts: Iterable[RenderableType], width: int = 80, *, colours: bool = False) -> str:
    console = Console(
        file=io.StringIO(), width=width, highlight=False, force_terminal=colours,
        color_system="truecolor" if colours else None,
    )  # fmt: skip
    for part in parts:
        console.print(part)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def one_line(shown: str) -> str:
    return " ".join(shown.split())


def test_a_finding_says_where_what_why_and_the_mend():
    code = CODES["zero-grad-missing"]
    block = text(report(SEVERAL)).split("\n\n")[0]
    assert block.splitlines()[:3] == [
        "train.py:9  error  zero-grad-missing  seen 16 times",
        "    8 | loss.backward()",
        "  > 9 | optimizer.step()",
    ]
    words = f"What showed zero-grad-missing. {code.effect} Mend: {code.mend}"
    assert f"{words} Lesson: {lesson_titles()[code.lesson]}" in one_line(block)


def test_a_related_line_of_another_file_is_named_with_it():
    assert "             3 | return F.dropout" not in text(report(SEVERAL))
    assert "    train.py:7 | loss = (net(x) - y).pow(2).mean()" in text(report(SEVERAL))
    assert "  >          3 | return F.dropout(x, 0.5) <b>" in text(report(SEVERAL))


def test_a_line_that_is_not_known_is_left_out():
    shown = text(report(diagnosis(finding("uint8-wraps", 99), finding("no-step", 1, "gone.py"))))
    assert "train.py:99  error  uint8-wraps\n  What showed uint8-wraps." in shown
    assert "gone.py:1  error  no-step\n  What showed no-step." in shown


def test_notes_are_folded_below_the_verdict():
    shown = text(report(SEVERAL))
    before, _, after = shown.partition("train.py: 2 errors, 1 warning and 2 notes\n")
    assert "train.py:8  warning  loss-explodes" in before
    assert "learning-rate" not in before
    assert "2 notes" in after
    assert "  train.py:4  learning-rate  What showed learning-rate.\n" in after
    assert CODES["learning-rate"].effect not in one_line(after)


def test_what_was_watched_and_what_was_not_is_said():
    shown = one_line(text(report(SEVERAL)))
    assert (
        "Watched 18 optimizer steps, 18 backward passes, 30 forward passes and 1 validation batch "
        "in 2.7 s; the script ran to its end." in shown
    )
    assert "Loops ended early" in shown
    assert "train.py:5 after 2 rounds, train.py:6 after 7 rounds" in shown
    assert "Stand-ins for what is not here: MNIST: 1200 made pictures of 28x28" in shown
    assert "Blocked: program: nvidia-smi" in shown
    assert "Not watched: no validation ran within the steps" in shown
    assert "Silenced by a comment: train.py:7 broadcast-mismatch" in shown


def test_nothing_found_says_what_that_rests_on():
    clean = diagnosis(not_watched=["no validation ran within the steps"])
    shown = one_line(text(report(clean)))
    assert shown.startswith("train.py: nothing found Watched 18 optimizer steps")
    assert "Not watched: no validation ran within the steps" in shown
    assert "Blocked" not in shown
    noted = one_line(text(report(diagnosis(finding("seed-not-set", 1)))))
    assert noted.startswith("train.py: nothing found but 1 note Watched")


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("time limit", "the time limit ended the run."),
        ("exit 2", "the script exited with code 2."),
        ("ValueError: no data", "the script raised ValueError: no data."),
    ],
)
def test_a_run_that_came_to_nothing_is_not_called_clean(how: str, words: str):
    shown = one_line(text(report(diagnosis(watched=ended(how)))))
    assert shown.startswith("train.py: no training was seen Watched 0 optimizer steps")
    assert words in shown


def test_a_script_that_steps_by_hand_was_watched():
    by_hand = diagnosis(watched=ended("end", backwards=9))
    assert text(report(by_hand)).startswith("train.py: nothing found\n")
    assert not by_hand.could_not_run()
    assert diagnosis(watched=ended("end")).could_not_run()
    assert diagnosis(watched=ended("KeyError: 3", backwards=9)).could_not_run()


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("parts", [lambda: report(SEVERAL), lambda: explanations(CODES.values())])
def test_no_line_is_wider_than_the_terminal_and_none_ends_with_spaces(width: int, parts):
    lines = text(parts(), width).splitlines()
    assert max(map(len, lines)) <= width
    assert max(map(len, lines)) > width - 12
    assert not [line for line in lines if line != line.rstrip()]


def test_severities_have_colours_and_prose_has_none():
    shown = text(report(SEVERAL), colours=True)
    assert "\x1b[1;31merror\x1b[0m" in shown
    assert "\x1b[1;33mwarning\x1b[0m" in shown
    assert "\x1b[36mtrain.py:4  learning-rate\x1b[0m  What showed learning-rate." in shown
    assert "\n  What showed zero-grad-missing.\n" in shown


@pytest.mark.parametrize(("columns", "width"), [(None, 80), ("60", 60), ("300", MAX_WIDTH)])
def test_piped_output_has_80_columns_unless_told_otherwise(
    columns: str | None,
    width: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.delenv("COLUMNS", raising=False)
    if columns:
        monkeypatch.setenv("COLUMNS", columns)
    long: Diagnosis = diagnosis(not_watched=["word " * 100])
    print_diagnosis(long)
    lines = capsys.readouterr().out.splitlines()
    assert width - 5 < max(map(len, lines)) <= width


def test_codes_are_listed_by_severity_with_both_examples():
    shown = text(explanations(CODES.values()), 120)
    heads = [line.split("  ")[0] for line in shown.splitlines() if line[:1].strip()]
    expected = []
    for heading, severity in (("Errors", "error"), ("Warnings", "warning"), ("Notes", "note")):
        expected += [heading, *(code.code for code in CODES.values() if code.severity == severity)]
    assert heads == expected
    assert "  Wrong:\n    x = F.dropout(x, 0.5)\n  Right:\n    x = F.dropout(x, 0.5, tr" in shown
    for code in CODES.values():
        for example in (code.effect, code.mend, code.wrong, code.right):
            assert "".join(example.split()) in "".join(shown.split()), code.code
