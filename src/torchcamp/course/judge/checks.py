"""What happens inside the child: load an answer, run an exercise's checks on it, observe it.

An exercise's `checks.py` holds functions `check_*(submission)`, from cause to symptom, and one
`observe(submission, rng)`. A check raises AssertionError with a sentence for the learner; its
docstring's first line says what it checks. `observe` returns what the answer gives on probes drawn
from `rng` (a `torch.Generator`): numbers, strings, tensors, and lists or dicts of them.
"""

import ast
import contextlib
import linecache
import os
import signal
import sys
import time
import traceback
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch

from torchcamp.base.plain import plain
from torchcamp.base.wire import JsonObject
from torchcamp.course.judge.disturb import disturbances, wrap
from torchcamp.course.judge.edits import repairs
from torchcamp.course.judge.equality import alike
from torchcamp.course.judge.starter import definitions, ends_without_return, predictions
from torchcamp.course.judge.tamper import Snapshot, honest

# In seconds of the processor's time: what is found does not depend on what else the machine does.
REPAIR_SECONDS = 1.0  # that the search for a line to look at may take
TRY_SECONDS = 0.03  # that one edit may take in it; more where the answer itself is slower
OTHER_DRAWS = 3  # of the probes, on which a mended answer must give what a right one gives
TAMPERED = (
    "Your answer replaces `{}`, which the checks use as well. Leave Python and PyTorch as they are, and "
    "give your own functions other names."
)
MOST_EXPLAINED = 5000  # characters of an error's message in which a known one is looked for
MEMORY_WORDS = ("can't allocate memory", "DefaultCPUAllocator", "not enough memory")


class Unreadable(Exception):
    """An answer that cannot be loaded; the message is for the learner."""


def load(path: Path, name: str) -> types.ModuleType:
    """The Python file as a module called `name`; see `load_source`."""
    return load_source(path.read_text(encoding="utf-8"), str(path), name)


class TooLong(BaseException):
    """Raised in the middle of code that takes too long; nothing but the clock's own block may catch it."""


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
        raise Unreadable(f"Loading your answer failed. {error_words(error, file)}") from error
    return module


def check(request: JsonObject) -> JsonObject:
    """Run the checks of an exercise on an answer, in order, until one fails.

    Args:
        request: `exercise` (the folder), `checks`, `starter` and `source` (texts), `file` (the answer's
            name in messages), `seed` of a wrong answer's observation, `guarded`: the author may want to
            deceive; then also `draw`, the secret seed of a right one's.

    Returns:
        {"passed": True}, or {"passed": False, "observation"} and what `first_failure` says of it, or
        {"unreadable": words}. An answer whose predictions are not all made has no "check" and no
        "observation": none of them is judged before all are made. What passes under guard is observed too.
    """
    exercise = _exercise(request)
    source, file, guarded = request["source"], request["file"], request["guarded"]
    snapshot = Snapshot(exercise, guarded=guarded)
    try:
        submission = load_source(source, file, "submission")
    except Unreadable as error:
        return {"unreadable": str(error)}
    if changed := snapshot.changed():
        return {"unreadable": TAMPERED.format(changed)}
    missing = missing_names(request["starter"], submission)
    if missing:
        names = " and ".join(f"`{name}`" for name in missing)
        return {"unreadable": f"Your file defines no {names}: the checks look for that name."}
    if unanswered := _unanswered(submission):
        names = ", ".join(f"`{name}`" for name in unanswered)
        message = (
            f"Still open: {names}. Write a prediction in place of each `...`; then the code is run."
        )
        return {"passed": False, "check": None, "message": message, "todo": True}
    if guarded:
        wrap(submission, honest)
    failure = first_failure(exercise, submission)
    if failure is None and (changed := snapshot.changed()):
        return {"unreadable": TAMPERED.format(changed)}
    if failure is None and not guarded:
        return {"passed": True}
    if failure is None:  # as if new: running the checks may have left something behind
        submission = load_source(source, file, "submission")
    seed = request["seed"] if failure else request["draw"]
    observation = observe_module(exercise, submission, seed)
    return {"passed": failure is None, **(failure or {}), "observation": observation}


