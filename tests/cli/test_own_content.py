"""Content of one's own, from an empty folder to a lesson that a class opens by a link.

The end-to-end test types the commands of docs/own-content.md and writes its files.
"""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urljoin

import pytest

from tests.cli.program import one_line, torchcamp
from tests.conftest import Mirror
from torchcamp.course.content import read_course, read_lessons
from torchcamp.course.judge import client
from torchcamp.course.judge.client import Judge
from torchcamp.course.judge.isolation import LIMITS, protection
from torchcamp.course.server import launch
from torchcamp.course.server.launch import free_port
from torchcamp.course.settings import Settings, agree, write_settings
from torchcamp.course.workspace import hold
from torchcamp.instructor import authoring
from torchcamp.instructor.grading import judging

PAGE = Path(__file__).parents[2] / "docs" / "own-content.md"
ADDRESS = "https://example.org/vision.zip"
FILE_OR_COMMANDS = re.compile(
    r"(?:^`(?P<path>vision/[^`]+)`:\n\n)?^(?P<fence>```+)(?P<kind>\w+)\n(?P<text>.*?)^(?P=fence)$",
    re.M | re.S,
)


def blocks() -> list[tuple[str, str, str]]:
    """Path, kind and text of each block of the page, in order; of commands, an empty path."""
    found = FILE_OR_COMMANDS.finditer(PAGE.read_text(encoding="utf-8"))
    return [(match["path"] or "", match["kind"], match["text"]) for match in found]


def write_files(folder: Path) -> Path:
    """The content folder of the page."""
    for path, _, text in blocks():
        if path:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
    return folder / "vision"


def commands() -> list[str]:
    return [line for _, kind, text in blocks() if kind == "sh" for line in text.splitlines()]


@pytest.fixture(autouse=True)
def _one_judge(monkeypatch: pytest.MonkeyPatch, judge: Judge) -> None:
    """Loading torch takes longer than all that it is loaded for here."""
    for module in (client, authoring):
        monkeypatch.setattr(module, "Judge", lambda **options: contextlib.nullcontext(judge))


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with Judge() as judge:
        yield judge


