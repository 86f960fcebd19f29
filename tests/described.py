"""The content of a run.json, for tests that need a run and train none."""

from typing import Any


def described(**entries: Any) -> dict[str, Any]:
    """Every entry that a run.json must have, with `entries` in place of some."""
    return {
        "recipe": "cnn",
        "preset": "default",
        "numbers": {},
        "data": {"name": "digits", "sha256": "0"},
        "device": "cpu",
        "precision": "fp32",
        "threads": 1,
        "log_every": 50,
        "command": ["torchcamp"],
        "started": "2026-01-01T10:00:00+0000",
        "finished": None,
    } | entries
