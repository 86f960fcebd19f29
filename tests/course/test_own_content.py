"""Content of one's own: which holds, on top of ours or instead of it, from elsewhere, agreed to."""

import os
import shutil
import zipfile
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler as Handler
from pathlib import Path

import pytest

from tests.conftest import Mirror
from torchcamp.base.errors import ContentError, UserError, WorkspaceError
from torchcamp.base.paths import CONTENT
from torchcamp.course import content as contents
from torchcamp.course import own_content
from torchcamp.course.content import (
    CONTENT_VARIABLE,
    course,
    held_content,
    installed_content,
    lessons,
    local_content,
    read_course,
    read_exercise,
)
from torchcamp.course.glossary import terms
from torchcamp.course.judge.client import Verdict
from torchcamp.course.news import news
from torchcamp.course.own_content import bring_content, origin_of
from torchcamp.course.progress import Progress
from torchcamp.course.server.home import WORKSPACE, home_page
from torchcamp.course.settings import (
    agree,
    is_agreed,
    language,
    read_settings,
    write_settings,
)
from torchcamp.course.workspace import prepare_workspace, remember

OURS = read_course(CONTENT)


def write_content(
    folder: Path, lesson: str = "night", names: tuple[str, ...] = ("lamp",), head: str = ""
) -> Path:
    """A content folder with one lesson and an exercise of each name."""
    listed = ", ".join(f'"{name}"' for name in names)
    for name in names:
        shutil.copytree(OURS.find("conv_params").folder, folder / "lessons" / lesson / name)
    (folder / "lessons" / lesson).mkdir(parents=True, exist_ok=True)
    (folder / "lessons" / lesson / "lesson.py").write_text(f"# {lesson}\n")
    (folder / "course.toml").write_text(
        f'{head}\n[[lesson]]\nname = "{lesson}"\ntitle = "Night"\nquestion = "Dark?"\n'
        f"reading_minutes = 5\nexercises = [{listed}]\n"
    )
    return folder


TITLED = 'title = "Vision week"'
ON_TOP = f'{TITLED}\nextends = "torchcamp"'


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return write_content(tmp_path / "vision", head=ON_TOP)


def test_without_a_word_ours_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert held_content() == CONTENT
    assert course() == OURS
    assert (OURS.title, OURS.is_ours, OURS.extends) == ("torchcamp", True, False)


