"""The runs in some folders, by their run.json. Without torch: listing must be quick."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def run_descriptions(roots: Iterable[Path]) -> list[tuple[Path, dict[str, Any]]]:
    """Each run's folder and the content of its run.json, the one that was started last at the end.

    Folders whose run.json cannot be read are left out.
    """
    found = []
    for root in roots:
        for file in root.glob("*/run.json"):
            try:
                found.append((file.parent, json.loads(file.read_text()), file.stat().st_mtime))
            except (OSError, json.JSONDecodeError):
                continue
    found.sort(key=lambda run: (run[1].get("started", ""), run[2]))
    return [(path, description) for path, description, _ in found]
