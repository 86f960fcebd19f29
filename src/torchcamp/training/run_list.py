"""What a run.json may hold, checked where it is read. Does not import torch, to be quick.

Anybody may have edited, copied or cut a run's folder: whoever uses a description gets it from
`read_description`, which returns one that has every entry in its form, or says in one sentence what
is wrong with the file.
"""

import json
import os
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from torchcamp.base.errors import RunError
from torchcamp.base.files import MOST_TEXT, require_regular

# Written into each run.json. Raised when what is written changes so that this code would read it
# wrongly; files from before formats were numbered have none, and are read.
FORMAT = 1
REQUIRED = ("recipe", "preset", "numbers", "data", "device", "precision", "threads", "log_every",
            "command", "started", "finished")  # fmt: skip

Check = Callable[[Any], bool]


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31


def _or_none(check: Check) -> Check:
    return lambda value: value is None or check(value)


def _list_of(check: Check) -> Check:
    return lambda value: isinstance(value, list) and all(check(each) for each in value)


def _dict_of(check: Check) -> Check:
    return lambda value: isinstance(value, dict) and all(check(each) for each in value.values())


def _fields(**checks: Check) -> Check:
    """A dict that has all of these entries, and perhaps more."""
    return lambda value: (
        isinstance(value, dict)
        and all(name in value and check(value[name]) for name, check in checks.items())
    )


def _time(value: Any) -> bool:
    try:
        datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return False
    return True


def _data(value: Any) -> bool:
    if not _fields(name=_text, sha256=_text)(value):
        return False
    levels = value.get("levels", [0, 255])
    return _list_of(_number)(levels) and len(levels) == 2 and levels[0] < levels[1]


def _measure(value: Any) -> bool:
    optional = {"error", "floor", "ceiling"}
    return (
        _fields(value=_number, unit=_text, num_samples=_number, error=_or_none(_number))(value)
        and value.keys() <= optional | {"value", "unit", "num_samples"}
        and all(_or_none(_number)(value.get(name)) for name in optional)
    )


def _details(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    names, counts = value.get("class_names", []), value.get("confusion", [])
    return (
        _list_of(_text)(names)
        and _list_of(_list_of(_number))(counts)
        and all(len(row) == len(counts) for row in counts)
        and ("confusion" not in value or 0 < len(counts) == len(names))
        and _list_of(_text)(value.get("notes", []))
        and all(_or_none(_text)(value.get(name)) for name in ("nats_kind", "binarisation"))
    )


# Entry -> whether its value has the right form, and that form in words.
ENTRIES: dict[str, tuple[Check, str]] = {
    "recipe": (lambda value: _text(value) and value != "", "a recipe's name"),
    "preset": (_or_none(_text), "a preset's name or null"),
    "numbers": (lambda v: isinstance(v, dict) and isinstance(v.get("model", {}), dict), "settings"),
    "data": (_data, "a name and a hash"),
    "class_names": (_list_of(_text), "a list of names"),
    "image_shape": (_list_of(_count), "a list of whole numbers"),
    "notes": (_list_of(_text), "a list of sentences"),
    "device": (_text, "a device's name"),
    "precision": (_text, "a precision's name"),
    "threads": (_count, "a whole number"),
    "log_every": (_count, "a whole number"),
    "versions": (_dict_of(_or_none(_text)), "the versions of packages"),
    "command": (_list_of(_text), "a list of words"),
    "started": (_time, "a time"),
    "finished": (_or_none(_time), "a time or null"),
    "seconds": (_number, "a number"),
    "train_seconds": (_number, "a number"),
    "capture_seconds": (_number, "a number"),
    "best_epoch": (_number, "a number"),
    "summary": (_dict_of(_number), "numbers by their names"),
    "measures": (_dict_of(_measure), "measures by their names"),
    "details": (_details, "class names, their confusion matrix, notes"),
    "measures_key": (_text, "a hash"),
    "parent": (_or_none(_fields(name=_text)), "the run that it began with, or null"),
}
MEASURED = ("summary", "measures", "details")  # belong together


def is_evaluation(content: Any) -> bool:
    """Whether `content` has the measures, summary and details that an evaluation is made of."""
    return isinstance(content, dict) and all(
        name in content and ENTRIES[name][0](content[name]) for name in MEASURED
    )


def read_description(folder: Path) -> dict[str, Any]:
    """The content of a run's run.json, in which every entry has its form.

    Raises:
        RunError: it cannot be read, is from a later version, or is not as a training writes it.
    """
    file = folder / "run.json"
    try:
        require_regular(file, MOST_TEXT)
        content = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise RunError(f"cannot read {file}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:  # not UTF-8, not JSON, too deep
        reason = str(error) if isinstance(error, json.JSONDecodeError) else type(error).__name__
        raise RunError(f"{file} is damaged: it is not JSON ({reason})") from error
    problem = _problem(content)
    if problem:
        raise RunError(f"{file} is not as a training writes it: {problem}")
    return content


def _problem(content: Any) -> str | None:
    """What is wrong with the content of a run.json, after a colon; None if nothing is."""
    if not isinstance(content, dict):
        return f"it holds a {type(content).__name__}; expected entries by their names"
    version = content.get("format", 0)
    if not isinstance(version, int) or version > FORMAT:
        return (
            f"it has the format {version!r}, and this torchcamp reads up to {FORMAT}; update with: "
            "pip install --upgrade torchcamp"
        )
    missing = [name for name in REQUIRED if name not in content]
    if missing:
        return f"it has no {missing[0]!r}"
    for name, (check, form) in ENTRIES.items():
        if name in content and not check(content[name]):
            return f"{name!r} is not {form}"
    return None


def run_descriptions(
    roots: Iterable[Path], report: Callable[[str], None] = lambda line: None
) -> list[tuple[Path, dict[str, Any]]]:
    """Each run's folder and the content of its run.json, oldest first.

    Args:
        roots: folders that hold runs.
        report: called with a sentence about each folder whose run.json cannot be used; it is left
            out.
    """
    runs: list[tuple[tuple[str, float], Path, Mapping[str, Any]]] = []
    for root in roots:
        for folder in root.glob("*"):
            file = folder / "run.json"
            if not os.path.lexists(file):
                continue
            try:
                description = read_description(folder)
                runs.append(((description["started"], file.stat().st_mtime), folder, description))
            except (RunError, OSError) as error:
                report(str(error))
    runs.sort(key=lambda run: run[0])
    return [(path, dict(description)) for _, path, description in runs]