def test_on_top_of_ours_it_comes_last(own: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(CONTENT_VARIABLE, str(own))
    assert [each.name for each in lessons()] == [*(each.name for each in OURS.lessons), "night"]
    assert list(course().exercises) == [*OURS.exercises, "lamp"]
    assert course().find("lamp").folder == own / "lessons/night/lamp"
    assert [each.name for each in course().own_exercises] == ["lamp"]
    assert (course().title, course().is_ours) == ("Vision week", False)


def test_instead_of_ours_it_stands_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    own = write_content(tmp_path / "vision", names=("viterbi",), head=TITLED)
    monkeypatch.setenv(CONTENT_VARIABLE, str(own))
    assert [each.name for each in lessons()] == ["night"]
    assert course().find("viterbi").folder.is_relative_to(own)
    assert terms() == ()
    monkeypatch.setenv(WORKSPACE, str(tmp_path))
    page = home_page()
    assert "<h1>Vision week</h1>" in page
    assert f"from {own}" in page
    assert "side by side" not in page
    assert page.count('class="lesson') == 1


def test_on_top_of_ours_the_home_page_names_it(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(CONTENT_VARIABLE, str(own))
    monkeypatch.setenv(WORKSPACE, str(tmp_path))
    page = home_page()
    assert "Make a model of your own.</h1>" in page
    assert f"Vision week<small>on top of torchcamp's own, from {own}" in page
    assert page.count('class="lesson') == len(OURS.lessons) + 1


def test_the_order_may_mix_and_leave_out_ours(tmp_path: Path):
    order = 'order = ["cnn", "night", "tensors"]'
    own = write_content(tmp_path / "vision", head=f"{ON_TOP}\n{order}")
    assert [each.name for each in read_course(own).lessons] == ["cnn", "night", "tensors"]
    assert "viterbi" not in read_course(own).exercises


@pytest.mark.parametrize(
    ("head", "lesson", "names", "words"),
    [
        (ON_TOP, "cnn", ("lamp",), "'cnn' is a name of torchcamp's own course"),
        (ON_TOP, "night", ("viterbi",), "'viterbi' is a name of torchcamp's own course"),
        (f'{ON_TOP}\norder = ["night", "cn"]', "night", ("lamp",), "order names cn"),
        (f'{ON_TOP}\norder = ["cnn"]', "night", ("lamp",), "order leaves out night"),
        (f'{ON_TOP}\norder = ["night", "night"]', "night", ("lamp",), "order names a lesson twice"),
        ('extends = "fast.ai"', "night", ("lamp",), 'extends may only be "torchcamp"'),
        ("title = 3", "night", ("lamp",), "title must be a text"),
        ("order = 3", "night", ("lamp",), "order must be a list"),
        ("title = ", "night", ("lamp",), "course.toml: Invalid value"),
        ("", "Night", ("lamp",), "'Night' is not a name"),
        ("", "night", ("lamp", "lamp"), "names the exercise 'lamp' twice"),
    ],
)
def test_what_does_not_hold_together_is_said(
    tmp_path: Path, head: str, lesson: str, names: tuple[str, ...], words: str
):
    own = write_content(tmp_path / "vision", lesson, tuple(dict.fromkeys(names)), head)
    if len(names) > len(set(names)):
        file = own / "course.toml"
        file.write_text(file.read_text().replace('["lamp"]', '["lamp", "lamp"]'))
    with pytest.raises(ContentError) as refused:
        read_course(own)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_name_may_not_lead_out_of_the_workspace(own: Path):
    file = own / "course.toml"
    file.write_text(file.read_text().replace('"lamp"', '"../../../.profile"'))
    with pytest.raises(ContentError, match="is not a name"):
        read_course(own)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("minutes = ", "minutes = 0.", "minutes must be a whole number"),
        ("hints = [", "hints = [3, ", "hints must be a list of texts"),
        ("title = ", "kind = 3\ntitle = ", "kind must be a text"),
        ("core = true", 'core = "yes"', "core must be true or false"),
    ],
)
def test_entries_of_an_exercise_have_their_types(own: Path, old: str, new: str, words: str):
    file = own / "lessons/night/lamp/exercise.toml"
    text = file.read_text()
    text = text if old in text else f"core = true\n{text}"
    file.write_text(text.replace(old, new, 1))
    with pytest.raises(ContentError, match=words):
        read_exercise(file.parent)


# --- Names, folders, archives, addresses ------------------------------------------------------


def test_content_is_found_by_name_or_folder(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "torchcamp").mkdir()  # the usual name of a workspace
    assert local_content("torchcamp") == CONTENT
    assert local_content("vision") == own
    with pytest.raises(ContentError, match=r"visio.* is not there; by name there is: torchcamp"):
        local_content("visio")
    with pytest.raises(ContentError, match=r"has no course\.toml"):
        local_content(str(tmp_path))


def test_an_installed_package_brings_content(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Found by its entry point, without running the package's code, and without a question."""
    package = tmp_path / "site" / "vision_week"
    shutil.copytree(own, package)
    (package / "__init__.py").write_text("raise SystemExit('it was run')\n")
    information = tmp_path / "site" / "vision_week-1.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: vision-week\nVersion: 1\n")
    (information / "entry_points.txt").write_text("[torchcamp.content]\nvision = vision_week\n")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    monkeypatch.chdir(tmp_path / "site")
    installed_content.cache_clear()
    try:
        assert installed_content() == {"vision": package}
        assert local_content("vision") == package
        assert contents.lesson_folders() == [package / "lessons"]
        assert contents.may_run(package)
        assert not contents.may_run(own)
        with pytest.raises(ContentError, match="by name there is: torchcamp, vision"):
            local_content("visual")
    finally:
        installed_content.cache_clear()


def pack(folder: Path, target: Path, prefix: str = "") -> Path:
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, f"{prefix}{path.relative_to(folder)}")
    return target


@pytest.mark.parametrize("prefix", ["", "vision-main/"])
def test_an_archive_is_unpacked_once(own: Path, tmp_path: Path, prefix: str):
    archive = pack(own, tmp_path / "vision.zip", prefix)
    folder = bring_content(str(archive))
    assert folder.is_relative_to(tmp_path / "data" / "torchcamp" / "content")
    assert read_course(folder).title == "Vision week"
    assert origin_of(folder) == str(archive)
    (folder / "mark").touch()
    copy = shutil.copy(archive, tmp_path / "copy.zip")
    assert bring_content(str(copy)) == folder
    assert (folder / "mark").exists()
    (own / "lessons/night/lesson.py").write_text("# changed\n")
    assert bring_content(str(pack(own, archive, prefix))) != folder


