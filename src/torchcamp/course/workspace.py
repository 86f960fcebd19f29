"""The learner's folder: copies of the lessons, answers, runs, and the course's records.

    lessons/       copies of our lessons, free to edit; with marimo's settings for them
    answers/       the learner's answers, one file per exercise; never written by an update
    runs/          trained models
    .torchcamp/    progress, backups, locks; its presence marks a workspace

An update replaces lessons that the learner has not edited, and takes away those that the course no
longer has. An edited one is kept, as NAME.yours.py.
"""

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from torchcamp.base.errors import ContentError, Held, WorkspaceError
from torchcamp.base.files import regular_text, require_regular, save_text, text_hash
from torchcamp.base.look import tokens
from torchcamp.base.paths import CONTENT
from torchcamp.course import news
from torchcamp.course.content import (
    OURS,
    Course,
    Lesson,
    course,
    held_content,
    lessons,
    local_content,
    read_course,
)
from torchcamp.course.progress import Progress
from torchcamp.course.settings import (
    ENGLISH,
    MARK,
    Settings,
    find_workspace,
    language,
    read_settings,
    write_settings,
)
from torchcamp.course.translation import translated

HERE = Path(__file__).parent

# marimo reads this for every notebook in lessons/. Lessons run when opened; nothing uses the network.
SETTINGS = """\
# Settings of the lessons, rewritten by `torchcamp start`.
[tool.marimo.runtime]
auto_instantiate = true
auto_reload = "off"
watcher_on_save = "lazy"

[tool.marimo.display]
theme = "system"
default_width = "medium"
cell_output = "below"
custom_css = ["course.css"]
reference_highlighting = false
code_lens = false

[tool.marimo.completion]
copilot = false
activate_on_typing = true

[tool.marimo.ai]
enabled = false

[tool.marimo.save]
autosave = "after_delay"
format_on_save = false
"""


def run_roots() -> list[Path]:
    """Folders that hold runs: `./runs`, and the workspace's."""
    roots = [Path("runs")]
    workspace = find_workspace()
    if workspace and (workspace / "runs").resolve() != roots[0].resolve():
        roots.append(workspace / "runs")
    return roots


def workspace_folder(asked: Path | None = None) -> Path:
    """The workspace, whether it is there or not: the one asked for, else the nearest upward, else
    `~/torchcamp`."""
    folder = (asked or find_workspace() or Path.home() / "torchcamp").expanduser()
    return Path(os.path.realpath(folder))  # `resolve` raises on a link to itself


def prepare_workspace(folder: Path | None = None) -> Path:
    """Create whatever is missing in the workspace and bring its lessons up to date.

    Args:
        folder: the workspace; by default the nearest one upward, or `~/torchcamp`.

    Raises:
        WorkspaceError: the folder cannot be written.
    """
    folder = workspace_folder(folder)
    is_new = not (folder / MARK).is_dir()
    try:
        for name in ("", MARK, "lessons", "answers", "runs"):
            _make_private(folder / name)
        if is_new:
            remember(folder, course(), language())
        with (
            contextlib.suppress(Held),
            hold(folder),
        ):  # lessons that are open in a page are not replaced
            if _holds_what_it_remembers(folder):
                _update_lessons(folder, lessons())
            _write(folder / "lessons" / "pyproject.toml", SETTINGS)
            style = tokens(prefix="camp-") + regular_text(HERE / "course.css")
            _write(folder / "lessons" / "course.css", style)
    except OSError as error:
        if (folder / MARK).is_dir() and (folder / "answers").is_dir():
            return folder  # on a full or read-only disk it is as it was
        raise WorkspaceError(
            f"cannot create the workspace {folder}: {error.strerror or error}; choose another "
            "with: torchcamp start --workspace DIR"
        ) from error
    return folder