class Course:
    """`torchcamp start` in a process of its own, and its pages."""

    def __init__(self, folder: Path, *args: str) -> None:
        home = {"HOME": str(folder), "XDG_DATA_HOME": str(folder / "data")}
        command = [sys.executable, "-m", "torchcamp", *args, "--no-browser"]
        self.process = subprocess.Popen(
            [*command, "--port", str(free_port())],
            cwd=folder,
            env=os.environ | home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.said = ""
        jar = urllib.request.HTTPCookieProcessor(CookieJar())
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), jar)
        self.opener.addheaders = [
            ("Sec-Fetch-Site", "none")
        ]  # as from a user who typed the address
        self.root = ""

    def home(self) -> str:
        """The home page, once the server answers."""
        assert self.process.stdout
        for line in self.process.stdout:
            if line.startswith("open: "):
                return self.page(line.removeprefix("open: ").strip())
        raise AssertionError(self.stop())

    def page(self, path: str) -> str:
        """A page below the home page; a whole address opens the course."""
        with self.opener.open(urljoin(self.root, path), timeout=20) as answer:
            self.root = self.root or answer.url
            return answer.read().decode()

    def stop(self) -> str:
        """What it said on standard error."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.said += self.process.communicate(timeout=20)[1]
        return self.said


@contextlib.contextmanager
def started(folder: Path, command: str) -> Iterator[Course]:
    course = Course(folder, *command.split()[1:])
    try:
        yield course
    finally:
        course.stop()


def test_from_an_empty_folder_to_a_link(tmp_path: Path, mirror: Mirror):
    """Types what docs/own-content.md says, in its order."""
    typed = commands()
    begun = [line for line in typed if line.startswith("torchcamp dev new")]
    assert len(begun) == 3
    for line in begun:
        result = torchcamp(*line.split()[1:], cwd=tmp_path)
        assert result.returncode == 0, result.stderr
    begun_files = {path for path in tmp_path.rglob("*") if path.is_file()}
    vision = write_files(tmp_path)
    written = {path for path in tmp_path.rglob("*") if path.is_file()}
    assert {path.name for path in written - begun_files} == {"checks.de.md"}
    assert all("TODO" not in path.read_text() for path in written if path.name != "starter.py")

    checked = torchcamp("dev", "check", "--content", "vision", cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout
    assert "2 exercises (0 of them reading), 3 misconceptions" in checked.stdout
    made = torchcamp("dev", "behaviours", "--content", "vision", cwd=tmp_path)
    lines = made.stderr.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["stretch", "mirror"], made.stderr

    start = "torchcamp start --content vision --workspace try"
    assert start in typed
    refused = torchcamp(*start.split()[1:], cwd=tmp_path)  # nobody is there to agree
    assert "was not run" in one_line(refused)
    assert not (tmp_path / "try").exists()
    with started(tmp_path, f"{start} --yes") as course:
        assert "Vision week" in course.home()
        page = course.page("?file=contrast.py&view-as=present")
        assert "contrast.py" in page
    assert "Python that runs on this machine" in course.said
    assert (tmp_path / "try/lessons/contrast.py").read_text() == (
        vision / "lessons/contrast/lesson.py"
    ).read_text()

    inside = typed[typed.index("cd try") + 1 : typed.index("cd ..")]
    assert [line.split()[1] for line in inside] == ["practice", "check", "hint", "solution"]
    said = [torchcamp(*line.split()[1:], cwd=tmp_path / "try", **home(tmp_path)) for line in inside]
    assert [each.returncode for each in said] == [0, 1, 0, 0]
    assert "darkest pixel becomes 0" in said[0].stdout
    assert "TODO in stretch" in said[1].stdout
    assert "What should the darkest pixel become?" in said[2].stdout
    assert said[3].stdout == (vision / "lessons/contrast/stretch/solution.py").read_text()
    (tmp_path / "try/answers/stretch.py").write_text(said[3].stdout)
    solved = torchcamp("check", "--json", "stretch", cwd=tmp_path / "try", **home(tmp_path))
    assert json.loads(solved.stdout)["verdict"] == "pass"

    pack = next(line for line in typed if line.startswith("python -m zipfile"))
    subprocess.run([sys.executable, *pack.split()[1:]], cwd=tmp_path, check=True)
    mirror.files["/vision.zip"] = (tmp_path / "vision.zip").read_bytes()
    link = next(line for line in typed if ADDRESS in line)
    address = f"{mirror.address}/vision.zip"
    learner = tmp_path / "learner"
    learner.mkdir()
    with started(learner, f"{link.replace(ADDRESS, address)} --yes") as course:
        assert f"from {address}" in course.home()
    assert f"content: Vision week, from {address}" in course.said
    assert "not encrypted" in course.said
    mirror.files.clear()
    listed = torchcamp("practice", "contrast", "--json", cwd=learner)  # also without a network
    assert [each["exercise"] for each in json.loads(listed.stdout)] == ["stretch", "mirror"]


def home(folder: Path) -> dict[str, str]:
    return {"HOME": str(folder), "XDG_DATA_HOME": str(folder / "data")}


@pytest.fixture
def vision(tmp_path: Path) -> Path:
    """The page's content, whose code the user has agreed to run."""
    vision = write_files(tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
        agree(vision)
    return vision


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("practice stretch", "darkest pixel becomes 0"),
        ("check stretch", "TODO in stretch"),
        ("hint stretch", "What should the darkest"),
        ("reset stretch", "is the starter again"),
        ("solution stretch", "low, high = picture.min()"),
        ("notebook contrast -o night.ipynb", "night.ipynb"),
        ("slides contrast -o night.html", "night.html"),
        ("dev show stretch only_scaled", "return picture / high"),
        ("dev mutants mirror", "mirror: "),
    ],
)
def test_content_is_chosen_by_option_or_environment(
    vision: Path, tmp_path: Path, command: str, words: str
):
    name, *rest = command.split()
    place = [name, rest.pop(0)] if name == "dev" else [name]
    without = torchcamp(*place, *rest, cwd=tmp_path)
    assert "unknown" in one_line(without)
    by_option = torchcamp(*place, "--content", "vision", *rest, cwd=tmp_path)
    assert words in by_option.stdout, by_option.stderr
    by_variable = torchcamp(*place, *rest, cwd=tmp_path, TORCHCAMP_CONTENT=str(vision))
    assert words in by_variable.stdout, by_variable.stderr