def test_an_archive_without_content_leaves_nothing(own: Path, tmp_path: Path):
    archive = pack(own / "lessons", tmp_path / "lessons.zip")
    with pytest.raises(ContentError, match=r"lessons.zip has no course\.toml"):
        bring_content(str(archive))
    bad = tmp_path / "bad.zip"
    with zipfile.ZipFile(bad, "w") as opened:
        opened.writestr("../course.toml", "")
    with pytest.raises(UserError, match="leads out of the archive"):
        bring_content(str(bad))
    assert list((tmp_path / "data" / "torchcamp" / "content").iterdir()) == []


def test_an_address_is_fetched(own: Path, tmp_path: Path, mirror: Mirror):
    mirror.files["/vision.zip"] = pack(own, tmp_path / "vision.zip").read_bytes()
    seen: list[tuple[int, int | None]] = []
    address = f"{mirror.address}/vision.zip"
    folder = bring_content(
        address.replace("://", "://me:secret@"), lambda done, of: seen.append((done, of))
    )
    size = len(mirror.files["/vision.zip"])
    assert seen[-1] == (size, size)
    assert origin_of(folder) == address
    assert [path.name for path in (tmp_path / "data/torchcamp/content").glob(".*")] == []


def never_answering(handler: Handler) -> None:
    handler.rfile.read(1)