def _make_private(folder: Path) -> None:
    """Create a folder that other users of the machine cannot look into; leave an existing one."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)


def remember(folder: Path, content: Course, code: str) -> None:
    """Let the workspace `folder` belong to `content` from now on, in the language `code`.

    Raises:
        WorkspaceError: it holds progress of another course in exercises of the same names, or cannot
            be written.
    """
    before = read_settings(folder)
    after = replace(
        before,
        content="" if content.is_ours else str(content.folder),
        title="" if content.is_ours else content.title,
        language="" if code == ENGLISH else code,
    )
    if after.title != before.title:
        after = replace(after, owners=before.owners | _owners(folder, before))
        _refuse_mixed_progress(folder, after.owners, content)
    if after == before:
        return
    try:
        write_settings(folder, after)
    except OSError as error:
        raise WorkspaceError(f"cannot write into {folder}: {error.strerror or error}") from error


def _owners(folder: Path, before: Settings) -> dict[str, str]:
    """Whose exercise each answer and each record of progress belongs to, that nobody owned before."""
    begun = {path.stem for path in (folder / "answers").glob("*.py")}
    begun |= Progress(folder).read()["exercises"].keys()
    try:
        old = read_course(_content_of(before))
    except ContentError:
        old = None  # it has gone
    owners = {}
    for name in begun - before.owners.keys():
        if old and name in old.exercises:
            owners[name] = _owner(name, old)
        elif old is None:
            owners[name] = "" if name in read_course(CONTENT).exercises else before.title
    return owners


def _owner(exercise: str, content: Course) -> str:
    is_ours = content.exercises[exercise].folder.is_relative_to(CONTENT)
    return "" if is_ours else content.title


def _refuse_mixed_progress(folder: Path, owners: dict[str, str], content: Course) -> None:
    """Progress is kept by an exercise's name: another course's exercise of that name is not solved."""
    for name, owner in owners.items():
        if name in content.exercises and owner != _owner(name, content):
            raise WorkspaceError(
                f"{folder} has an answer to {name!r} of the course {owner or OURS!r}, and "
                f"{content.title!r} has an exercise of that name; choose another workspace with: "
                "torchcamp start --workspace DIR"
            )


def _content_of(settings: Settings) -> Path:
    return local_content(settings.content or OURS)


def _holds_what_it_remembers(folder: Path) -> bool:
    """Whether this command works with the workspace's own content and language, not with others for once."""
    settings = read_settings(folder)
    remembered = (_content_of(settings), settings.language or ENGLISH)
    return remembered == (held_content(), language())


@contextlib.contextmanager
def hold(folder: Path, *, wait: float = 0) -> Iterator[TextIO]:
    """Lock the lessons of `folder` while the block runs, or a process that inherited the file.

    Args:
        wait: seconds for which a lock is waited for whose holder has ended, but not yet the processes
            that it started.

    Raises:
        Held: another process has the lock.
    """
    path = folder / MARK / "lessons.lock"
    if path.exists():
        require_regular(path)
    with path.open("a+", encoding="utf-8") as lock:
        deadline = time.monotonic() + wait
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError as error:
                holder = _holder(lock)
                if holder or time.monotonic() >= deadline:
                    raise Held(
                        f"the course is already open from {folder}{holder}; stop it first with "
                        "Ctrl-C in its terminal"
                    ) from error
                time.sleep(0.05)
        lock.truncate(0)
        yield lock


def sign(lock: TextIO, address: str) -> None:
    """Write into a lock of `hold` where this process serves the course, for whoever finds it locked."""
    lock.write(json.dumps({"address": address, "process": os.getpid()}) + "\n")
    lock.flush()


def _holder(lock: TextIO) -> str:
    """Where the process that signed `lock` serves the course; "" if none did or it has ended."""
    lock.seek(0)
    try:
        signed = json.load(lock)
        with contextlib.suppress(PermissionError):  # it lives, and is another user's
            os.kill(signed["process"], 0)
        return f" at {signed['address']} (process {signed['process']})"
    except (ValueError, TypeError, KeyError, OverflowError, ProcessLookupError):
        return ""


def _update_lessons(folder: Path, current: Sequence[Lesson]) -> None:
    """Update the copies; `.torchcamp/lessons.json` holds the hash of each lesson as we wrote it."""
    record_path = folder / MARK / "lessons.json"
    record: dict[str, str] = {}
    if record_path.exists():
        try:
            found = json.loads(regular_text(record_path))
            record = {name: each for name, each in found.items() if isinstance(each, str)}
        except (OSError, ValueError, RecursionError, AttributeError):
            record = {}  # without a record, every copy that differs counts as edited
    news.create_record(folder, dict(record))
    for lesson in current:
        text = regular_text(translated(lesson.path))
        copy = folder / "lessons" / f"{lesson.name}.py"
        if copy.exists() and _text_of(copy) != text:
            if record.get(lesson.name) == text_hash(text):
                continue  # our lesson has not changed: the learner's version stays
            if record.get(lesson.name) != text_hash(_text_of(copy)):
                _keep_beside(copy)
        _write(copy, text)
        record[lesson.name] = text_hash(text)
    for name in record.keys() - {lesson.name for lesson in current}:
        _take_away(folder / "lessons" / f"{name}.py", record.pop(name))
    _write(record_path, json.dumps(record, indent=2) + "\n")


def _take_away(copy: Path, written: str) -> None:
    """Remove the copy of a lesson that the course no longer has; keep what the learner changed."""
    if not copy.exists():
        return
    if text_hash(_text_of(copy)) == written:
        copy.unlink()
    else:
        _keep_beside(copy)


def _keep_beside(copy: Path) -> None:
    number = 1
    while True:
        kept = copy.with_suffix(f".yours{number if number > 1 else ''}.py")
        if not kept.exists():
            copy.rename(kept)
            return
        number += 1


def _write(path: Path, text: str) -> None:
    if not path.exists() or _text_of(path) != text:
        save_text(path, text)


def _text_of(path: Path) -> str:
    """What a file of ours holds; one that is not text any more counts as changed."""
    try:
        return regular_text(path)
    except OSError:
        return ""
