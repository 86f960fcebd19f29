"""What a wrong answer behaves like, and which line one small edit would mend."""

import re
import shutil
import time
from pathlib import Path

import pytest

from torchcamp.course.content import READING, Exercise, course
from torchcamp.course.judge import behaviour
from torchcamp.course.judge.behaviour import (
    BEHAVIOURS,
    behaves_like,
    is_stale,
    shows_only_an_error,
    sketch,
)
from torchcamp.course.judge.client import Judge
from torchcamp.course.judge.edits import mutants, repairs
from torchcamp.course.misconceptions import MISCONCEPTIONS
from torchcamp.instructor.behaviours import behaviours_of

SIGNATURE = "def conv_output_size(input_size, kernel_size, padding, stride):\n"


@pytest.fixture(scope="module")
def judge():
    with Judge() as judge:
        yield judge


def test_a_sketch_is_of_the_whole_observation():
    seen = {"loss": 1.5, "grads": [0.25, -3.0, 2], "ok": True, "said": "no"}
    same = {"said": "no", "ok": True, "grads": [0.25 + 1e-7, -3.0, 2.0], "loss": 1.5}
    assert sketch(seen).is_like(sketch(same))
    for other in (
        seen | {"loss": 1.501},
        seen | {"grads": [-3.0, 0.25, 2]},  # the same numbers in another order
        seen | {"ok": False},
        seen | {"said": "yes"},
        {"weights" if key == "grads" else key: value for key, value in seen.items()},
        seen | {"grads": [0.25, -3.0]},
    ):
        assert not sketch(seen).is_like(sketch(other))


def test_an_answer_that_is_like_no_misconception_is_told_what_it_behaves_like(judge: Judge):
    exercise = course().find("conv_output_size")
    last = "return size // stride + 2"
    wrong = f"{SIGNATURE}    size = input_size - kernel_size + 2 * padding\n    {last}\n"
    verdict = judge.verdict_of(exercise, wrong, "answer.py")
    assert verdict.misconception is None
    assert verdict.behaves_like == "`2` stood where `1` belongs"
    assert verdict.as_json()["behaves_like"] == verdict.behaves_like
    assert f"Your answer behaves as if {verdict.behaves_like}." in verdict.message
    assert verdict.line == 3
    assert f"Look at line 3, `{last}`" in verdict.message
    assert "stride + 1" not in verdict.message  # which line, never the line as it should be
    unpadded = SIGNATURE + "    return (input_size - kernel_size) // stride + 1\n"
    verdict = judge.verdict_of(exercise, unpadded, "answer.py")
    assert verdict.behaves_like == "`2 * padding` were not added"
    right = judge.verdict_of(exercise, exercise.solution, "answer.py")
    assert (right.behaves_like, right.line) == (None, None)


def test_a_misconception_comes_first(judge: Judge):
    exercise = course().find("conv_output_size")
    known = exercise.misconceptions[0]
    verdict = judge.verdict_of(exercise, known.source, known.file_name)
    assert verdict.misconception == known.name
    assert (verdict.behaves_like, verdict.line) == (None, None)


def test_a_line_is_found_in_code_that_is_not_like_ours(judge: Judge):
    exercise = course().find("conv_output_size")
    body = (
        "    positions = 0\n"
        "    start = -padding\n"
        "    while start + kernel_size <= input_size + padding:\n"
        "        positions += 1\n"
        "        start += stride + 1\n"
        "    return positions\n"
    )
    verdict = judge.verdict_of(exercise, SIGNATURE + body, "answer.py")
    assert verdict.verdict == "fail"
    assert (verdict.misconception, verdict.behaves_like, verdict.line) == (None, None, 6)
    mended = body.replace("stride + 1", "stride")
    assert judge.verdict_of(exercise, SIGNATURE + mended, "answer.py").passed


def test_the_search_ends_in_time_whatever_the_edits_do(judge: Judge):
    """Some edits of this answer go on for ever, print without end or leave the process."""
    exercise = course().find("conv_output_size")
    body = (
        "    import sys\n"
        "    count = 3\n"
        "    while count != 0:\n"
        "        count -= 1\n"
        "        if count < 0:\n"
        "            print('x' * 1000)\n"
        "    if count == 1:\n"
        "        sys.exit()\n"
        "    return 12345\n"
    )
    judge.warm()
    started = time.monotonic()
    verdict = judge.verdict_of(exercise, SIGNATURE + body, "answer.py")
    assert time.monotonic() - started < 30  # a second of search; the machine may be busy
    assert verdict.verdict == "fail"
    assert verdict.line is None


