"""Content of one's own, from an empty folder to a lesson that a class opens by a link.

The end-to-end test types the commands of docs/own-content.md and writes its files.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from tests.cli.program import one_line, torchcamp
from tests.conftest import Mirror

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


@pytest.fixture
def vision(tmp_path: Path) -> Path:
    return write_files(tmp_path)


def environment(folder: Path) -> dict[str, str]:
    return os.environ | {"HOME": str(folder), "XDG_DATA_HOME": str(folder / "data")}


class Course:
    """`torchcamp start` in a process of its own, and its pages."""

    def __init__(self, folder: Path, *args: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "torchcamp", "start", "--no-browser", "--port", "0", *args],
            cwd=folder,
            env=environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        jar = urllib.request.HTTPCookieProcessor(CookieJar())
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), jar)
        assert self.process.stdout
        line = ""
        for line in self.process.stdout:
            if line.startswith("open: "):
                break
        else:
            raise AssertionError(self.process.communicate()[1])
        self.address = line.removeprefix("open: ").strip()
        self.home = self.page("")

    def page(self, path: str) -> str:
        root = self.address.partition("?")[0]
        with self.opener.open(f"{root}{path}" if path else self.address, timeout=20) as answer:
            return answer.read().decode()

    def stop(self) -> str:
        """What it said on standard error."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.communicate(timeout=20)[1]


@pytest.fixture
def opened() -> Iterator[list[Course]]:
    courses: list[Course] = []
    yield courses
    for course in courses:
        if course.process.poll() is None:
            course.stop()