def answering(status: int, **headers: str) -> Callable[[Handler], None]:
    def answer(handler: Handler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        if status == 200:
            handler.wfile.write(b"short")

    return answer


def test_a_download_that_fails_says_so_in_one_line(
    mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(own_content, "SILENT_SECONDS", 0.5)
    mirror.files["/page.zip"] = b"<html>"
    mirror.files["/large.zip"] = bytes(3000)
    mirror.files["/cut.zip"] = answering(200, Content_Length="900")
    mirror.files["/moved.zip"] = answering(302, Location="ftp://127.0.0.1/vision.zip")
    mirror.files["/loop.zip"] = answering(302, Location="/loop.zip")
    mirror.files["/slow.zip"] = never_answering
    cases = {
        "/none.zip": "answers 404; is the address right?",
        "/page.zip": "page.zip is not a zip archive",
        "/cut.zip": "cannot be reached",
        "/moved.zip": "cannot be reached",
        "/loop.zip": "cannot be reached",
        "/slow.zip": "does not answer",
    }
    for path, words in cases.items():
        with pytest.raises(UserError) as refused:
            bring_content(f"{mirror.address}{path}")
        assert words in str(refused.value), path
        assert "\n" not in str(refused.value)
    monkeypatch.setattr(own_content, "MOST_DOWNLOADED", 2000)
    with pytest.raises(ContentError, match="sends more than"):
        bring_content(f"{mirror.address}/large.zip")
    monkeypatch.setattr(own_content, "MOST_SECONDS", 0.0)
    with pytest.raises(ContentError, match="took more than"):
        bring_content(f"{mirror.address}/page.zip")
    with pytest.raises(ContentError, match="https:// or http://"):
        bring_content("ftp://127.0.0.1/vision.zip")
    with pytest.raises(ContentError, match="cannot be reached"):
        bring_content("http://127.0.0.1:9/vision.zip")
    assert list((tmp_path / "data" / "torchcamp" / "content").iterdir()) == []


# --- The workspace ----------------------------------------------------------------------------


def test_a_workspace_remembers_its_content(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    workspace = tmp_path / "camp"
    agree(own)
    with monkeypatch.context() as typed:
        typed.setenv(CONTENT_VARIABLE, str(own))
        prepare_workspace(workspace)
    assert read_settings(workspace).content == str(own)
    assert (workspace / "lessons" / "night.py").read_text() == "# night\n"
    monkeypatch.chdir(workspace / "lessons")
    assert held_content() == own
    assert course().find("lamp").name == "lamp"
    with monkeypatch.context() as typed:  # for once, another: the lessons stay
        typed.setenv(CONTENT_VARIABLE, "torchcamp")
        prepare_workspace(workspace)
        assert "lamp" not in course().exercises
    assert (workspace / "lessons" / "night.py").exists()
    assert read_settings(workspace).content == str(own)
    assert news(workspace) == {}
    shutil.rmtree(own)
    with pytest.raises(ContentError, match="is not there"):
        held_content()


def test_a_strangers_workspace_does_not_agree_for_its_owner(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    workspace = tmp_path / "camp"
    write_settings(workspace, read_settings(None).__class__(content=str(own), title="Vision week"))
    monkeypatch.chdir(workspace)
    with pytest.raises(ContentError, match="has not been agreed to"):
        course()
    agree(own)
    assert course().title == "Vision week"
    assert is_agreed(own)
    assert not is_agreed(own.parent)


@pytest.mark.parametrize("text", ["{", "[]", '{"content": 3}', '{"other": ""}', '{"owners": ""}'])
def test_damaged_settings_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str):
    (tmp_path / ".torchcamp").mkdir()
    (tmp_path / ".torchcamp" / "settings.json").write_text(text)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WorkspaceError, match=r"settings\.json is damaged"):
        course()
    with pytest.raises(WorkspaceError, match=r"settings\.json is damaged"):
        language()


def record(workspace: Path, name: str) -> None:
    (workspace / "answers" / f"{name}.py").write_text("x = 1\n")
    Progress(workspace).record(Verdict(exercise=name, verdict="pass"), "x = 1\n")


def test_progress_of_two_courses_is_not_mixed(tmp_path: Path):
    workspace = prepare_workspace(tmp_path / "camp")
    record(workspace, "viterbi")
    on_top = read_course(write_content(tmp_path / "a", head=ON_TOP))
    remember(workspace, on_top, "en")  # ours are still ours
    record(workspace, "lamp")
    newer = read_course(write_content(tmp_path / "b", head=ON_TOP))
    remember(workspace, newer, "en")  # a newer copy of the same course
    assert read_settings(workspace).content == str(tmp_path / "b")
    other = read_course(write_content(tmp_path / "c", head='title = "Another"'))
    with pytest.raises(WorkspaceError, match="'lamp' of the course 'Vision week', and 'Another'"):
        remember(workspace, other, "en")
    assert read_settings(workspace).content == str(tmp_path / "b")
    instead = read_course(write_content(tmp_path / "d", names=("viterbi",), head='title = "Mine"'))
    with pytest.raises(WorkspaceError, match="'viterbi' of the course 'torchcamp', and 'Mine'"):
        remember(workspace, instead, "en")
    apart = read_course(write_content(tmp_path / "e", names=("moon",), head='title = "Moon"'))
    remember(workspace, apart, "en")
    with pytest.raises(WorkspaceError, match="'lamp' of the course 'Vision week'"):
        remember(workspace, other, "en")  # also by way of a third
    remember(workspace, OURS, "en")  # and there is a way back
    assert read_settings(workspace).content == ""


def test_a_course_that_has_gone_keeps_its_progress_apart(tmp_path: Path):
    workspace = prepare_workspace(tmp_path / "camp")
    first = read_course(write_content(tmp_path / "a", head=ON_TOP))
    remember(workspace, first, "en")
    record(workspace, "lamp")
    shutil.rmtree(tmp_path / "a")
    read_course.cache_clear()
    other = read_course(write_content(tmp_path / "c", head='title = "Another"'))
    with pytest.raises(WorkspaceError, match="'lamp' of the course 'Vision week'"):
        remember(workspace, other, "en")


def test_the_language_of_the_workspace_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    workspace = prepare_workspace(tmp_path / "camp")
    monkeypatch.chdir(workspace)
    assert language() == "en"
    remember(workspace, OURS, "de")
    assert language() == "de"
    assert course().find("conv_output_size").title.startswith("Wie groß")
    monkeypatch.setenv("TORCHCAMP_LANGUAGE", "en")
    assert language() == "en"
    monkeypatch.setenv("TORCHCAMP_LANGUAGE", "../x")
    with pytest.raises(UserError, match="is not the code of a language"):
        language()


def test_a_read_only_workspace_says_so(tmp_path: Path):
    if os.geteuid() == 0:
        workspace = tmp_path / "file"
        workspace.write_text("")
    else:
        workspace = tmp_path / "camp"
        workspace.mkdir(mode=0o500)
    with pytest.raises(WorkspaceError, match="cannot write into"):
        remember(workspace, OURS, "de")
