"""Which content and which language a command works with: `--content`, `--language`, and the question
before a stranger's code runs.

What is chosen is written into this process's environment, so that every child of it (the server, its
kernels, the judge) works with the same.
"""

import contextlib
import functools
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from torchcamp.base.errors import UserError
from torchcamp.cli.shared import say

SECONDS_BETWEEN_LINES = 4.0  # of a download's progress, where there is no terminal

content_option = click.option(
    "--content",
    metavar="DIR",
    help="Content of your own: a folder, a .zip, its address, or an installed package's name; "
    "torchcamp is ours.  [default: $TORCHCAMP_CONTENT, or what the workspace was started with]",
)
author_content_option = click.option(
    "--content",
    metavar="DIR",
    help="Content of your own, as for torchcamp start.  [default: $TORCHCAMP_CONTENT, or the nearest "
    "folder upward that holds a course.toml, or ours]",
)
grader_content_option = click.option(
    "--content",
    metavar="DIR",
    help="Content of your own, as for torchcamp start.  [default: $TORCHCAMP_CONTENT, or ours]",
)
language_option = click.option(
    "--language",
    metavar="CODE",
    help="The language of statements and messages, such as de; English where there is no translation.  "
    "[default: $TORCHCAMP_LANGUAGE, or the workspace's]",
)


def for_learners(function: Callable[..., int]) -> Callable[..., int]:
    """Give a learner's command the options --content and --language."""

    @content_option
    @language_option
    @functools.wraps(function)
    def command(*args: Any, content: str | None, language: str | None, **kwargs: Any) -> int:
        hold_language(language)
        if asked := _asked(content):
            _hold(agreed_content(asked))
        return function(*args, **kwargs)

    return command


def for_authors(function: Callable[..., int]) -> Callable[..., int]:
    """Give an author's command the option --content. A folder of one's own needs no question."""

    @author_content_option
    @functools.wraps(function)
    def command(*args: Any, content: str | None, **kwargs: Any) -> int:
        hold_authors_content(content)
        return function(*args, **kwargs)

    return command


def for_graders(function: Callable[..., int]) -> Callable[..., int]:
    """Give a grader's command the option --content. A folder of one's own needs no question.

    Neither a workspace nor a `course.toml` is looked for upward: where a hand-in is graded in its own
    folder, both would be the learner's, and so would the checks.
    """

    @grader_content_option
    @functools.wraps(function)
    def command(*args: Any, content: str | None, **kwargs: Any) -> int:
        _hold_own(_asked(content))
        return function(*args, **kwargs)

    return command


def hold_authors_content(content: str | None) -> Path:
    """Work with this content, or the one that the current folder lies in, or ours; returns its folder."""
    return _hold_own(_asked(content) or _content_upward())


def _hold_own(asked: str) -> Path:
    """Work with the content `asked` for, or ours where that is ""; only what comes from elsewhere is
    asked about."""
    from torchcamp.course.content import OURS

    asked = asked or OURS
    is_folder = "://" not in asked and Path(asked).expanduser().is_dir()
    return _hold(bring(asked) if is_folder else agreed_content(asked))


def folder_to_write(content: str | None) -> Path:
    """The content folder into which an author's new files go: a typed one need not exist yet."""
    from torchcamp.base.paths import CONTENT
    from torchcamp.course.content import OURS

    asked = _asked(content) or _content_upward() or OURS
    if asked == OURS:
        return CONTENT
    folder = Path(os.path.realpath(Path(asked).expanduser()))
    if "://" in asked or folder.is_file():
        raise UserError(
            f"{asked} is not a folder: new content is written into a folder of your own"
        )
    return folder


def hold_language(language: str | None) -> None:
    """Speak `language` from now on, where one is given."""
    from torchcamp.course.settings import LANGUAGE_VARIABLE, language_code

    if language is not None:
        os.environ[LANGUAGE_VARIABLE] = language_code(language)


