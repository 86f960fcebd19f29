"""A local page that leads the browser to the course.

What stands on a browser's command line can be read by every user of the machine. So the browser is
given the name of a file that only its owner can read, and the file holds the address.
"""

import contextlib
import os
import tempfile
import webbrowser
from collections.abc import Iterator
from pathlib import Path

from torchcamp.pages.page import render_page

PAGE = "open-course.html"


def open_browser(page: Path, address: str) -> bool:
    """Write `page`, of mode 0600, and open it in the browser, which goes on to `address`.

    Returns:
        Whether a browser was found.
    """
    with contextlib.suppress(FileNotFoundError):
        page.unlink()  # not opened for writing: its mode, or what it links to, could be anything
    handle = os.open(page, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(handle, "w", encoding="utf-8") as stream:
        stream.write(
            render_page("course/server/opening.html", title="Opening the course", address=address)
        )
    return webbrowser.open(page.as_uri())


@contextlib.contextmanager
def place_for_page(workspace: Path) -> Iterator[Path]:
    """Where the page can be written, and the browser can read it; removed at the end.

    The workspace, because browsers installed as snaps see neither /tmp nor hidden folders; on a
    read-only disk a temporary folder.
    """
    with tempfile.TemporaryDirectory() as folder:
        page = (workspace if os.access(workspace, os.W_OK) else Path(folder)) / PAGE
        try:
            yield page
        finally:
            page.unlink(missing_ok=True)
