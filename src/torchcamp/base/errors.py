"""Errors whose message is written for the person who typed the command.

    UserError
    ├── DataError       a data set that cannot be found, fetched or used
    ├── DeviceError     a device or precision that this machine or recipe does not have
    ├── RecipeError     an unknown recipe, preset or setting, or values that make no sense together
    ├── RunError        a run folder that is missing, in use, damaged, or does not fit the request
    │   └── Diverged    a loss or a weight became infinite or nan
    ├── ReadError       code that cannot be found, loaded or run by the reader
    ├── ContentError    course content that is inconsistent
    ├── WorkspaceError  a workspace that cannot be made or used
    │   └── Held        a workspace whose lessons are open in a page
    └── ToldElsewhere   what another process of the same training tells the user

The message is one line: what is wrong, what was expected, what to type next. The command line prints
it and exits with 2. Any other exception is a bug in torchcamp and keeps its traceback.
"""

import difflib
from collections.abc import Iterable, Mapping

CUTOFF = 0.6  # similarity from which a name counts as a misspelling of another (difflib's ratio)


class UserError(Exception):
    """Something the user asked for cannot be done."""


class DataError(UserError):
    """A data set that cannot be found, fetched or used."""


class DeviceError(UserError):
    """A device or precision that this machine or this recipe does not have."""


class RecipeError(UserError):
    """A recipe, preset or setting that does not exist or does not make sense."""


class RunError(UserError):
    """A run folder that is missing, in use, damaged, or does not fit the request."""


class Diverged(RunError):
    """A loss or a weight became infinite or nan; the last checkpoint is from before."""


class ReadError(UserError):
    """Code that the reader cannot find, load or run."""


class ContentError(UserError):
    """Course content that is inconsistent: a defect of the course, not the learner's mistake."""


class WorkspaceError(UserError):
    """A workspace that cannot be made or used."""


class Held(WorkspaceError):
    """A server has locked the workspace: its lessons are open in a page."""


class ToldElsewhere(UserError):
    """What another process of the same training tells the user: this one ends in silence."""


def first_line(error: BaseException) -> str:
    """An exception's type and the first line of its message, also where its `str` raises."""
    try:
        words = str(error).strip()
    except Exception:
        words = "its message cannot be shown"
    return f"{type(error).__name__}: {words}".splitlines()[0].removesuffix(": ")


def suggest(
    name: str,
    known: Iterable[str],
    *,
    listed_as: str = "Available",
    otherwise: str | None = None,
    aliases: Mapping[str, str] | None = None,
) -> str:
    """The sentence that follows "unknown recipe 'cn'.": the nearest known name, else all of them.

    Args:
        name: what the user typed.
        known: the names that exist.
        listed_as: heading of the list, as in "Settings: lr, epochs."
        otherwise: replaces the list where the list would be long.
        aliases: other names that people use, each with the known name it stands for.

    Returns:
        "Did you mean 'cnn'?", or "Available: cnn, mlp." where no name is close.
    """
    known = list(known)
    candidates = {alias: target for alias, target in (aliases or {}).items() if target in known}
    candidates |= {target: target for target in known}
    by_lower = {candidate.lower(): target for candidate, target in candidates.items()}
    near = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=CUTOFF)
    if near:
        return f"Did you mean {by_lower[near[0]]!r}?"
    return otherwise or f"{listed_as}: {', '.join(known) or 'none'}."