def first_failure(exercise: types.ModuleType, submission: types.ModuleType) -> JsonObject | None:
    """The first check that fails, and what it says.

    Returns:
        None where all pass, or {"check": its name, "message": for the learner, "meaning": what an
        error in it means, as PyTorch's own errors are explained, else empty, "said": the message
        without the learner's own line, "todo": whether the TODO is still open, "by_us": whether the
        error came up in our check, with what the answer had returned}.
    """
    functions = check_functions(exercise)
    for passed, (name, function) in enumerate(functions):
        error = _raised(function, submission)
        if error is not None:
            ours, theirs = str(exercise.__file__), str(submission.__file__)
            is_word = isinstance(error, AssertionError) and _frames(error)[-1].filename in (
                ours,
                __file__,
                honest.__code__.co_filename,
            )
            message = str(error) if is_word else raised_words(error, theirs)
            is_open = _is_open_todo(error, theirs)
            if is_open and passed:  # an exercise of several parts, solved one after the other
                message = f"So far, so good: {passed} of {len(functions)} checks pass. {message}"
            return {
                "check": name,
                "message": message,
                "meaning": "" if is_word else _meaning_in(error, theirs),
                "said": message if is_word else _reason(error),
                "todo": is_open,
                "by_us": not is_word and _came_up_in(error, ours, theirs) == ours,
            }
    return None


def explain(request: JsonObject) -> JsonObject:
    """What more can be said of a failure, from a second run of the check that failed.

    In a process of its own, because our solution is in it: the verdict stands already.

    Args:
        request: as for `check`, with `check` and `by_us` of the failure, and `solution` (text).

    Returns:
        {"none": whether a `return` was forgotten}, and with it another {"message"} where the answer
        returned something that the check could not even work with.
    """
    source = request["source"]
    check_function = vars(_exercise(request))[request["check"]]
    mine, name = _last_returned(check_function, load_source(source, request["file"], "submission"))
    right, _ = _last_returned(
        check_function, load_source(request["solution"], "solution.py", "submission"), name
    )
    if name is None or right is NOTHING:
        return {"none": False}
    forgotten = mine is None and right is not None and _ends_without_return(source, name)
    found: JsonObject = {"none": forgotten}
    difference = kind_difference(mine, right, forgotten=forgotten)
    if difference and (request["by_us"] or found["none"]):
        found["message"] = f"`{name}` returned {difference}"
    return found


def _ends_without_return(source: str, name: str) -> bool:
    """Whether the function `name` (or `Class.forward`) of an answer may end without a `return`.

    Where None is one of the right answers, it counts only if no value is ever returned.
    """
    holder: ast.AST = ast.parse(source)
    for part in name.split("."):
        named = (
            n
            for n in ast.walk(holder)
            if isinstance(n, ast.FunctionDef | ast.ClassDef) and n.name == part
        )
        holder = next(named, holder)
    if not isinstance(holder, ast.FunctionDef) or not ends_without_return(holder):
        return False
    returns = [n for n in ast.walk(holder) if isinstance(n, ast.Return) and n.value is not None]
    may_be_none = holder.returns is not None and "None" in ast.unparse(holder.returns)
    return not (may_be_none and returns)


NO_GRAPH = (
    "holds no graph, so `backward()` reaches nothing: somewhere on the way stands `.detach()`, `.data`, "
    "`.item()`, `torch.tensor(...)` or `no_grad`."
)
NOTHING = object()  # no function returned


