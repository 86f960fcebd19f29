"""`dev check` finds each kind of fault that its promises speak of. Each is planted in a copy of one
exercise that is sound. (What ships is proved by `make check`.)"""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.instructor.small_content import stamp_behaviours, write_content
from torchcamp.base.errors import UserError
from torchcamp.course.content import course
from torchcamp.course.judge.client import Judge
from torchcamp.instructor import authoring
from torchcamp.instructor.authoring import check_content
from torchcamp.instructor.scaffold import begin, require_checkout

NAME = "conv_output_size"


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A small content folder: one lesson that shows one exercise."""
    folder = tmp_path / "content"
    exercise = write_content(folder, NAME)
    file = exercise / "misconceptions.md"
    sections = file.read_text().split("\n## ")
    file.write_text("\n## ".join(sections[:3]))  # three are enough, and quicker
    stamp_behaviours(exercise)
    return folder


def test_a_sound_folder(content: Path):
    report = check_content(content)
    assert report.problems == []
    assert (report.exercises, report.misconceptions, report.lessons) == (1, 3, 1)


def replace(path: str, old: str, new: str) -> Callable[[Path], object]:
    def plant(content: Path) -> None:
        file = content / HERE / path
        text = file.read_text()
        assert old in text, path
        file.write_text(text.replace(old, new))

    return plant


def write(path: str, text: str) -> Callable[[Path], object]:
    def plant(content: Path) -> None:
        file = content / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    return plant


def append(path: str, text: str) -> Callable[[Path], object]:
    def plant(content: Path) -> None:
        with (content / HERE / path).open("a") as file:
            file.write("\n" + text)

    return plant


def remove(path: str) -> Callable[[Path], object]:
    return lambda content: (content / path).unlink()


HERE = f"lessons/one/{NAME}"
WRONG = "misconceptions.md"
RIGHT_LINE = "    return (input_size + 2 * padding - kernel_size) // stride + 1"


def section(name: str, answer: str) -> str:
    return (
        f"## {name}\n\nCaught by `check_plain`.\n\nWhy.\n\n```diff\n-{RIGHT_LINE}\n+{answer}\n```\n"
    )


@pytest.mark.parametrize(
    ("plant", "words"),
    [
        (replace("starter.py", "TODO", "to do"), "the starter holds no TODO"),
        (replace("starter.py", "raise NotImplementedError", "return (input_size + 2 * padding - "
                 "kernel_size) // stride + 1"), "the starter must fail a check, its verdict is pass"),
        (replace("starter.py", "raise NotImplementedError", "x ="), "its verdict is error"),
        (replace("starter.py", "padding: int", "pad: int"), "another signature"),
        (replace("starter.py", "places at which", "places where"), "another docstring"),
        (replace("solution.py", "    return", "    stride += 1\n    return"), "solution.py must pass"),
        (replace("solution.py", "+ 1", "+ 2"),
         "misconceptions.md: the block of `no_plus_one` is not in solution.py"),
        (replace("solution.py", RIGHT_LINE, RIGHT_LINE + "\n" + RIGHT_LINE),
         "misconceptions.md: the block of `no_plus_one` fits in 2 places of solution.py"),
        (write(f"{HERE}/accepted/not.py", "x = 1\n"), "accepted/not.py must pass"),
        (replace(WRONG, "check_plain", "check_rest"),
         "misconceptions.md: `no_plus_one` says it is caught by check_rest; check_plain"),
        (append(WRONG, section("the_same", RIGHT_LINE.replace(" + 1", " + 3 - 2"))),
         "`the_same` must fail a check, its verdict is pass"),
        (replace(WRONG, "Catalogue: V1.", "Catalogue: V77."), "the catalogue has no entry V77"),
        (replace(WRONG, "Caught by", "Found by"), "must begin with a line 'Caught by"),
        (append(WRONG, section("twin", "    return (input_size + 2 * padding - kernel_size) // stride")),
         "no_plus_one and twin observe alike"),
        (append(WRONG, section("half", "    return (input_size + 3 * padding - kernel_size) // stride")),
         "no_plus_one and half differ only in a constant"),
        (append(WRONG, section("half", "    return (input_size + 3 * padding - kernel_size) // stride")
                + f"\n```diff variant\n-{RIGHT_LINE}\n+{RIGHT_LINE} + 0\n```\n"),
         "misconceptions.md: `half-2.py` is told the feedback of none, its verdict is pass"),
        (append(WRONG, section("crash", "    return (")), "`crash` is not Python: line 10"),
        (replace("checks.py", "probes.append((i, k, p, s))", "probes = [(7, 3, 0, 1)]"),
         "observe alike"),
        (replace("exercise.toml", "models/cnn.py::conv_block", "models/cnn.py::nothing"),
         "reference: models/cnn.py has no 'nothing'"),
        (replace("exercise.toml", "minutes = 8", "minuets = 8"), "minuets"),
        (replace("exercise.toml", "minutes = 8", 'minutes = 8\nafter = ["later"]'), "builds on later"),
        (replace("exercise.toml", "minutes = 8", "minutes ="), "exercise conv_output_size"),
        (replace("exercise.toml", "hints = [", "hints = []\nother = ["), "other"),
        (write(f"{HERE}/notes.txt", "stray"), "notes.txt does not belong here"),
        (write(f"{HERE}/accepted/data.json", "{}"), "data.json does not belong here"),
        (write(f"{HERE}/statement.md", "\n"), "statement.md is empty"),
        (remove(f"{HERE}/statement.md"), "statement.md is missing"),
        (remove(f"{HERE}/checks.py"), "checks.py is missing"),
        (write(f"{HERE}/{WRONG}", ""), "no misconceptions"),
        (remove(f"{HERE}/{WRONG}"), "misconceptions.md is missing"),
        (write(f"{HERE}/misconceptions/old.py", "x = 1\n"), "misconceptions/old.py does not belong here"),
        (lambda content: shutil.rmtree(content / HERE), "is missing"),
        (write("lessons/one/forgotten/statement.md", "x"), "course.toml names no such exercise"),
        (write("lessons/stray.py", "x = 1\n"), "lessons/stray.py: course.toml names no such lesson"),
        (write("lessons/one/lesson.py", "x = 1\n"), "lesson one does not show it"),
        (write("lessons/one/lesson.py", f'exercise("{NAME}")\nmore_practice("one")\n'),
         "lesson one shows it twice"),
        (replace("../../../course.toml", "reading_minutes = 9", ""), "lesson one: no reading_minutes"),
        (write("lessons/one/lesson.py", f'lesson.exercise("{NAME}")\nlesson.quote("models/cnn.py::gone")\n'),
         "has no 'gone'"),
        (remove("lessons/one/lesson.py"), "lessons/one/lesson.py is missing"),
        (write("course.toml", ""), "there is nothing to check"),
        (write("course.toml", "[[lesson"), "course.toml:"),
    ],
)  # fmt: skip
def test_each_planted_fault_is_found(content: Path, plant: Callable[[Path], object], words: str):
    plant(content)
    problems = check_content(content).problems
    assert any(words in problem for problem in problems), problems


@pytest.mark.parametrize(
    ("line", "problems"),
    [
        ("minutes = 8", []),
        (
            f'minutes = 8\nafter = ["{NAME}"]',
            [f"{NAME}: it builds on {NAME}, which does not come before it"],
        ),
    ],
)
def test_what_comes_before(content: Path, line: str, problems: list[str]):
    replace("exercise.toml", "minutes = 8", line)(content)
    assert list(authoring._ladder({NAME: content / HERE})) == problems


def test_the_core_stands_in_the_text_and_is_counted(content: Path):
    report = check_content(content)
    assert (report.core, report.minutes_core) == (0, 9)  # the page alone
    write("lessons/one/lesson.py", 'lesson.more_practice("one")\n')(content)
    assert check_content(content).problems == []
    replace("exercise.toml", "minutes = 8", "minutes = 8\ncore = true")(content)
    assert check_content(content).problems == [f"{NAME}: lesson one does not show it"]
    write("lessons/one/lesson.py", f'lesson.exercise("{NAME}")\nlesson.more_practice("one")\n')(
        content
    )
    report = check_content(content)
    assert report.problems == []
    assert (report.as_json()["core"], report.as_json()["minutes_core"]) == (1, 17)


def test_no_hints(content: Path):
    path = content / HERE / "exercise.toml"
    text = path.read_text()
    path.write_text(text[: text.index("hints")] + "hints = []\n")
    assert any("hint" in problem for problem in check_content(content).problems)


def test_a_new_exercise_is_sound_once_it_is_named(tmp_path: Path, content: Path):
    begin("exercise", "one/doubling", content.parent)
    (content / "lessons" / "one" / "lesson.py").write_text('lesson.exercise("doubling")\n')
    shutil.rmtree(content / HERE)
    text = (content / "course.toml").read_text()
    (content / "course.toml").write_text(text.replace(NAME, "doubling"))
    assert check_content(content).problems == []
    with pytest.raises(UserError, match="exists already"):
        begin("exercise", "one/doubling", content.parent)
    with pytest.raises(UserError, match=r"named with its lesson.*Did you mean 'one'"):
        begin("exercise", "on/doubling", content.parent)
    with pytest.raises(UserError, match="not a module name"):
        begin("lesson", "My Lesson", content.parent)


def test_nothing_is_written_into_an_installed_package(tmp_path: Path):
    checkout = tmp_path / "clone" / "src" / "torchcamp"
    installed = tmp_path / "lib" / "site-packages" / "torchcamp"
    (tmp_path / "clone").mkdir()
    (tmp_path / "clone" / "pyproject.toml").write_text("")
    require_checkout(checkout)
    with pytest.raises(UserError, match=r"is an installed package.*torchcamp new NAME"):
        require_checkout(installed)


# --- Reading exercises ------------------------------------------------------------------------------

STRANGERS = "read_strangers_loss"


@pytest.fixture
def reading(tmp_path: Path) -> Path:
    """A content folder whose exercise is to read a stranger's script."""
    folder = tmp_path / "content"
    write_content(folder, STRANGERS)
    return folder


