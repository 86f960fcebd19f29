"""What happens inside the child: load an answer, run an exercise's checks on it, observe it.

An exercise's `checks.py` holds functions `check_*(submission)`, from cause to symptom, and one
`observe(submission, rng)`. A check raises AssertionError with a sentence for the learner; its
docstring's first line says what it checks. `observe` returns what the answer gives on probes drawn
from `rng` (a `torch.Generator`): numbers, strings, tensors, and lists or dicts of them.
"""

import linecache
import sys
import traceback
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from torchcamp.base.plain import plain
from torchcamp.base.wire import JsonObject
from torchcamp.course.judge.starter import definitions, predictions

MEMORY_WORDS = ("can't allocate memory", "DefaultCPUAllocator", "not enough memory")


class Unreadable(Exception):
    """An answer that cannot be loaded; the message is for the learner."""


def load(path: Path, name: str) -> types.ModuleType:
    """The Python file as a module called `name`; see `load_source`."""
    return load_source(path.read_text(), str(path), name)


def load_source(source: str, file: str, name: str) -> types.ModuleType:
    """A module called `name` made of `source`.

    Args:
        file: where the source is from: the name in tracebacks and messages. It need not exist.

    Raises:
        Unreadable: a syntax error, or an exception while its top level ran.
    """
    module = types.ModuleType(name)
    module.__file__ = file
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    try:
        code = compile(source, file, "exec")
    except SyntaxError as error:
        raise Unreadable(_syntax_words(error)) from error
    except ValueError as error:  # a null byte
        raise Unreadable(f"Python cannot read the file: {error}.") from error
    sys.modules[name] = module
    try:
        exec(code, module.__dict__)
    except MemoryError:
        raise
    except SystemExit as error:
        raise Unreadable(
            "Your answer calls `sys.exit()` (or `exit()`), which ends the program that checks it. "
            "Take that line out."
        ) from error
    except BaseException as error:
        _refuse_memory(error)
        raise Unreadable(f"Loading your answer failed. {_error_words(error, file)}") from error
    return module


def check(request: JsonObject) -> JsonObject:
    """Run the checks of an exercise on an answer, in order, until one fails.

    The answer is what the request's `file` holds, or its `source`, which `file` then only names.

    Returns:
        {"passed": True}, or {"passed": False, "check", "message", "todo", "observation"}, or
        {"unreadable": words}. An answer whose predictions are not all made has no "check" and no
        "observation": none of them is judged before all are made.
    """
    folder, file = Path(request["exercise"]), request["file"]
    exercise = load_checks(folder)
    source = request["source"] if "source" in request else Path(file).read_text()
    try:
        submission = load_source(source, file, "submission")
    except Unreadable as error:
        return {"unreadable": str(error)}
    missing = missing_names(folder, submission)
    if missing:
        names = " and ".join(f"`{name}`" for name in missing)
        return {"unreadable": f"Your file defines no {names}: the checks look for that name."}
    if unanswered := _unanswered(submission):
        names = ", ".join(f"`{name}`" for name in unanswered)
        message = (
            f"Still open: {names}. Write a prediction in place of each `...`; then the code is run."
        )
        return {"passed": False, "check": None, "message": message, "todo": True}
    failure = first_failure(exercise, submission)
    if failure is None:
        return {"passed": True}
    observation = observe_module(exercise, submission, request["seed"])
    return {"passed": False, **failure, "observation": observation}


def first_failure(exercise: types.ModuleType, submission: types.ModuleType) -> JsonObject | None:
    """The first check that fails and what it says: {"check", "message", "todo"}."""
    for name, function in check_functions(exercise):
        torch.manual_seed(0)
        try:
            function(submission)
        except MemoryError:
            raise
        except BaseException as error:
            _refuse_memory(error)
            is_word = isinstance(error, AssertionError) and _raised_in(
                error, Path(str(exercise.__file__))
            )
            return {
                "check": name,
                "message": str(error) if is_word else _error_words(error, str(submission.__file__)),
                "todo": isinstance(error, NotImplementedError),
            }
    return None


