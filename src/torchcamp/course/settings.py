"""What a workspace remembers, and the contents whose code its owner has agreed to run.

`.torchcamp/settings.json`:

    content    the folder of the course's content, or the name of an installed one; "" is ours
    title      the content's title, so that a newer copy of it is known as the same course
    language   such as "de"; "" is English
    owners     exercise -> the title of the course that its answer and progress belong to, "" for
               ours; written when another course comes into the workspace

What was agreed to stands in the user's data folder, never in the workspace: a workspace may come
from somebody else, and must not agree for its owner.
"""

import json
import os
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path

import platformdirs

from torchcamp.base.errors import UserError, WorkspaceError
from torchcamp.base.files import regular_text, save_text, text_hash

MARK = ".torchcamp"
LANGUAGE_VARIABLE = "TORCHCAMP_LANGUAGE"
ENGLISH = "en"
CODE = re.compile(r"[a-z]{2,3}(?:-[A-Z]{2})?")  # of a language


def find_workspace(start: Path | None = None) -> Path | None:
    """The nearest folder upward from `start` (or here) that holds `.torchcamp/`, or None."""
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if (folder / MARK).is_dir():
            return folder
    home = Path.home() / "torchcamp"
    return home if (home / MARK).is_dir() else None


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The entries of `settings.json`."""

    content: str = ""
    title: str = ""
    language: str = ""
    owners: dict[str, str] = field(default_factory=dict)


def read_settings(workspace: Path | None) -> Settings:
    """What `workspace` remembers; nothing where there is no workspace, or it has no such file.

    Raises:
        WorkspaceError: the file cannot be read.
    """
    path = workspace / MARK / "settings.json" if workspace else None
    if path is None or not path.exists():
        return Settings()
    try:
        entries = json.loads(regular_text(path))
        settings = Settings(**entries)
        if not all(
            isinstance(value, dict if key == "owners" else str) for key, value in entries.items()
        ):
            raise TypeError("an entry is of another type")
    except (OSError, ValueError, TypeError, RecursionError) as error:
        words = getattr(error, "strerror", None) or error
        raise WorkspaceError(
            f"{path} is damaged ({words}); move it away and type: torchcamp start"
        ) from error
    return settings


def write_settings(workspace: Path, settings: Settings) -> None:
    """Replace what `workspace` remembers.

    Raises:
        OSError: it cannot be written.
    """
    (workspace / MARK).mkdir(parents=True, exist_ok=True)
    save_text(workspace / MARK / "settings.json", json.dumps(asdict(settings), indent=2) + "\n")


def language() -> str:
    """The language of statements and messages: TORCHCAMP_LANGUAGE, else the workspace's, else English.

    Raises:
        UserError: it is not the code of a language.
    """
    code = os.environ.get(LANGUAGE_VARIABLE) or read_settings(find_workspace()).language
    return language_code(code) if code else ENGLISH


def language_code(code: str) -> str:
    """`code`, where it can be the code of a language.

    Raises:
        UserError: it cannot.
    """
    if not CODE.fullmatch(code):
        raise UserError(f"{code!r} is not the code of a language, such as de, fr or pt-BR")
    return code


def data_dir() -> Path:
    """Where torchcamp keeps on this system what must outlive a cleaned cache."""
    return Path(platformdirs.user_data_dir("torchcamp", appauthor=False))


def is_agreed(folder: Path) -> bool:
    """Whether the user has agreed to run the code of the content in `folder`."""
    return _agreement(folder).is_file()


def agree(folder: Path) -> None:
    """Remember that the user agrees to run the code of the content in `folder`.

    Raises:
        OSError: it cannot be written.
    """
    path = _agreement(folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_text(path, f"{folder}\n")


def _agreement(folder: Path) -> Path:
    return data_dir() / "agreed" / text_hash(str(folder))