def test_reading_exercises_are_counted(reading: Path):
    report = check_content(reading)
    assert (report.problems, report.exercises, report.reading) == ([], 1, 1)
    assert report.as_json()["reading"] == 1


def test_an_exercise_to_write_is_not_counted_as_reading(content: Path):
    assert check_content(content).as_json()["reading"] == 0


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        # The solution is what the code does, not what we once wrote down.
        ("script.py", "minutes=12", "minutes=15", "solution.py must pass: fail check_scores_shape"),
        ("script.py", "tags[:, ::3]", "tags[:, ::4]", "solution.py must pass: fail check_num_counted"),
        ("script.py", "scores.flatten(0, 1)", "scores.reshape(-1, 3)", "must pass: fail check_loss_line"),
        ("exercise.toml", 'kind = "reading"', 'kind = "riddle"', "kind must be one of writing, reading"),
        ("exercise.toml", "minutes = 6", "minutes = 7", "7 minutes to read: 6 at most"),
        ("starter.py", "loss_line = ...", "one = two = three = ...", "asks for 5 predictions"),
        ("starter.py", "num_counted = ...", "number = ...", "statement.md does not say what number is"),
        ("starter.py", "num_counted = ...", "number = ...", "defines no `number`"),
        ("statement.md", "```python script.py\n```", "", "a reading exercise must quote code"),
        ("statement.md", "```python script.py\n```", "", "statement.md does not quote script.py"),
        ("statement.md", "script.py", "models/rnn.py::Nothing", "statement.md: models/rnn.py has no 'Nothing'"),
        ("misconceptions.md", "num_counted = 192", "num_counted = 64", "observe alike"),
    ],
)  # fmt: skip
def test_each_fault_of_a_reading_exercise_is_found(
    reading: Path, file: str, old: str, new: str, words: str
):
    path = reading / "lessons" / "one" / STRANGERS / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    problems = check_content(reading).problems
    assert any(words in problem for problem in problems), problems