SOURCE = '''
def loss(x, target, scale):
    """Of x."""
    total = 0
    for row in range(len(x)):
        total += ((x[row] - target) ** 2).sum(dim=1)
    hidden = total.detach()
    return hidden / (2 * scale)
'''


def test_a_change_is_said_in_words_that_the_learner_knows():
    said = {
        mutant.as_if for mutant in mutants(SOURCE, SOURCE.partition("    total")[0] + "    pass")
    }
    assert {
        "`sum` ran over `dim=0`",
        "`dim` were not given to `sum`",
        "`mean` stood where `sum` belongs",
        "`detach` were left out",
        "a running value were never updated",
        "each round overwrote a running value instead of changing it",
        "the loop left out its last round",
        "the loop ended after its first round",
        "the factor `2` were missing",
        "a fraction were upside down",
        "a power were left out",
        "the result had the opposite sign",
        "the division by `2 * scale` were left out",
        "it multiplied by `2 * scale` instead of dividing by it",
    } <= said
    assert not [words for words in said if "hidden" in words or "total" in words]


def said_of(line: str) -> list[str]:
    """What may be said of each change of a line in which all names are the learner's."""
    source = f"def f(x, y, n):\n    {line}\n"
    return [mutant.as_if for mutant in mutants(source, source)]


def test_a_number_is_said_with_what_is_around_it():
    assert "`x / (n - 2)` stood where `x / (n - 1)` belongs" not in said_of("return x / (n - 1)")
    assert "`n - 2` stood where `n - 1` belongs" in said_of("return x / (n - 1)")
    assert "`x[1]` stood where `x[0]` belongs" in said_of("return x[0]")
    assert "`0` stood where `-1` belongs" in said_of("return x[-1]")
    assert "`clamp` were given `2` instead of `1`" in said_of("return x.clamp(0, 1)")
    assert "only `y` were left of `x - y`" in said_of("return x - y")
    assert "`y - x` stood where `x - y` belongs" in said_of("return x - y")


@pytest.mark.parametrize(
    ("line", "once"),
    [
        ("return x / (n - 1)", "`1` were not subtracted"),
        ("return x + 1", "`1` were not added"),
        ("return 2 * x", "the factor `2` were missing"),
        ("return x / 2", "the division by `2` were left out"),
        ("return x ** 2", "a power were left out"),
        ("x.step()", "`step()` were never called"),
    ],
)
def test_one_change_is_not_said_in_two_ways(line: str, once: str):
    """`n - 0` is `n`, `1 * x` is `x`, and a call that is a line of its own is left out with it."""
    said = said_of(line)
    assert said.count(once) == 1
    twice = [words for words in said if "`0`" in words or "1 *" in words or "/ 1" in words]
    assert not [*twice, *(words for words in said if "- 0" in words or "** 1" in words)]
    assert "`step` were left out" not in said


@pytest.mark.parametrize(
    ("wrong", "right", "line"),
    [
        ("a = f(x)\nreturn b", "a = f(x)\nreturn a", 3),
        ("g()\nf()\nreturn a", "f()\ng()\nreturn a", 2),
        ("for i in a:\n    f(i)\n    return a", "for i in a:\n    f(i)\nreturn a", 4),
        ("for i in a:\n    f(i)\ng()", "for i in a:\n    f(i)\n    g()", 4),
        ("return a.mean(1)", "return a.mean(1, keepdim=True)", 2),
        ("return f(a)", "return f(a.detach())", 2),
        ("return a", "return a + 1", 2),
        ("return a ^ 2", "return a ** 2", 2),
        ("return a[1:]", "return a", None),
    ],
)
def test_the_edits_reach_what_learners_get_wrong(wrong: str, right: str, line: int | None):
    def function(body: str) -> str:
        return "def f(a, b, x):\n" + "".join(f"    {each}\n" for each in body.splitlines())

    found = {edit.source: edit.line for edit in repairs(function(wrong))}
    assert found.get(function(right)) == line