def observe(request: JsonObject) -> JsonObject:
    """What answers of ours give on the probes of one draw: {"observations": {name: ...}}.

    The request's `sources` hold the text of each answer, by the name of its file.
    """
    exercise = load_checks(Path(request["exercise"]))
    return {
        "observations": {
            file: observe_module(exercise, load_source(source, file, "submission"), request["seed"])
            for file, source in request["sources"].items()
        }
    }


def failures(request: JsonObject) -> JsonObject:
    """What the first failing check says of answers of ours, `sources` as for `observe`.

    Returns:
        {"failures": {name: failure}}, where a failure is None for an answer that passes.
    """
    exercise = load_checks(Path(request["exercise"]))
    return {
        "failures": {
            file: first_failure(exercise, load_source(source, file, "submission"))
            for file, source in request["sources"].items()
        }
    }


def tape(request: JsonObject) -> JsonObject:
    """Run a learner's lines and say what they put on the tape (the figure of lesson 4)."""
    from torchcamp.figures.autograd_graph import tape_of

    return tape_of(request["code"])


JOBS: dict[str, Callable[[JsonObject], JsonObject]] = {
    "check": check,
    "observe": observe,
    "failures": failures,
    "tape": tape,
}


def load_checks(folder: Path) -> types.ModuleType:
    """An exercise's `checks.py`."""
    return load(folder / "checks.py", f"checks_of_{folder.name}")


def check_functions(exercise: types.ModuleType) -> list[tuple[str, Callable[[Any], None]]]:
    """`check_*` in the order in which they are written."""
    return [(name, f) for name, f in vars(exercise).items() if name.startswith("check_")]


def missing_names(folder: Path, submission: types.ModuleType) -> list[str]:
    """Functions, classes and predictions of the starter that the answer does not define."""
    starter = (folder / "starter.py").read_text()
    wanted = definitions(starter) + predictions(starter)
    return [name for name in wanted if not hasattr(submission, name)]


def _unanswered(submission: types.ModuleType) -> list[str]:
    return [name for name, value in vars(submission).items() if value is ...]


def observe_module(exercise: types.ModuleType, submission: types.ModuleType, seed: int) -> Any:
    """The observation of a loaded answer, as JSON holds it."""
    torch.manual_seed(seed)
    rng = torch.Generator().manual_seed(seed)
    return plain(attempt(lambda: exercise.observe(submission, rng)))


def attempt(call: Callable[[], Any], *, words: bool = False) -> Any:
    """What `call` returns, or the name of what it raises: for observations that may fail.

    Args:
        words: also the first line of what it says, where PyTorch's own refusals are told apart by it.
    """
    try:
        return call()
    except MemoryError:
        raise
    except BaseException as error:
        said = {"words": str(error).strip().partition("\n")[0]} if words else {}
        return {"raised": type(error).__name__, **said}


def _refuse_memory(error: BaseException) -> None:
    """torch reports a failed allocation as a RuntimeError; make it what it is."""
    if isinstance(error, RuntimeError) and any(words in str(error) for words in MEMORY_WORDS):
        raise MemoryError from error


def _raised_in(error: BaseException, file: Path) -> bool:
    """Whether the last frame of the error is in `file`."""
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and Path(frames[-1].filename) == file


def _syntax_words(error: SyntaxError) -> str:
    line = (error.text or "").rstrip()
    marked = line.strip()
    offset = max(0, (error.offset or 1) - 1 - (len(line) - len(line.lstrip())))
    picture = f"\n\n    {marked}\n    {' ' * min(offset, len(marked))}^" if marked else ""
    return f"Python cannot read line {error.lineno}: {error.msg}.{picture}"


def _error_words(error: BaseException, file: str) -> str:
    """`RuntimeError at line 7, \\`x = y @ z\\`: mat1 and mat2 shapes cannot be multiplied`."""
    if isinstance(error, NotImplementedError):
        return "The TODO is still open: replace the line that raises NotImplementedError."
    if isinstance(error, SystemExit):
        return "Your answer calls `sys.exit()`: return a value instead."
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == file]
    words = str(error).strip().splitlines()
    reason = f"{type(error).__name__}: {words[0]}" if words else type(error).__name__
    if isinstance(error, RecursionError):
        reason = "RecursionError: a function calls itself without end"
    if not frames:
        return f"{reason}."
    return f"Line {frames[-1].lineno}, `{frames[-1].line}`, raised {reason}."
