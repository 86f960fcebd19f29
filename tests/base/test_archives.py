"""A zip archive from elsewhere is unpacked whole, or refused with one sentence that names the reason."""

import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from torchcamp.base import archives
from torchcamp.base.archives import unpack_zip
from torchcamp.base.errors import UserError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def write(path: Path, members: dict[str, bytes], kind: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", kind) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_files_come_out_as_they_went_in(tmp_path: Path, folder: Path):
    members = {"a/b.txt": b"b" * 3000, "ä.txt": "ä".encode(), "empty": b""}
    litter = {"__MACOSX/a/._b.txt": b"x", "a/.DS_Store": b"x"}
    unpack_zip(write(tmp_path / "good.zip", members | {"a/": b""} | litter), folder)
    found = {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    assert found == members


def special(kind: int) -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        info = zipfile.ZipInfo("other")
        info.create_system, info.external_attr = 3, (kind | 0o644) << 16
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(info, "/etc/passwd")
        return path

    return make


def encrypted(path: Path) -> Path:
    content = bytearray(write(path, {"secret": b"x"}).read_bytes())
    content[content.index(b"PK\1\2") + 8] |= 1  # the flag of the central directory
    path.write_bytes(content)
    return path


def spoiled(path: Path) -> Path:
    content = bytearray(write(path, {"a": bytes(range(256)) * 9}, zipfile.ZIP_STORED).read_bytes())
    content[60] ^= 255
    path.write_bytes(content)
    return path


def cut(path: Path) -> Path:
    content = write(path, {"a": bytes(range(256)) * 9}).read_bytes()
    path.write_bytes(content[:-30])
    return path


def lying(path: Path) -> Path:
    """Its directory says that the file is small."""
    content = bytearray(write(path, {"a": bytes(5000)}).read_bytes())
    at = content.index(b"PK\1\2") + 24
    content[at : at + 4] = (10).to_bytes(4, "little")
    path.write_bytes(content)
    return path


def named(*names: str) -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        with zipfile.ZipFile(path, "w") as archive:
            for name in names:
                info = zipfile.ZipInfo("x")
                info.filename = info.orig_filename = name
                archive.writestr(info, "x")
        return path

    return make


def text(path: Path) -> Path:
    path.write_text("<html>not found</html>")
    return path


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (named("../up"), "'../up' in bad.zip has a name that leads out of the archive"),
        (named("a/../../up"), "leads out of the archive"),
        (named("/abs"), "has an absolute name"),
        (named("C:/abs"), "has an absolute name"),
        (named("a\\..\\b"), "leads out of the archive"),
        (named("a\nb"), "control characters"),
        (named("a\0b"), "control characters"),
        (named("x" * 300), "a name of 300 characters"),
        (named("a", "a"), "'a' twice"),
        (named("Read.me", "read.ME"), "'read.ME' twice"),
        (named("\u00e4", "a\u0308"), "twice"),
        (named("a", "a/b"), "'a' as a file and as a folder"),
        (special(stat.S_IFLNK), "'other' in bad.zip is a link"),
        (special(stat.S_IFIFO), "is not a regular file"),
        (encrypted, "is encrypted"),
        (spoiled, "damaged"),
        (cut, "damaged"),
        (lying, "damaged"),
        (text, "is not a zip"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_what_is_refused(tmp_path: Path, folder: Path, make: Callable[[Path], Path], words: str):
    path = make(tmp_path / "bad.zip")
    with pytest.raises(UserError, match=r"bad\.zip") as refused:
        unpack_zip(path, folder)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)
    outside = [p for p in tmp_path.rglob("*") if not p.is_relative_to(folder) and p != path]
    assert outside == []


def test_what_is_too_large_is_refused_before_it_is_written(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    bomb = write(tmp_path / "bomb.zip", {"zeros": bytes(archives.RATIO_FROM + 1)})
    with pytest.raises(UserError, match=r"'zeros' in bomb\.zip grows more than a hundredfold"):
        unpack_zip(bomb, folder)
    fair = write(tmp_path / "fair.zip", {"a": b"12345", "b": b"67890"})
    for name, most, words in (
        ("MOST_BYTES", 9, "MB unpacked"),
        ("MOST_FILES", 1, "holds more than 1 files"),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(archives, name, most)
            with pytest.raises(UserError, match=words):
                unpack_zip(fair, folder)
    assert list(folder.iterdir()) == []
    unpack_zip(fair, folder)
    assert len(list(folder.iterdir())) == 2
