"""Reading exercises: what a learner predicted, against what happened when the code ran.

The `checks.py` of such an exercise runs the code that its statement quotes, and gives the names of
the predictions with what happened to `compare` and `first_wrong`.
"""

import inspect
import linecache
import math
import sys
import textwrap
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from torchcamp.base.plain import plain
from torchcamp.course.judge.equality import alike

ROUNDED = 0.01  # by which share of it a predicted fraction may be off
CHANGED = "<changed"  # how the names begin that tracebacks give to changed code


def compare(submission: Any, happened: Mapping[str, Any], name: str) -> str:
    """What to tell the learner about the prediction `name`; "" if it is what happened."""
    given, right = getattr(submission, name), happened[name]
    if _agree(given, right):
        return ""
    words = f"You predicted `{name} = {_shown(given)}`. The code has been run, and it was `{_shown(right)}`."
    if isinstance(right, tuple) and len(right) == 1 and not isinstance(given, tuple | list):
        words += f" (A tuple of one number needs a comma: `({given!r},)`.)"
    return words


def first_wrong(submission: Any, happened: Mapping[str, Any]) -> list[Any]:
    """What `observe` returns: the first prediction that is wrong, as its name and value; or []."""
    for name, right in happened.items():
        given = getattr(submission, name)
        if not _agree(given, right):
            return [name, _comparable(given, right)]
    return []


def _shown(value: Any) -> str:
    """`value` as Python writes it, a set in order, a fraction with a few digits."""
    if isinstance(value, set) and value:
        return "{" + ", ".join(sorted(map(_shown, value))) + "}"
    return f"{value:.4g}" if isinstance(value, float) else repr(value)


def _agree(given: Any, right: Any) -> bool:
    if isinstance(right, float) and isinstance(given, int | float) and not isinstance(given, bool):
        return math.isclose(given, right, rel_tol=ROUNDED)
    return alike(_comparable(given, right), _comparable(right, right))


def _comparable(value: Any, right: Any) -> Any:
    """`value` without what does not matter: order where a set is asked for, spaces, comments."""
    if isinstance(value, str):
        return " ".join(value.partition("#")[0].split()).casefold()
    if isinstance(right, set) and isinstance(value, set | list | tuple):
        return sorted({_member(item) for item in value})
    if isinstance(value, list | tuple):
        return [_comparable(item, None) for item in value]
    return plain(value)


def _member(item: Any) -> str:
    """An entry of a set as something that can be sorted: 1 and 1.0 are the same."""
    return str(float(item)) if isinstance(item, int | float) else str(_comparable(item, None))


def changing_lines(
    function: Callable[..., Any], call: Callable[[], Any], look: Callable[[], Any]
) -> list[str]:
    """The lines of `function` that change what `look` returns, in the order in which they run.

    Args:
        function: whose lines are watched. Each of its statements must stand on one line.
        call: runs it.
        look: reads something off, such as a gradient; asked between any two lines.
    """
    code = inspect.unwrap(function).__code__
    found: list[str] = []
    line, before = 0, None  # the line that runs, and what was seen before it

    def watch(frame: Any, event: str, _: Any) -> Any:
        nonlocal line, before
        if frame.f_code is not code:
            return None
        now = plain(look())
        if line and not alike(before, now):
            found.append(linecache.getline(code.co_filename, line).strip())
        line, before = frame.f_lineno, now
        return watch

    others = sys.gettrace()
    sys.settrace(watch)
    try:
        call()
    finally:
        sys.settrace(others)
    return found


def rewritten(thing: Any, old: str, new: str) -> Any:
    """A function or class as it would be with `new` in place of `old` in its source.

    Raises:
        ValueError: `old` does not stand in the source exactly once.
    """
    source = textwrap.dedent(inspect.getsource(thing))
    if source.count(old) != 1:
        raise ValueError(f"{old!r} stands {source.count(old)} times in {thing.__name__}")
    source = source.replace(old, new)
    file = f"{CHANGED} {thing.__name__} {hash(source)}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    names = dict(vars(sys.modules[thing.__module__]))
    exec(compile(source, file, "exec"), names)
    return names[thing.__name__]


def raising_line(call: Callable[[], Any], file: str = CHANGED) -> str | None:
    """The line of `file`, by default of changed code, at which `call` raises; None if it does not."""
    try:
        call()
    except Exception as error:
        frames = [
            f for f in traceback.extract_tb(error.__traceback__) if f.filename.startswith(file)
        ]
        return frames[-1].line if frames else None
    return None
