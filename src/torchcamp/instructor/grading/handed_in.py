"""The files of a folder or a zip of submissions, with the zips inside it opened too.

Nothing is unpacked and nothing is written. What a grader wants is read into memory: Python files and
`.torchcamp/progress.json`, regular ones, each up to a limit. The names inside an archive only say
whose file it is, so `..` can lead nowhere; such names are refused all the same, and said.
"""

import io
import os
import stat
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from torchcamp.base.archives import (
    BROKEN,
    Refused,
    member_content,
    member_parts,
    open_zip,
    reason,
    require_plain,
)
from torchcamp.base.errors import UserError

MOST_ANSWER = 2**20  # bytes of one Python file, or of a progress.json
MOST_ARCHIVE = 256 * 2**20  # of a zip inside a zip
MOST_TOTAL = 2**30  # of all that is read
MOST_ENTRIES = 500_000  # files and folders of one hand-in
MOST_NESTED_ENTRIES = 20_000  # of a zip inside a zip
DEEPEST = 2  # zips inside each other: a learner's, and what the learner packed in it
MOST_FOLDERS = 40  # folders inside each other
MOST_NOTICES = 5  # about the names in one archive

# Folders that hold no answers: copies of ours, runs, version control, other people's packages.
LEFT_OUT = {
    "lessons", "runs", "backups", "__pycache__", "__MACOSX", ".git", ".github", ".venv", "venv", "env",
    "site-packages", "node_modules", ".ipynb_checkpoints", ".idea", ".vscode",
}  # fmt: skip
PROGRESS = (".torchcamp", "progress.json")
OTHER_ARCHIVES = (".tar", ".tgz", ".gz", ".bz2", ".xz", ".7z", ".rar")


@dataclass(frozen=True, kw_only=True)
class HandedIn:
    """A file: its folders and its name, a zip counting as a folder, and what it holds.

    problem: why it was not read; `content` is None then.
    """

    parts: tuple[str, ...]
    content: bytes | None
    problem: str = ""

    @property
    def path(self) -> str:
        return "/".join(self.parts)


@dataclass(kw_only=True)
class Listing:
    """What was found.

    name: of the folder or zip. repositories: folders that are Git repositories. notices: a sentence
    for each thing that was skipped.
    """

    name: str
    files: list[HandedIn] = field(default_factory=list)
    repositories: set[tuple[str, ...]] = field(default_factory=set)
    notices: list[str] = field(default_factory=list)


def list_files(source: Path) -> Listing:
    """Every file under `source`, a folder or a zip, that a grader may want.

    Raises:
        UserError: it is neither, cannot be opened, is encrypted, or holds too much.
    """
    path = Path(os.path.realpath(source))
    if path.is_dir():
        reader = _Reader(path.name or str(path))
        reader.read_folder(path, ())
    elif path.is_file():
        if not zipfile.is_zipfile(path):
            other = path.name.lower().endswith(OTHER_ARCHIVES)
            raise UserError(
                f"{source} is not a zip; "
                + (
                    "unpack it, and name the folder"
                    if other
                    else "name a folder or a zip of answers"
                )
            )
        reader = _Reader(path.stem)
        try:
            with open_zip(path, MOST_ENTRIES) as archive:
                reader.read_zip(archive, (), path.name, 0)
        except Refused as refused:
            raise UserError(f"{source} {refused}") from refused
    elif path.exists():
        raise UserError(
            f"{source} is neither a folder nor a file; name a folder or a zip of answers"
        )
    else:
        raise UserError(f"{source} does not exist; name a folder or a zip of answers")
    return reader.listing


