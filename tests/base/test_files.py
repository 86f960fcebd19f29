"""What an atomic write replaces, and what it must not."""

import os
from pathlib import Path

import pytest

from torchcamp.base.files import save_text


def test_a_file_is_replaced(tmp_path: Path):
    path = tmp_path / "page.html"
    for text in ("old", "new"):
        save_text(path, text)
    assert path.read_text(encoding="utf-8") == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_no_file_is_not_replaced(tmp_path: Path):
    """As root, a rename would put the file in the place of /dev/null."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, tmp_path):
        with pytest.raises(OSError, match="expected a file") as caught:
            save_text(path, "text")
        assert caught.value.filename == str(path)
    assert pipe.is_fifo()