def test_a_script_that_is_quoted_must_be_there(reading: Path):
    (reading / "lessons" / "one" / STRANGERS / "script.py").unlink()
    problems = check_content(reading).problems
    assert any("quotes script.py, which is missing" in problem for problem in problems), problems


def test_what_the_checks_let_pass_of_a_disturbed_solution_is_listed(content: Path):
    exercise = content / "lessons" / "one" / NAME
    assert check_content(content, disturb=True).disturbed == {}
    checks = exercise / "checks.py"
    text = checks.read_text(encoding="utf-8")
    call = "def check_plain(submission):\n    submission.conv_output_size(7, 3, 0, 1)\n\n\n"
    checks.write_text(call + text[text.index("def observe") :], encoding="utf-8")
    weak = check_content(content)
    assert weak.disturbed == {NAME: ["nothing is returned"]}
    assert f"{NAME}: the solution passes although nothing is returned" in weak.problems
    assert any("behaviours.json is of other files" in problem for problem in weak.problems)


def test_of_the_ways_to_disturb_a_solution_only_those_asked_for_are_tried():
    exercise = course().find("label_maps")
    with Judge() as judge:
        assert judge.passing_disturbances(exercise) == ["its result is float64"]
        assert judge.passing_disturbances(exercise, ["nothing is returned"]) == []