def test_code_is_whole_again_after_each_edit():
    before = [m.source for m in mutants(SOURCE)]
    assert before == [m.source for m in mutants(SOURCE)]
    assert len(before) == len(set(before)) > 30


def test_each_exercise_has_the_behaviours_of_its_files():
    for exercise in course().exercises.values():
        if exercise.kind != READING:
            assert (exercise.folder / BEHAVIOURS).is_file(), exercise.name
            assert not is_stale(exercise.folder), (
                f"torchcamp dev behaviours {exercise.name} brings {BEHAVIOURS} up to date"
            )


@pytest.mark.parametrize(
    "name", [pytest.param("padding_for", marks=pytest.mark.slow), "kl_divergence"]
)
def test_the_behaviours_are_what_the_mutants_do(name: str, judge: Judge):
    exercise = course().find(name)
    made = behaviours_of(exercise, judge)
    assert len(made) > 5
    for entry in made:
        assert 1 <= len(entry["as_if"]) <= 2
    if name == "kl_divergence":
        said = [entry["as_if"] for entry in made]
        assert ["`sum` ran over `dim=0`"] in said  # and not `dim=-2` as well
        assert ["`2 + logvar` stood where `1 + logvar` belongs"] in said  # and no bare numbers
    known = [entry["as_if"] for entry in made]
    tried = [m for m in mutants(exercise.solution, exercise.starter) if [m.as_if] in known][:8]
    seen = judge.observations(exercise, {str(n): m.source for n, m in enumerate(tried)}).values()
    told = [behaves_like(exercise.folder, o, m.source) for o, m in zip(seen, tried, strict=True)]
    assert any(m.as_if == words for m, words in zip(tried, told, strict=True))
    observation = next(o for o, words in zip(seen, told, strict=True) if words)
    assert behaves_like(Path("nowhere"), observation, "") is None


def test_a_file_of_other_files_is_stale(tmp_path: Path):
    folder = tmp_path / "padding_for"
    shutil.copytree(course().find("padding_for").folder, folder)
    assert not is_stale(folder)
    checks = folder / "checks.py"
    checks.write_text(checks.read_text() + "\n# changed\n")
    assert is_stale(folder)


def test_a_file_is_stale_with_other_misconceptions_but_not_with_other_words(tmp_path: Path):
    folder = tmp_path / "padding_for"
    shutil.copytree(course().find("padding_for").folder, folder)
    path = folder / MISCONCEPTIONS
    text, feedback = path.read_text(), course().find("padding_for").misconceptions[0].feedback
    path.write_text(text.replace(feedback.splitlines()[0], "Said in other words."))
    assert path.read_text() != text
    assert not is_stale(folder)
    path.write_text(text[: text.rindex("## ")])
    assert is_stale(folder)


def test_what_a_check_says_of_two_mistakes_names_neither(judge: Judge):
    """Neither of them matters without weights and hidden bias, where the first check looks."""
    exercise = course().find("free_energy")
    pull = exercise.solution.replace("F.softplus(pull).sum(dim=1)", "{}")
    assert pull != exercise.solution
    known = judge.verdict_of(exercise, pull.format("F.relu(pull).sum(dim=1)"), "answer.py")
    assert known.misconception == "best_hidden_vector"
    said = known.message.partition("\n")[0]
    for other, as_if in (
        ("pull.sum(dim=1)", "`softplus` were left out or as if `logaddexp` were left out"),
        ("0.5 * F.relu(2 * pull).square().sum(dim=1)", None),  # like nothing we know
    ):
        verdict = judge.verdict_of(exercise, pull.format(other), "answer.py")
        assert verdict.message.partition("\n")[0] == said
        assert (verdict.misconception, verdict.behaves_like) == (None, as_if)


