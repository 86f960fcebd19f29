"""List the runs in some folders by their run.json. Does not import torch, to be quick."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def run_descriptions(roots: Iterable[Path]) -> list[tuple[Path, dict[str, Any]]]:
    """Each run's folder and the content of its run.json, oldest first.

    Folders whose run.json cannot be read are skipped.
    """
    runs = []
    for root in roots:
        for file in root.glob("*/run.json"):
            try:
                runs.append((file.parent, json.loads(file.read_text()), file.stat().st_mtime))
            except (OSError, json.JSONDecodeError):
                continue
    runs.sort(key=lambda run: (run[1].get("started", ""), run[2]))
    return [(path, description) for path, description, _ in runs]
