"""Every form in which answers come, and every one that is refused."""

import io
import os
import stat
import sys
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest

from tests.instructor.grading.planted import write_workspace
from torchcamp.base import archives
from torchcamp.base.errors import UserError
from torchcamp.course.content import course
from torchcamp.instructor.grading import handed_in
from torchcamp.instructor.grading.submissions import Submissions, read_submissions, source_text

NAMES = list(course().exercises)
TEXT = "x = 1\n"


def read(source: Path, only: Iterable[str] = ()) -> Submissions:
    return read_submissions(source, NAMES, list(only))


def found(submissions: Submissions) -> dict[str, list[str]]:
    return {learner.name: list(learner.answers) for learner in submissions.learners}


def put(folder: Path, *names: str, text: str = TEXT) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def zip_of(entries: Mapping[str, bytes | str], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return made.getvalue()


def write_zip(path: Path, entries: Mapping[str, bytes | str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(zip_of(entries))
    return path


# --- Forms ----------------------------------------------------------------------------------------


def folder_as_zip(folder: Path) -> Path:
    """The folder packed, its name wrapped around everything, as file managers do."""
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, str(file.relative_to(folder.parent)))
    return path


@pytest.mark.parametrize("packed", [False, True])
def test_workspaces(tmp_path: Path, packed: bool):
    folder = tmp_path / "class"
    write_workspace(folder / "anna", {"softmax": TEXT, "value": TEXT}, attempts=7)
    write_workspace(folder / "ben", {"softmax": TEXT})
    submissions = read(folder_as_zip(folder) if packed else folder)
    assert found(submissions) == {"anna": ["softmax", "value"], "ben": ["softmax"]}
    assert submissions.learners[0].attempts == {"softmax": 7, "value": 7}
    assert submissions.name == "class"
    assert not submissions.notices


def test_a_copy_of_a_lesson_and_a_backup_are_no_answers(tmp_path: Path):
    write_workspace(tmp_path / "anna", {"softmax": TEXT})
    write_workspace(tmp_path / "ben", {"softmax": TEXT})
    put(tmp_path / "anna", ".torchcamp/backups/value.py", "lessons/value.py", "venv/value.py")
    assert found(read(tmp_path)) == {"anna": ["softmax"], "ben": ["softmax"]}


def test_a_workspace_inside_of_a_learners_folder(tmp_path: Path):
    write_workspace(tmp_path / "anna" / "my" / "torchcamp", {"softmax": TEXT})
    write_workspace(tmp_path / "ben" / "torchcamp", {"value": TEXT})
    assert found(read(tmp_path)) == {"anna": ["softmax"], "ben": ["value"]}
    assert found(read(tmp_path / "anna")) == {"my": ["softmax"]}


@pytest.mark.parametrize("where", [".", "answers"])
def test_one_learner_alone(tmp_path: Path, where: str):
    write_workspace(tmp_path / "anna", {"softmax": TEXT, "value": TEXT})
    assert list(found(read(tmp_path / "anna" / where)).values()) == [["softmax", "value"]]
    assert list(found(read(tmp_path))) == ["anna"]


def test_loose_files_of_many(tmp_path: Path):
    put(
        tmp_path,
        "anna-softmax.py",
        "anna_leaky_relu.py",
        "ben-SOFTMAX.py",
        "van der Berg softmax.py",
    )
    assert found(read(tmp_path)) == {
        "anna": ["leaky_relu", "softmax"],
        "ben": ["softmax"],
        "van der Berg": ["softmax"],
    }


def test_loose_files_of_one(tmp_path: Path):
    put(tmp_path / "anna", "softmax.py", "value.py", "helpers.py")
    assert found(read(tmp_path / "anna")) == {"anna": ["softmax", "value"]}


def test_github_classroom_by_the_folders_name(tmp_path: Path):
    for login in ("anna-b", "ben"):
        write_workspace(
            tmp_path / "boot-camp-submissions" / f"boot-camp-{login}", {"softmax": TEXT}
        )
    submissions = read(tmp_path / "boot-camp-submissions")
    assert found(submissions) == {"anna-b": ["softmax"], "ben": ["softmax"]}
    assert submissions.form == "github"


def test_github_classroom_by_its_repositories(tmp_path: Path):
    for login in ("anna", "anton"):  # what they share beyond the last - is their own
        write_workspace(tmp_path / f"boot-camp-{login}", {"softmax": TEXT})
        (tmp_path / f"boot-camp-{login}" / ".git").mkdir()
    assert list(found(read(tmp_path))) == ["anna", "anton"]


def test_names_with_a_dash_are_kept_elsewhere(tmp_path: Path):
    for name in ("student-01", "student-02"):
        write_workspace(tmp_path / name, {"softmax": TEXT})
    assert list(found(read(tmp_path))) == ["student-01", "student-02"]


@pytest.mark.parametrize("packed", [False, True])
def test_moodle_in_folders_with_a_zip_inside(tmp_path: Path, packed: bool):
    folder = tmp_path / "CS101-Sheet 3-4711"
    workspace = zip_of({"torchcamp/answers/value.py": TEXT})
    put(folder, "Anna Lee_101_assignsubmission_file_/softmax.py")
    put(folder, "Anna Lee_101_assignsubmission_onlinetext_/onlinetext.html")
    (folder / "Ben Özil_102_assignsubmission_file_").mkdir()
    (folder / "Ben Özil_102_assignsubmission_file_" / "work.zip").write_bytes(workspace)
    submissions = read(folder_as_zip(folder) if packed else folder)
    assert found(submissions) == {"Anna Lee": ["softmax"], "Ben Özil": ["value"]}
    assert [learner.number for learner in submissions.learners] == ["101", "102"]
    assert submissions.form == "moodle"


def test_moodle_without_folders(tmp_path: Path):
    workspace = {"answers/value.py": TEXT}
    put(tmp_path, "Anna Lee_101_assignsubmission_file_softmax.py")
    write_zip(tmp_path / "Ben_102_assignsubmission_file_my work.zip", workspace)
    assert found(read(tmp_path)) == {"Anna Lee": ["softmax"], "Ben": ["value"]}


def test_moodle_with_one_learner(tmp_path: Path):
    put(tmp_path, "Anna Lee_101_assignsubmission_file_/softmax.py")
    (learner,) = read(tmp_path).learners
    assert (learner.name, learner.number) == ("Anna Lee", "101")


def test_canvas(tmp_path: Path):
    put(tmp_path, "leeanna_11_901_softmax.py", "leeanna_11_901_value.py")
    put(tmp_path, "muellerben_LATE_12_902_softmax-1.py")
    write_zip(tmp_path / "zuzi_13_903_torchcamp.zip", {"answers/value.py": TEXT})
    submissions = read(tmp_path)
    assert found(submissions) == {
        "leeanna": ["softmax", "value"],
        "muellerben": ["softmax"],
        "zuzi": ["value"],
    }
    assert [learner.number for learner in submissions.learners] == ["11", "12", "13"]
    assert submissions.form == "canvas"


def test_two_of_one_name_are_told_apart(tmp_path: Path):
    for number in (101, 102):
        put(tmp_path, f"Anna Lee_{number}_assignsubmission_file_/softmax.py")
    assert list(found(read(tmp_path))) == ["Anna Lee (101)", "Anna Lee (102)"]


def test_the_last_of_several_files_is_graded(tmp_path: Path):
    put(tmp_path / "anna", "softmax.py", "deep/value.py", text="old")
    put(tmp_path / "anna", "softmax (2).py", "value.py", text="new")
    put(tmp_path / "ben", "softmax.py", text="outside")
    put(tmp_path / "ben", "answers/softmax.py", text="inside")
    submissions = read(tmp_path)
    anna, ben = submissions.learners
    assert {answer.text for answer in anna.answers.values()} == {"new"}
    assert ben.answers["softmax"].text == "inside"
    assert sum("2 files for" in notice for notice in submissions.notices) == 2


def test_with_one_exercise_a_file_may_have_any_name(tmp_path: Path):
    put(tmp_path, "Anna_1_assignsubmission_file_/my homework.py")
    put(tmp_path, "Ben_2_assignsubmission_file_/a.py", "Ben_2_assignsubmission_file_/b.py")
    submissions = read(tmp_path, ["softmax"])
    assert found(submissions) == {"Anna": ["softmax"], "Ben": []}
    assert any("a.py, b.py: not named after an exercise" in each for each in submissions.notices)
    assert "Ben handed in no answer" in submissions.notices


def test_only_what_is_asked_for(tmp_path: Path):
    write_workspace(tmp_path / "anna", {"softmax": TEXT, "value": TEXT})
    assert found(read(tmp_path, ["value"])) == {"anna": ["value"]}


@pytest.mark.parametrize(
    "progress",
    ["", "[]", "{", '{"exercises": 3}', '{"exercises": {"softmax": 3}}', "[" * 100_000, "\xff",
     '{"exercises": {"softmax": {"attempts": "<b>"}}}', '{"exercises": {"softmax": {"attempts": -1}}}'],
)  # fmt: skip
def test_a_progress_file_may_hold_anything(tmp_path: Path, progress: str):
    write_workspace(tmp_path / "anna", {"softmax": TEXT})
    (tmp_path / "anna" / ".torchcamp" / "progress.json").write_text(progress, encoding="latin-1")
    assert read(tmp_path).learners[0].attempts == {}


def test_text_is_decoded_as_python_does():
    assert source_text(b"\xef\xbb\xbfx = 1\r\ny = 2\r") == "x = 1\ny = 2\n"
    assert source_text("# coding: latin-1\nx = 'ü'\n".encode("latin-1")).endswith("'ü'\n")


def test_what_is_not_text_is_an_answer_that_cannot_be_read(tmp_path: Path):
    write_workspace(tmp_path / "anna", {"softmax": b"x = '\xff'", "value": b"# coding: nonsense\n"})
    answers = read(tmp_path).learners[0].answers
    assert all(answer.text is None for answer in answers.values())
    assert all("not text that Python can read" in answer.problem for answer in answers.values())


def test_names_are_cleaned_and_stay_different(tmp_path: Path):
    for name in ("a\x1b]0;t\x07", "a\u202e]0;t\u202e", "x" * 200, "x" * 201):
        write_workspace(tmp_path / name, {"softmax": TEXT})
    names = list(found(read(tmp_path)))
    assert len(set(names)) == 4
    assert all(name.isprintable() and len(name) < 90 for name in names)


# --- Refusals -------------------------------------------------------------------------------------


def is_empty(folder: Path) -> bool:
    return not any(path.is_file() for path in folder.rglob("*"))


def entry(name: str, mode: int = 0, content: str = TEXT) -> tuple[zipfile.ZipInfo, str]:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info, content


GOOD = "anna/answers/softmax.py"


@pytest.mark.parametrize(
    ("name", "mode", "words"),
    [
        ("../../evil/softmax.py", 0, "leads out of the archive"),
        ("anna\\..\\..\\softmax.py", 0, "leads out of the archive"),
        ("/tmp/evil/softmax.py", 0, "absolute name"),
        ("C:\\evil\\softmax.py", 0, "absolute name"),
        ("evil/softmax.py", stat.S_IFLNK | 0o777, "is a link"),
        ("evil/softmax.py", stat.S_IFIFO | 0o777, "not a regular file"),
    ],
)
def test_dangerous_names_in_a_zip_are_skipped(tmp_path: Path, name: str, mode: int, words: str):
    inside = tmp_path / "in" / "side"
    inside.mkdir(parents=True)
    with zipfile.ZipFile(inside / "class.zip", "w") as archive:
        archive.writestr(GOOD, TEXT)
        archive.writestr("ben/answers/softmax.py", TEXT)
        archive.writestr(*entry(name, mode))
    before = sorted(tmp_path.rglob("*"))
    submissions = read(inside / "class.zip")
    assert list(found(submissions)) == ["anna", "ben"]
    (notice,) = submissions.notices
    assert words in notice
    assert sorted(tmp_path.rglob("*")) == before, "nothing is written"


def test_many_bad_names_are_said_in_a_few_lines(tmp_path: Path):
    entries: dict[str, bytes | str] = {f"../{number}.py": TEXT for number in range(100)}
    notices = read(write_zip(tmp_path / "class.zip", {GOOD: TEXT, **entries})).notices
    assert len(notices) == handed_in.MOST_NOTICES + 1
    assert "95 more files" in notices[-1]


@pytest.mark.parametrize("inside", ["big.bin", "answers/softmax.py", "more.zip"])
def test_a_bomb_is_not_unpacked(tmp_path: Path, inside: str):
    big = bytes(archives.RATIO_FROM + 1)
    path = write_zip(
        tmp_path / "c.zip", {GOOD: TEXT, f"ben/{inside}": big, "cleo/answers/value.py": TEXT}
    )
    submissions = read(path)
    assert list(found(submissions)) == ["anna", "cleo"]
    assert any("as a zip bomb does" in notice for notice in submissions.notices)


def test_a_zip_that_lies_about_a_size_is_read_no_further(tmp_path: Path):
    content = bytearray(zip_of({GOOD: bytes(2 * handed_in.MOST_ANSWER), "ben/value.py": TEXT}))
    start = content.index(archives.CENTRAL_ENTRY) + 24  # of the first entry's unpacked size
    content[start : start + 4] = (100).to_bytes(4, "little")
    (tmp_path / "class.zip").write_bytes(content)
    submissions = read(tmp_path / "class.zip")
    answer = submissions.learners[0].answers["softmax"]
    assert answer.text is None
    assert "is damaged" in answer.problem


def test_a_large_answer_is_told_as_that_learners_problem(tmp_path: Path):
    big = b"x" * (handed_in.MOST_ANSWER + 1)
    write_workspace(tmp_path / "anna", {"softmax": big})
    write_zip(tmp_path / "ben.zip", {"answers/softmax.py": os.urandom(len(big))})
    for learner in read(tmp_path).learners:
        assert "is larger than 1 MB" in learner.answers["softmax"].problem


def encrypted() -> bytes:
    content = bytearray(zip_of({GOOD: TEXT}))
    for mark, offset in ((b"PK\x03\x04", 6), (archives.CENTRAL_ENTRY, 8)):
        content[content.index(mark) + offset] |= 1
    return bytes(content)


def spoiled() -> bytes:
    content = zip_of({GOOD: TEXT})
    return content[: content.index(archives.CENTRAL_ENTRY)] + b"\0" * 20 + content[-22:]


def foreign() -> bytes:
    return zip_of({"answers/softmax.py": TEXT}, compression=zipfile.ZIP_LZMA)


def many() -> bytes:
    return zip_of({f"{number}.txt": "" for number in range(handed_in.MOST_NESTED_ENTRIES + 1)})


def deep() -> bytes:
    content = zip_of({"answers/softmax.py": TEXT})
    for _ in range(handed_in.DEEPEST + 1):
        content = zip_of({"inside.zip": content})
    return content


REFUSED: list[tuple[Callable[[], bytes], str]] = [
    (encrypted, "is encrypted"),
    (spoiled, "is a damaged zip"),
    (many, "holds more than 20,000 files"),
    (deep, "lies in too many zips"),
    (lambda: b"PK\x03\x04 and nothing else", "is a damaged zip"),
]


@pytest.mark.parametrize(("make", "words"), REFUSED)
def test_a_learners_bad_zip_is_skipped(tmp_path: Path, make: Callable[[], bytes], words: str):
    bad = make()
    put(tmp_path / "class", GOOD, "ben/answers/value.py")
    (tmp_path / "class" / "cleo.zip").write_bytes(bad)
    packed = write_zip(
        tmp_path / "packed.zip", {GOOD: TEXT, "ben/answers/value.py": TEXT, "cleo/work.zip": bad}
    )
    for source in (packed,) if words.startswith("holds") else (tmp_path / "class", packed):
        submissions = read(source)
        assert {"anna", "ben"} <= set(found(submissions))
        assert any(words in each and "cleo" in each for each in submissions.notices), source


def test_a_foreign_packing_is_told_as_that_learners_problem(tmp_path: Path):
    (tmp_path / "anna.zip").write_bytes(foreign())
    put(tmp_path, "ben/answers/softmax.py")
    anna, _ = read(tmp_path).learners
    assert "ordinary zip" in anna.answers["softmax"].problem


@pytest.mark.parametrize(("make", "words"), REFUSED[:2])
def test_a_bad_zip_of_the_class_is_refused(tmp_path: Path, make: Callable[[], bytes], words: str):
    (tmp_path / "class.zip").write_bytes(make())
    with pytest.raises(UserError, match=words):
        read(tmp_path / "class.zip")


def test_links_and_pipes_in_a_folder_are_not_followed(tmp_path: Path):
    secret = tmp_path / "secret.py"
    secret.write_text("secret", encoding="utf-8")
    folder = tmp_path / "class"
    write_workspace(folder / "anna", {"softmax": TEXT})
    write_workspace(folder / "ben", {"value": TEXT})
    (folder / "anna" / "answers" / "value.py").symlink_to(secret)
    (folder / "cleo").symlink_to(folder / "anna")
    os.mkfifo(folder / "ben" / "answers" / "softmax.py")
    submissions = read(folder)
    assert found(submissions) == {"anna": ["softmax"], "ben": ["value"]}
    assert sum("is a link" in notice for notice in submissions.notices) == 2
    assert sum("not a regular file" in notice for notice in submissions.notices) == 1


def test_folders_without_end_are_not_followed(tmp_path: Path):
    put(tmp_path, GOOD, "ben/answers/value.py")
    put(tmp_path, "/".join(["cleo", *["d"] * 60, "softmax.py"]))
    submissions = read(tmp_path)
    assert list(found(submissions)) == ["anna", "ben"]
    assert any("lies in more than" in notice for notice in submissions.notices)


def test_other_archives_are_named(tmp_path: Path):
    put(tmp_path, GOOD, "ben/work.tar.gz", "ben/answers/value.py")
    assert any("work.tar.gz' is not a zip; unpack it first" in n for n in read(tmp_path).notices)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("missing", "does not exist"),
        ("file.txt", "is not a zip; name a folder"),
        ("work.tar.gz", "is not a zip; unpack it"),
        ("empty", "no answer was found"),
        ("strangers", "no answer was found"),
    ],
)
def test_what_holds_no_answers_is_refused(tmp_path: Path, name: str, words: str):
    (tmp_path / "empty").mkdir()
    put(tmp_path, "file.txt", "work.tar.gz", "strangers/anna/homework.py")
    with pytest.raises(UserError, match=words):
        read(tmp_path / name)


@pytest.mark.parametrize("limit", ["MOST_ENTRIES", "MOST_TOTAL"])
def test_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str):
    for number in range(5):
        put(tmp_path, f"{number}/softmax.py", text=str(number) * 10)
    monkeypatch.setattr(handed_in, limit, 8)
    with pytest.raises(UserError, match="holds more than"):
        read(tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="names that are not UTF-8")
def test_a_name_that_is_not_utf8(tmp_path: Path):
    put(tmp_path, "ben/answers/softmax.py")
    os.makedirs(os.fsencode(tmp_path) + b"/caf\xe9/answers")
    with open(os.fsencode(tmp_path) + b"/caf\xe9/answers/value.py", "wb") as file:
        file.write(b"x = 1\n")
    names = list(found(read(tmp_path)))
    assert len(names) == 2
    assert all(name.encode() for name in names)