def _last_returned(
    check_function: Callable[[Any], None], submission: types.ModuleType, name: str | None = None
) -> tuple[Any, str | None]:
    """What a function of the answer returned last to a check, and the function's name.

    Args:
        name: look at this function only.
    """
    last: tuple[Any, str | None] = (NOTHING, None)
    depth = 0

    def recorded(function_name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            nonlocal last, depth
            depth += 1
            try:
                returned = function(*args, **kwargs)
            finally:
                depth -= 1
            if depth == 0 and name in (None, function_name):
                last = returned, function_name
            return returned

        return call

    wrap(submission, recorded)
    torch.manual_seed(0)
    attempt(lambda: check_function(submission))
    return last


def kind_difference(mine: Any, right: Any, *, forgotten: bool = False) -> str | None:
    """In what a returned value is of another kind than the right one: a sentence's end, or None.

    Compared are the types, of tensors also shape and kind of number; not the values.

    Args:
        forgotten: whether a None comes from a missing `return`.
    """
    if mine is None and right is not None:
        return "None: is a `return` missing?" if forgotten else f"None; {_a(right)} is wanted."
    if isinstance(right, tuple) and isinstance(mine, tuple | list):
        if len(mine) != len(right):
            return f"{len(mine)} values; {len(right)} are wanted."
        for number, (one, other) in enumerate(zip(mine, right, strict=True), start=1):
            if difference := kind_difference(one, other):
                return f"as value {number} of {len(right)}: {difference}"
        return None
    if isinstance(right, list) and right and isinstance(mine, list) and mine:
        difference = kind_difference(mine[0], right[0])
        return f"a list whose first item is {difference}" if difference else None
    if isinstance(right, torch.Tensor):
        if type(mine).__module__ == "numpy":
            return (
                f"a NumPy {type(mine).__name__}; a tensor is wanted: stay in PyTorch, without "
                "`.numpy()` and `np.`."
            )
        if not isinstance(mine, torch.Tensor):
            return f"{_a(mine)}; a tensor is wanted" + (
                ": leave out `.item()` or `float()`." if isinstance(mine, int | float) else "."
            )
        if mine.dtype != right.dtype:
            return f"a tensor of {_plain_type(mine)}; {_plain_type(right)} is wanted."
        if mine.shape != right.shape:
            return f"a tensor of shape {tuple(mine.shape)}; {tuple(right.shape)} is wanted."
        if right.requires_grad and not mine.requires_grad:
            return f"a tensor that {NO_GRAPH}"
        return None
    numbers = int | float
    if type(mine) is type(right) or (isinstance(mine, numbers) and isinstance(right, numbers)):
        return None
    return f"{_a(mine)}; {_a(right, with_value=False)} is wanted."


def _a(value: Any, *, with_value: bool = True) -> str:
    name = type(value).__name__
    if isinstance(value, torch.Tensor):
        return f"a tensor of shape {tuple(value.shape)}"
    article = "an" if name[0].lower() in "aeiou" else "a"
    shown = f" ({value!r})" if with_value and isinstance(value, int | float | str) else ""
    return f"{article} {name}{shown}"


def _plain_type(tensor: torch.Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def observe(request: JsonObject) -> JsonObject:
    """What answers of ours give on the probes of one draw: {"observations": {name: ...}}.

    The request's `sources` hold the text of each answer, by the name of its file. With
    `seconds_each` an answer that takes longer, or cannot be loaded, has the observation None.
    """
    exercise = _exercise(request)
    seconds_each = request.get("seconds_each")

    def observed(source: str, file: str) -> Any:
        return observe_module(exercise, load_source(source, file, "submission"), request["seed"])

    found: dict[str, Any] = {}
    for file, source in request["sources"].items():
        if seconds_each is None:
            found[file] = observed(source, file)
        else:
            with _tried(seconds_each):
                found[file] = None
                found[file] = observed(source, file)
    return {"observations": found}


@contextlib.contextmanager
def _tried(seconds: float) -> Iterator[None]:
    """Code that may fail, print or take too long: whatever it raises ends the block in silence."""

    def ring(number: int, frame: types.FrameType | None) -> None:
        raise TooLong

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        with (
            open(os.devnull, "w", encoding="utf-8") as nothing,
            contextlib.redirect_stdout(nothing),
            contextlib.redirect_stderr(nothing),
        ):
            yield
    except BaseException:
        pass
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
        torch.set_grad_enabled(True)
        torch.set_default_dtype(torch.float32)


def repair(request: JsonObject) -> JsonObject:
    """The line of an answer where one small edit makes it right: {"line": number or None}.

    Every check passes, and on other draws than that of the verdict it gives what one of our right
    answers gives: an edit may also fit the numbers of the checks alone. In a process of its own, because
    our answers are in it: the verdict stands already.

    The request's `check` is the one that fails: most edits are refused by it at once. `right` holds the
    text of each right answer, by the name of its file. The search takes REPAIR_SECONDS at most.
    """
    exercise = _exercise(request)
    source, file = request["source"], request["file"]
    fails_first = vars(exercise)[request["check"]]
    started = time.process_time()
    with _tried(REPAIR_SECONDS):
        fails_first(load_source(source, file, "submission"))
    seconds_each = max(TRY_SECONDS, 4 * (time.process_time() - started))
    for edited in repairs(source):
        if time.process_time() > started + REPAIR_SECONDS:
            break
        passes = False
        with _tried(seconds_each):
            submission = load_source(edited.source, file, "submission")
            torch.manual_seed(0)
            fails_first(submission)
            passes = first_failure(exercise, submission) is None
        if passes and _is_right(exercise, edited.source, file, request["right"], request["seed"]):
            return {"line": edited.line}
    return {"line": None}


def _is_right(
    exercise: types.ModuleType, source: str, file: str, right: dict[str, str], seed: int
) -> bool:
    """Whether an answer gives on each of OTHER_DRAWS draws what one of the right ones gives."""

    def observed(source: str, file: str, draw: int) -> Any:
        return observe_module(exercise, load_source(source, file, "submission"), draw)

    return all(
        any(alike(observed(source, file, draw), observed(text, name, draw)) for name, text in right.items())
        for draw in range(seed + 1, seed + 1 + OTHER_DRAWS)
    )  # fmt: skip


def agreeing(request: JsonObject) -> JsonObject:
    """Which of the request's `sources` fail first at its `check`, which says of them what it `said`.

    Returns:
        {"agreeing": names among `sources`, which are as for `observe`}.
    """
    exercise = _exercise(request)
    found = []
    for file, source in request["sources"].items():
        failure = first_failure(exercise, load_source(source, file, "submission"))
        if failure and (failure["check"], failure["said"]) == (request["check"], request["said"]):
            found.append(file)
    return {"agreeing": found}


def _raised(
    function: Callable[[types.ModuleType], None], submission: types.ModuleType
) -> BaseException | None:
    """What a check raises; None if it passes.

    Raises:
        MemoryError: the answer ran out of memory, which is no verdict of the check.
        TooLong: the time of a `_tried` block is over.
    """
    torch.manual_seed(0)
    try:
        function(submission)
    except (MemoryError, TooLong):
        raise
    except BaseException as error:
        _refuse_memory(error)
        return error
    return None


def disturbed(request: JsonObject) -> JsonObject:
    """Which of the `disturbances` of an answer of ours its checks let pass: {"passes": [words]}.

    Of those that the request's `words` name, if it names any."""
    exercise = _exercise(request)
    passes = []
    for disturbance in disturbances():
        if request["words"] and disturbance.words not in request["words"]:
            continue
        submission = load_source(request["source"], "solution.py", "submission")
        disturbance.apply(submission)
        if first_failure(exercise, submission) is None and disturbance.touched:
            passes.append(disturbance.words)
    return {"passes": passes}


def tape(request: JsonObject) -> JsonObject:
    """Run a learner's lines and say what they put on the tape (the figure of lesson 4)."""
    from torchcamp.figures.autograd_graph import tape_of

    return tape_of(request["code"])


JOBS: dict[str, Callable[[JsonObject], JsonObject]] = {
    "check": check,
    "explain": explain,
    "observe": observe,
    "agreeing": agreeing,
    "repair": repair,
    "disturbed": disturbed,
    "tape": tape,
}


def _exercise(request: JsonObject) -> types.ModuleType:
    """The exercise's `checks.py` as a module, from its text: the file may be out of sight here."""
    folder = Path(request["exercise"])
    return load_source(request["checks"], str(folder / "checks.py"), f"checks_of_{folder.name}")


def check_functions(exercise: types.ModuleType) -> list[tuple[str, Callable[[Any], None]]]:
    """`check_*` in the order in which they are written."""
    return [(name, f) for name, f in vars(exercise).items() if name.startswith("check_")]


def missing_names(starter: str, submission: types.ModuleType) -> list[str]:
    """Functions, classes and predictions of the starter that the answer does not define."""
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
    except (MemoryError, TooLong):
        raise
    except BaseException as error:
        line = str(error)[:MOST_EXPLAINED].strip().partition("\n")[0] if words else ""
        said = {"words": line} if words else {}
        return {"raised": type(error).__name__, **said}


def expect_graph(call: Callable[..., torch.Tensor], **inputs: torch.Tensor) -> None:
    """Assert that gradients flow from what `call(**inputs)` returns to each of the inputs.

    Args:
        inputs: float tensors, under the names by which the learner knows them.
    """
    leaves = {name: value.detach().clone().requires_grad_() for name, value in inputs.items()}
    returned = call(*leaves.values())
    assert returned.requires_grad, f"Your result {NO_GRAPH}"
    grads = torch.autograd.grad(returned.sum(), list(leaves.values()), allow_unused=True)
    cut = [f"`{name}`" for name, grad in zip(leaves, grads, strict=True) if grad is None]
    assert not cut, f"No gradient flows from your result back to {' and '.join(cut)}."


def _refuse_memory(error: BaseException) -> None:
    """torch reports a failed allocation as a RuntimeError; make it what it is."""
    if isinstance(error, RuntimeError) and any(words in str(error) for words in MEMORY_WORDS):
        raise MemoryError from error


def _frames(error: BaseException) -> list[traceback.FrameSummary]:
    return list(traceback.extract_tb(error.__traceback__))


def _came_up_in(error: BaseException, *files: str) -> str | None:
    """Which of `files` the error is to be blamed on: the one whose frame is innermost."""
    return next((f.filename for f in reversed(_frames(error)) if f.filename in files), None)


def _is_open_todo(error: BaseException, file: str) -> bool:
    """Whether the learner's own file raised it: PyTorch raises NotImplementedError as well."""
    frames = _frames(error)
    return (
        isinstance(error, NotImplementedError)
        and bool(frames)
        and (frames[-1].filename == file and (frames[-1].line or "").startswith("raise"))
    )


def _syntax_words(error: SyntaxError) -> str:
    line = (error.text or "").rstrip()
    marked = line.strip()
    offset = max(0, (error.offset or 1) - 1 - (len(line) - len(line.lstrip())))
    picture = f"\n\n    {marked}\n    {' ' * min(offset, len(marked))}^" if marked else ""
    return f"Python cannot read line {error.lineno}: {error.msg}.{picture}"


def error_words(error: BaseException, file: str) -> str:
    """What the learner is told of an error: their line, what was raised, and what that means.

    Args:
        file: the learner's, as tracebacks call it.
    """
    return f"{raised_words(error, file)} {_meaning_in(error, file)}".rstrip()


def raised_words(error: BaseException, file: str) -> str:
    """As `error_words`, without what the error means."""
    if _is_open_todo(error, file):
        frame = _frames(error)[-1]
        where = "" if frame.name == "<module>" else f" in `{frame.name}`"
        return (
            f"The TODO{where} (line {frame.lineno}) is still open: replace the line that raises "
            "NotImplementedError."
        )
    if isinstance(error, SystemExit):
        return "Your answer calls `sys.exit()`: return a value instead."
    frames = [f for f in _frames(error) if f.filename == file]
    reason = _reason(error)
    said = f"Line {frames[-1].lineno}, `{frames[-1].line}`, raised {reason}" if frames else reason
    return said if said.endswith((".", "?", "!", "…")) else f"{said}."


def _meaning_in(error: BaseException, file: str) -> str:
    """What an error that came up in the learner's `file` means; empty if that is not known."""
    passed_it = any(frame.filename == file for frame in _frames(error))
    if not passed_it or _is_open_todo(error, file) or isinstance(error, SystemExit):
        return ""
    return meaning_of(error) or ""


def _reason(error: BaseException) -> str:
    """`RuntimeError: mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)`"""
    if isinstance(error, RecursionError):
        return "RecursionError: a function calls itself without end"
    words = str(error).strip().splitlines()
    if words and words[0].endswith(":"):  # what follows is the message
        words[:2] = [" ".join(" ".join(words[:2]).split())]
    return f"{type(error).__name__}: {words[0]}" if words else type(error).__name__


def meaning_of(error: BaseException) -> str | None:
    """What an error means in words with its own numbers, or which name was misspelt; None if unknown."""
    from torchcamp.base.errors import suggest
    from torchcamp.course.known_errors import explanation, known_errors

    if isinstance(error, AttributeError) and error.name and error.obj is not None:
        near = suggest(error.name, dir(error.obj), otherwise=" ").strip()
        if near:
            return near
    message = f"{type(error).__name__}: {error}"[:MOST_EXPLAINED]
    for known in known_errors().values():
        values = known.values_in(message)
        if values is None:
            continue
        means = explanation(known, values).means
        with_numbers = [  # the sentences that hold something of this very message
            filled
            for filled, plain_text in zip(means, known.means, strict=False)
            if filled != plain_text
        ]
        sentence = (with_numbers or means)[0]
        return f"{known.title}. {sentence} More: `torchcamp explain {known.name}`."
    return None