def hold_workspaces_choice(
    workspace: Path, content: str | None, language: str | None, *, yes: bool
) -> None:
    """Choose content and language for `torchcamp start`, and let the workspace remember them.

    Args:
        workspace: its folder, which need not exist yet.
        content, language: as typed; else the environment's, else what the workspace remembers.
        yes: the user agrees to run the content's code.

    Raises:
        UserError: the content does not exist, the user does not agree, or the workspace is in use or
            holds progress of another course.
    """
    from torchcamp.course import settings as remembered
    from torchcamp.course.content import OURS, course, local_content
    from torchcamp.course.own_content import origin_of
    from torchcamp.course.server.launch import HANDOVER_SECONDS
    from torchcamp.course.translation import languages
    from torchcamp.course.workspace import hold, remember

    settings = remembered.read_settings(workspace)
    if asked := _asked(content):
        folder = agreed_content(asked, yes=yes)
    else:  # a stranger's workspace may not make us fetch anything
        folder = _agreed(local_content(settings.content or OURS), settings.content, yes=yes)
    _hold(folder)
    hold_language(language)
    if not os.environ.get(remembered.LANGUAGE_VARIABLE):
        hold_language(settings.language or remembered.ENGLISH)
    code = remembered.language()
    with contextlib.ExitStack() as stack:
        if (workspace / remembered.MARK).is_dir():
            # What is open in a page stays as it is.
            stack.enter_context(hold(workspace, wait=HANDOVER_SECONDS))
        remember(workspace, course(), code)
    if not course().is_ours:
        say(f"content: {course().title}, from {origin_of(folder)}")
    places = {lesson.content for lesson in course().lessons}
    if code != remembered.ENGLISH and not any(code in languages(place) for place in places):
        say(f"nothing of this course is translated into {code!r}: it is shown in English")


def agreed_content(asked: str, *, yes: bool = False) -> Path:
    """The folder of the content `asked` for, brought to this machine, whose code may run.

    Args:
        yes: the user has agreed already, on the command line.

    Raises:
        UserError: the content does not exist, or the user does not agree to run its code.
    """
    return _agreed(bring(asked), asked, yes=yes)


def _agreed(folder: Path, asked: str, *, yes: bool) -> Path:
    from torchcamp.course.content import may_run, read_course
    from torchcamp.course.own_content import origin_of
    from torchcamp.course.settings import agree

    if may_run(folder):
        return folder
    course, origin = read_course(folder), origin_of(folder)
    say(f"{course.title!r}, from {origin}")
    say(
        "its lessons and checks are Python that runs on this machine with all that you may do: open "
        "only what comes from somebody you trust"
    )
    if origin.startswith("http://"):
        say("it came over a connection that is not encrypted: others may have changed it")
    if str(folder) != origin:
        say(f"to look at it first: {folder}")
    if not yes and not (sys.stdin.isatty() and click.confirm("Run it?", err=True)):
        raise UserError(
            f"the code of {origin} was not run: type torchcamp start --content {asked} in a terminal and "
            "agree, or add --yes"
        )
    agree(folder)
    return folder


def bring(asked: str) -> Path:
    """The folder of the content `asked` for; a download shows its progress."""
    from torchcamp.course.own_content import bring_content

    if "://" not in asked:
        return bring_content(asked)
    if not sys.stderr.isatty():
        say("fetching the content ...")
        return bring_content(asked, _Lines())
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    columns = (TextColumn("fetching the content"), BarColumn(), DownloadColumn())
    from torchcamp.base.terminal import open_console

    with Progress(*columns, console=open_console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        return bring_content(asked, lambda done, of: bar.update(task, completed=done, total=of))


class _Lines:
    """A download's progress, a line now and then."""

    def __init__(self) -> None:
        self.said = time.monotonic()

    def __call__(self, done: int, of: int | None) -> None:
        if time.monotonic() - self.said >= SECONDS_BETWEEN_LINES:
            self.said = time.monotonic()
            say(f"{done / 1e6:,.1f}{f' of {of / 1e6:,.1f}' if of else ''} MB")


def _hold(folder: Path) -> Path:
    from torchcamp.course.content import CONTENT_VARIABLE

    os.environ[CONTENT_VARIABLE] = str(folder)
    return folder


def _asked(content: str | None) -> str:
    """What is typed after --content, else what the environment names, else ""."""
    from torchcamp.course.content import CONTENT_VARIABLE

    if content is not None and not content.strip():
        raise UserError("--content is empty: type a folder, a .zip, an address or a name after it")
    return content or os.environ.get(CONTENT_VARIABLE, "")


def _content_upward() -> str:
    """The nearest folder upward from here that is content, but none around the repository we are in."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "course.toml").is_file():
            return str(folder)
        if (folder / ".git").exists():
            break
    return ""