class _Reader:
    def __init__(self, name: str) -> None:
        self.listing = Listing(name=name)
        self.num_entries = self.num_bytes = 0
        self.known: dict[bytes, bytes] = {}  # so that a thousand untouched starters are one

    # --- Folders --------------------------------------------------------------------------------

    def read_folder(self, folder: Path, parts: tuple[str, ...]) -> None:
        if len(parts) > MOST_FOLDERS:
            self.notice(f"{_shown(parts)} lies in more than {MOST_FOLDERS} folders; skipped")
            return
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            self.notice(f"{_shown(parts)} cannot be read ({reason(error)}); skipped")
            return
        self.count(len(entries))
        for entry in entries:
            here = (*parts, entry.name)
            if entry.is_symlink():
                if entry.name not in LEFT_OUT:
                    self.notice(f"{_shown(here)} is a link; links are not followed")
            elif entry.is_dir(follow_symlinks=False):
                if entry.name == ".git":
                    self.listing.repositories.add(parts)
                if entry.name not in LEFT_OUT:
                    self.read_folder(Path(entry.path), here)
            elif not entry.is_file(follow_symlinks=False):
                self.notice(f"{_shown(here)} is not a regular file; skipped")
            elif entry.name.lower().endswith(".zip"):
                self.read_zip_file(Path(entry.path), here)
            elif _is_wanted(here):
                self.add(here, lambda path=entry.path: _regular_content(path))
            else:
                self.notice_other_archive(here)

    def read_zip_file(self, path: Path, parts: tuple[str, ...]) -> None:
        """A zip that lies in a folder of submissions; a damaged one is only that learner's loss."""
        try:
            with _opened(path) as file, open_zip(file, MOST_ENTRIES) as archive:
                self.read_zip(archive, _as_folder(parts), _shown(parts), 1)
        except Refused as refused:
            self.notice(f"{_shown(parts)} {refused}; skipped")
        except OSError as error:
            self.notice(f"{_shown(parts)} cannot be read ({reason(error)}); skipped")

    # --- Zips -----------------------------------------------------------------------------------

    def read_zip(
        self, archive: zipfile.ZipFile, parts: tuple[str, ...], label: str, depth: int
    ) -> None:
        """Every file of a zip.

        Args:
            parts: the folders that it stands for.
            label: what messages call it.
            depth: how many zips it lies in.
        """
        refused: Counter[str] = Counter()
        infos = sorted(archive.infolist(), key=lambda info: info.filename)
        self.count(len(infos))
        for info in infos:
            try:
                self.read_entry(archive, info, parts, label, depth)
            except Refused as error:
                refused[str(error)] += 1
                if refused.total() <= MOST_NOTICES:
                    self.notice(f"{_shown((info.orig_filename,))} in {label} {error}; skipped")
        if refused.total() > MOST_NOTICES:
            self.notice(f"{label}: {refused.total() - MOST_NOTICES:,} more files were skipped")

    def read_entry(
        self,
        archive: zipfile.ZipFile,
        info: zipfile.ZipInfo,
        parts: tuple[str, ...],
        label: str,
        depth: int,
    ) -> None:
        inside = member_parts(info)
        if info.is_dir() or not inside:
            if inside and inside[-1] == ".git":
                self.listing.repositories.add((*parts, *inside[:-1]))
            return
        if ".git" in inside:
            self.listing.repositories.add((*parts, *inside[: inside.index(".git")]))
        if LEFT_OUT & set(inside[:-1]):
            return
        require_plain(info)
        here = (*parts, *inside)
        if here[-1].lower().endswith(".zip"):
            if depth == DEEPEST:
                raise Refused("lies in too many zips")
            content = io.BytesIO(member_content(archive, info, MOST_ARCHIVE))
            with open_zip(content, MOST_NESTED_ENTRIES) as nested:
                self.read_zip(nested, _as_folder(here), f"{label}/{'/'.join(inside)}", depth + 1)
        elif _is_wanted(here):
            self.add(here, lambda: member_content(archive, info, MOST_ANSWER))
        else:
            self.notice_other_archive(here)

    # --- What both lead to ----------------------------------------------------------------------

    def add(self, parts: tuple[str, ...], read: Callable[[], bytes]) -> None:
        """Keep a file; one that cannot be read is kept with the reason."""
        try:
            content = read()
        except Refused as refused:
            self.listing.files.append(HandedIn(parts=parts, content=None, problem=str(refused)))
            return
        except BROKEN as error:
            problem = f"cannot be read ({reason(error)})"
            self.listing.files.append(HandedIn(parts=parts, content=None, problem=problem))
            return
        if content not in self.known:
            self.num_bytes += len(content)
            if self.num_bytes > MOST_TOTAL:
                raise UserError(
                    f"{self.listing.name} holds more than {MOST_TOTAL >> 20:,} MB of Python files; name "
                    "the folder or zip that holds only the answers"
                )
        content = self.known.setdefault(content, content)
        self.listing.files.append(HandedIn(parts=parts, content=content))

    def count(self, number: int) -> None:
        self.num_entries += number
        if self.num_entries > MOST_ENTRIES:
            raise UserError(
                f"{self.listing.name} holds more than {MOST_ENTRIES:,} files; name the folder or zip "
                "that holds only the answers"
            )

    def notice_other_archive(self, parts: tuple[str, ...]) -> None:
        if parts[-1].lower().endswith(OTHER_ARCHIVES):
            self.notice(f"{_shown(parts)} is not a zip; unpack it first; skipped")

    def notice(self, sentence: str) -> None:
        self.listing.notices.append(sentence)


def _is_wanted(parts: tuple[str, ...]) -> bool:
    if parts[-2:] == PROGRESS:
        return True
    return parts[-1].lower().endswith(".py") and not parts[-1].startswith("._")


def _opened(path: str | Path) -> BinaryIO:
    """A regular file; a link or a pipe that took its place meanwhile is refused."""
    file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise Refused("is not a regular file")
    return file


def _regular_content(path: str) -> bytes:
    """What an answer's file holds."""
    with _opened(path) as file:
        content = file.read(MOST_ANSWER + 1)
    if len(content) > MOST_ANSWER:
        raise Refused(f"is larger than {MOST_ANSWER >> 20} MB")
    return content


def _as_folder(parts: tuple[str, ...]) -> tuple[str, ...]:
    return (*parts[:-1], parts[-1][: -len(".zip")])


def _shown(parts: tuple[str, ...]) -> str:
    name = "/".join(parts)
    return repr(name if len(name) <= 120 else f"{name[:60]}…{name[-59:]}")