THIEF = """from pathlib import Path

vision = Path({vision!r})
assert (vision / "course.toml").exists(), "the folder is not to be seen at all"
for name in ("checks.py", "misconceptions.md", "solution.py"):
    found = (vision / "lessons/contrast/stretch" / name).read_text()
exec(found)
"""
LEAVING = "import os\n\n\ndef mirror(batch):\n    os._exit(0)\n"


def hand_in(folder: Path, vision: Path) -> None:
    """A class of three: right and wrong answers, one that looks for the solution, one that leaves."""
    stretch, mirror = (read_course(vision).find(name) for name in ("stretch", "mirror"))
    wrong = next(each for each in stretch.misconceptions if each.name == "only_scaled")
    for name, text in {
        "ada/answers/stretch.py": stretch.solution,
        "ada/answers/mirror.py": mirror.solution,
        "ben/answers/stretch.py": wrong.source,
        "ben/answers/mirror.py": mirror.starter,
        "eve/answers/stretch.py": THIEF.format(vision=str(vision)),
        "eve/answers/mirror.py": LEAVING,
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def test_a_class_is_graded_with_own_checks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The content lies where answers may read, as an installed one does; its lessons they may not."""
    monkeypatch.setattr(judging, "open_judge", lambda: Judge(isolated=True))  # not `_one_judge`'s
    vision = write_files(tmp_path)
    proved = torchcamp("dev", "check", "--content", "vision", cwd=tmp_path)
    assert proved.returncode == 0, proved.stdout
    hand_in(tmp_path / "submissions", vision)
    shutil.make_archive(str(tmp_path / "submissions"), "zip", tmp_path / "submissions")
    (line,) = (each for each in commands() if each.startswith("torchcamp grade"))
    assert "submissions.zip --content vision" in line
    seen = {"PYTHONPATH": os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])}
    result = torchcamp(
        *line.split()[1:], "--json", "class.json", "--jobs", "1", cwd=tmp_path, **seen
    )
    assert result.returncode == 0, result.stderr
    told = json.loads((tmp_path / "class.json").read_text(encoding="utf-8"))
    assert told["exercises"] == ["stretch", "mirror"]
    rows = {name: learner["answers"] for name, learner in told["learners"].items()}
    verdicts = {name: [row["verdict"] for row in of.values()] for name, of in rows.items()}
    expected = "pass" if protection() is LIMITS else "error"
    assert verdicts == {
        "ada": ["pass", "pass"], "ben": ["fail", "fail"], "eve": [expected, "error"],
    }  # fmt: skip
    assert rows["ada"]["stretch"]["confirmed"] is True
    assert rows["ben"]["stretch"]["misconception"] == "only_scaled"
    assert rows["ben"]["mirror"]["untouched"] is True
    if protection() is not LIMITS:
        assert "FileNotFoundError" in rows["eve"]["stretch"]["message"]
        assert "checks.py" in rows["eve"]["stretch"]["message"]
    assert told["misconceptions"][0]["title"].startswith("You divided by the brightest pixel.")
    assert "divided by the brightest" in (tmp_path / "class.html").read_text(encoding="utf-8")

    again = ("grade", "submissions", "--json", "again.json")
    known = torchcamp(*again, cwd=tmp_path, TORCHCAMP_CONTENT=str(vision), **seen)
    assert known.returncode == 0, known.stderr
    found = json.loads((tmp_path / "again.json").read_text(encoding="utf-8"))
    assert found["learners"] == told["learners"]


def test_a_hand_in_does_not_choose_its_checks(tmp_path: Path):
    """Neither by a course.toml beside its answers nor by the settings of its workspace."""
    vision = write_files(tmp_path)
    hand_in(vision, vision)
    write_settings(vision / "ada", Settings(content=str(vision), title="Vision week"))
    refused = torchcamp("grade", ".", cwd=vision / "ada")
    assert "no answer was found in ." in one_line(refused)
    assert "--content" in one_line(refused)


def test_ours_by_name_wins_over_the_environment(vision: Path, tmp_path: Path):
    args = ("practice", "--list", "--json")
    both = torchcamp(*args, cwd=tmp_path, TORCHCAMP_CONTENT=str(vision)).stdout
    ours = torchcamp(*args, "--content", "torchcamp", cwd=tmp_path, TORCHCAMP_CONTENT="nowhere")
    assert len(json.loads(both)) == len(json.loads(ours.stdout)) + 2


@pytest.mark.parametrize(
    "command", ["practice", "dev behaviours", "dev mutants", "dev new lesson x"]
)
def test_an_empty_name_does_not_mean_ours(tmp_path: Path, command: str):
    """As after a variable that is not set: `dev behaviours` would write into what ships."""
    assert "--content is empty" in one_line(
        torchcamp(*command.split(), "--content", "", cwd=tmp_path)
    )


def test_code_that_nobody_agreed_to_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    vision = write_files(tmp_path)
    (vision / "lessons/contrast/stretch/checks.py").write_text("1 / 0")
    args = ("check", "stretch", "--content", "vision")
    refused = torchcamp(*args, cwd=tmp_path)
    assert "was not run" in one_line(refused)
    assert refused.returncode == 2
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr("click.confirm", lambda words, err: False)
    assert "was not run" in one_line(torchcamp(*args, cwd=tmp_path))
    monkeypatch.setattr("click.confirm", lambda words, err: True)
    agreed = torchcamp(*args, cwd=tmp_path)
    assert "ZeroDivisionError" in agreed.stdout
    monkeypatch.setattr("click.confirm", lambda words, err: pytest.fail("asked again"))
    assert "ZeroDivisionError" in torchcamp(*args, cwd=tmp_path).stdout


def test_authors_commands_find_the_folder_that_they_are_in(tmp_path: Path):
    vision = write_files(tmp_path)
    shown = torchcamp("dev", "show", "stretch", cwd=vision / "lessons")
    assert shown.stdout.split() == ["only_scaled", "divided_by_the_maximum"]
    begun = torchcamp("dev", "new", "exercise", "contrast/blur", cwd=vision / "lessons")
    assert begun.returncode == 0, begun.stderr
    assert "vision/lessons/contrast/blur/checks.py" in begun.stdout
    read_course.cache_clear()
    read_lessons.cache_clear()
    listed = torchcamp("dev", "show", "blur", cwd=vision)
    assert listed.stdout.split() == ["wrong_sign"]
    # A repository's own commands never take what happens to lie around it.
    (vision / "checkout" / ".git").mkdir(parents=True)
    inside = torchcamp("dev", "show", "stretch", cwd=vision / "checkout")
    assert inside.returncode == 2
    assert "stretch" in one_line(inside)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ("exercise contrast/viterbi", "'viterbi' is a name of torchcamp's own course"),
        ("lesson cnn", "'cnn' is a name of torchcamp's own course"),
        ("lesson contrast", "exists already"),
        ("exercise contrst/blur", "Did you mean 'contrast'?"),
        ("exercise blur", "an exercise is named with its lesson"),
        ("model blur", "begins with: torchcamp new NAME"),
        ("lesson Blur", "is not a module name"),
        ("lesson blur --content https://example.org/x.zip", "is not a folder"),
    ],
)
def test_what_dev_new_refuses_in_own_content(tmp_path: Path, args: str, words: str):
    vision = write_files(tmp_path)
    before = (vision / "course.toml").read_text()
    refused = torchcamp("dev", "new", *args.split(), cwd=vision)
    assert refused.returncode == 2
    assert words in one_line(refused)
    assert (vision / "course.toml").read_text() == before


def test_a_list_with_comments_is_left_to_its_author(tmp_path: Path):
    vision = write_files(tmp_path)
    file = vision / "course.toml"
    file.write_text(file.read_text().replace('"stretch",', '"stretch",  # first\n'))
    refused = torchcamp("dev", "new", "exercise", "contrast/blur", cwd=vision)
    assert 'add "blur" to the exercises of lesson contrast by hand' in one_line(refused)
    assert not (vision / "lessons/contrast/blur").exists()


def test_the_language_is_chosen_by_option_or_environment(vision: Path, tmp_path: Path):
    args = ("hint", "conv_output_size")
    assert "Draw the picture" in torchcamp(*args, cwd=tmp_path).stdout
    assert "Zeichne die" in torchcamp(*args, "--language", "de", cwd=tmp_path).stdout
    assert "Zeichne die" in torchcamp(*args, cwd=tmp_path, TORCHCAMP_LANGUAGE="de").stdout
    wrong = torchcamp(*args, "--language", "deutsch", cwd=tmp_path)
    assert "'deutsch' is not the code of a language" in one_line(wrong)
    for command in ("practice", "check", "reset", "solution", "notebook", "slides"):
        refused = torchcamp(command, "convolution", "--language", "x", cwd=tmp_path)
        assert "is not the code of a language" in one_line(refused)


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> None:
    """`torchcamp start` without a server: it returns at once."""
    ended = SimpleNamespace(
        new_address=lambda: "http://x/", process=SimpleNamespace(wait=interrupt)
    )
    monkeypatch.setattr(launch, "serve", lambda *args, **options: contextlib.nullcontext(ended))


def interrupt() -> None:
    raise KeyboardInterrupt


@pytest.mark.usefixtures("served")
def test_start_remembers_content_and_language(
    vision: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(signal, "signal", lambda *args: None)
    start = ("start", "--no-browser", "--workspace", "camp")
    begun = torchcamp(*start, "--content", "vision", "--language", "de", cwd=tmp_path)
    assert begun.returncode == 0, begun.stderr
    assert "content: Vision week, from " in begun.stderr
    settings = json.loads((tmp_path / "camp/.torchcamp/settings.json").read_text())
    assert (settings["content"], settings["language"]) == (str(vision), "de")
    again = torchcamp(*start, cwd=tmp_path)
    assert "content: Vision week" in again.stderr
    inside = {"cwd": tmp_path / "camp", **home(tmp_path)}
    assert "Wie groß" in torchcamp("practice", "conv_output_size", **inside).stdout
    french = torchcamp(*start, "--language", "fr", cwd=tmp_path)
    assert "nothing of this course is translated into 'fr'" in french.stderr
    back = torchcamp(*start, "--content", "torchcamp", "--language", "en", cwd=tmp_path)
    assert back.returncode == 0
    assert "unknown exercise" in one_line(torchcamp("practice", "stretch", **inside))
    with hold(tmp_path / "camp"):
        held = torchcamp(*start, "--content", "vision", cwd=tmp_path)
    assert "is already open" in one_line(held)
    assert "vision" not in (tmp_path / "camp/.torchcamp/settings.json").read_text()


@pytest.mark.usefixtures("served")
def test_a_strangers_workspace_is_asked_about(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(signal, "signal", lambda *args: None)
    vision = write_files(tmp_path)
    write_settings(tmp_path / "camp", Settings(content=str(vision), title="Vision week"))
    refused = torchcamp("start", "--no-browser", "--workspace", "camp", cwd=tmp_path)
    assert "was not run" in one_line(refused)
    refused = torchcamp("check", "stretch", cwd=tmp_path / "camp", **home(tmp_path))
    assert "has not been agreed to" in one_line(refused)
    started = torchcamp("start", "--no-browser", "--yes", "--workspace", "camp", cwd=tmp_path)
    assert started.returncode == 0, started.stderr
    solved = torchcamp("solution", "stretch", cwd=tmp_path / "camp", **home(tmp_path))
    assert "picture.min()" in solved.stdout
    write_settings(tmp_path / "camp", Settings(content="https://example.org/x.zip"))
    refused = torchcamp("start", "--no-browser", "--yes", "--workspace", "camp", cwd=tmp_path)
    assert "is not there" in one_line(refused)  # nothing was fetched
