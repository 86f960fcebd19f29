"""torchcamp as a tile in JupyterLab, on one's own machine or on a JupyterHub (docs/class-server.md).

jupyter-server-proxy finds `setup_torchcamp` through its entry point `jupyter_serverproxy_servers`, in
every Jupyter server of the environment: this module loads nothing.
"""

import sys
from pathlib import Path
from typing import Any

START_SECONDS = 120  # for the first start on a busy machine with a slow disk


def setup_torchcamp() -> dict[str, Any]:
    """How jupyter-server-proxy starts the course and shows it.

    Jupyter lets the user in, and asks the course for its pages through a Unix socket in a folder of
    that user's. A port would be open to every user of the machine, and free to whoever takes it first.
    """
    return {
        # -P: no file of the learner's stands in for a package.
        "command": [sys.executable, "-P", "-m", "torchcamp", "start", "--socket", "{unix_socket}"],
        "unix_socket": True,
        "timeout": START_SECONDS,
        "new_browser_tab": True,  # its pages refuse to be shown in a frame
        "launcher_entry": {
            "title": "torchcamp",
            "icon_path": str(Path(__file__).with_name("icon.svg")),
        },
    }