def test_an_edit_that_fits_the_checks_alone_names_no_line(
    judge: Judge, monkeypatch: pytest.MonkeyPatch
):
    exercise = course().find("conv_output_size")
    wrong = SIGNATURE + "    return (input_size - kernel_size + 2 * padding) // stride + 2\n"
    assert judge.verdict_of(exercise, wrong, "answer.py").line == 2
    few = (
        exercise.checks[: exercise.checks.index("def check_")]
        + """
def check_one(submission):
    assert submission.conv_output_size(5, 3, 1, 1) == 5, "5 is right"


def observe(submission, rng):
    return [submission.conv_output_size(n, 3, 1, 1) for n in torch.randint(3, 99, (9,), generator=rng).tolist()]
"""
    )
    monkeypatch.setattr(Exercise, "checks", property(lambda self: few))
    monkeypatch.setattr(judge, "_known", {})
    assert judge.verdict_of(exercise, wrong, "answer.py").line == 2
    only_here = SIGNATURE + "    return 2 * kernel_size\n"  # 6; minus 1 it fits the one case
    verdict = judge.verdict_of(exercise, only_here, "answer.py")
    assert (verdict.verdict, verdict.line) == ("fail", None)


def test_an_error_alone_does_not_give_a_misconception_away(judge: Judge):
    exercise = course().find("layer_stack")
    known = next(m for m in exercise.misconceptions if m.name == "local_variable")
    observed = judge.observations(exercise, {"known.py": known.source})["known.py"]
    assert shows_only_an_error(observed)
    assert not shows_only_an_error([{"raised": "AttributeError"}, 0.5])
    assert not shows_only_an_error({"raised": "AttributeError", "words": "no attribute 'layer'"})
    assert judge.verdict_of(exercise, known.source, "answer.py").misconception == known.name
    other = re.sub(r"(def forward.*\n)", r"\1        self.layers.frist()\n", exercise.solution)
    assert judge.observations(exercise, {"other.py": other})["other.py"] == observed
    assert judge.verdict_of(exercise, other, "answer.py").misconception is None


def test_what_an_error_means_is_told_only_where_nothing_nearer_is_known(judge: Judge):
    """The names do not fit because `lstrip` cut them, not because the file has others."""
    exercise = course().find("load_weights")
    known = next(m for m in exercise.misconceptions if m.name == "letters_stripped")
    told = judge.verdict_of(exercise, known.source, "answer.py")
    assert told.misconception == known.name
    assert "raised RuntimeError: Error(s) in loading state_dict" in told.message
    assert "torchcamp explain" not in told.message

    unknown = exercise.solution.replace('"module."', '"mod"')
    told = judge.verdict_of(exercise, unknown, "answer.py")
    assert told.misconception is None
    assert "More: `torchcamp explain state-dict-keys`" in told.message


def test_a_mutant_that_never_ends_is_given_up(judge: Judge):
    """Also where checks and probes take whatever an answer raises for its mistake."""
    exercise = course().find("free_energy")
    endless = {"endless.py": "def free_energy(*args):\n    while True:\n        pass\n"}
    started = time.monotonic()
    assert judge.observations(exercise, endless, seconds_each=0.3) == {"endless.py": None}
    assert time.monotonic() - started < exercise.seconds


@pytest.mark.parametrize(
    ("as_if", "source", "is_contradicted"),
    [
        ("`backward()` were never called", "d.backward()\ng.backward()", True),
        (
            "`backward()` were never called",
            "d.backward()",
            False,
        ),  # the right answer calls it twice
        ("`softmax` were left out", "x.softmax(dim=1)", True),
        ("`softmax` were left out", "x.log_softmax(dim=1)", False),
        ("`generator` were not given to `randperm`", "torch.randperm(n, generator=g)", True),
        ("`generator` were not given to `randperm`", "torch.randperm(n)", False),
        ("`generator` were not given to `randperm`", "sorted(n)", False),
        ("`>` stood where `<` belongs", "torch.bernoulli(p)", True),
        ("`>` stood where `<` belongs", "u > p", False),
        ("`2` stood where `1` belongs", "x", False),
    ],
)
def test_what_the_code_shows_to_be_otherwise_is_not_said(
    as_if: str, source: str, is_contradicted: bool
):
    right = "d.backward()\ng.backward()"
    assert behaviour.is_contradicted(as_if, source, right) is is_contradicted


def test_of_what_an_answer_behaves_like_its_code_decides(judge: Judge):
    exercise = course().find("free_energy")
    softplus = "F.softplus(pull).sum(dim=1)"
    called = (
        f"({softplus} - {softplus} + pull.sum(dim=1))"  # softplus is called, and without effect
    )
    verdict = judge.verdict_of(exercise, exercise.solution.replace(softplus, called), "answer.py")
    assert verdict.behaves_like == "`logaddexp` were left out"
