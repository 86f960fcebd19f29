"""Load one class or function of a file without running the rest of it, nor that of its neighbours.

Of the file, and of the user's own modules that it imports, only the statements run that are needed:
see `slicing`.
"""

import ast
import contextlib
import functools
import importlib
import importlib.util
import inspect
import io
import os
import shlex
import sys
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torchcamp.base.errors import ReadError, suggest
from torchcamp.reading.architectures import architecture
from torchcamp.reading.notebooks import source_of
from torchcamp.reading.siblings import import_in_slices
from torchcamp.reading.slicing import (
    Function,
    SlicedModule,
    begin,
    bound_names,
    is_dynamic,
    is_main_guard,
    reachable,
)
from torchcamp.reading.stack import is_user_file

LIBRARIES = ("site-packages", "dist-packages")
MAX_LISTED = 8  # names that an error lists


@dataclass(kw_only=True)
class Loaded:
    """A target and where it came from.

    Attributes:
        value: the class, function or network.
        namespace: the names of its module, for expressions that the user gives.
        skipped: top-level statements that did not run: first line, last line, text of the first.
        num_kept: how many did.
        failed: lines of statements that should have changed an object and failed, with the reason.
    """

    target: str
    file: Path
    name: str
    value: Any
    namespace: Mapping[str, Any]
    skipped: list[tuple[int, int, str]] = field(default_factory=list)
    num_kept: int = 0
    failed: list[tuple[int, str]] = field(default_factory=list)


def load(
    target: str,
    *,
    expressions: Iterable[str] = (),
    full_import: bool = False,
    argv: Sequence[str] = (),
    folder: Path | None = None,
) -> Loaded:
    """Load `FILE.py:Class`, `FILE.ipynb:Class`, `package.module:Class` or `hf:gpt2`.

    The user's modules are imported in slices from then on: functions may import when they run.

    Args:
        expressions: Python that will be evaluated among the target's names; what it looks up is
            kept too.
        full_import: run the whole file, and what it imports, instead of the slice.
        argv: the script's own arguments.
        folder: another one in which the user's modules lie: where the command was typed.

    Raises:
        ReadError: no such file, module or name, or what had to run failed.
    """
    if target.startswith("hf:"):
        value, source = architecture(target)
        return Loaded(target=target, file=source, name=target, value=value, namespace={})
    where, separator, name = target.rpartition(":")
    if not separator or not where or not name.replace(".", "").isidentifier():
        raise ReadError(f"{target!r} is not a target; give FILE.py:Class or package.module:Class")
    if folder is not None and not full_import:
        import_in_slices([folder])
    if where.endswith((".py", ".ipynb")) or os.sep in where:
        file = Path(where).expanduser().resolve()
        if not file.is_file():
            raise ReadError(f"{where} does not exist")
        if not full_import:
            import_in_slices(_import_roots(file))
        for root in _import_roots(file):
            if str(root) not in sys.path:
                sys.path.insert(0, str(root))
    else:
        module_file = _find_module(where)
        if module_file is None or any(part in module_file.parts for part in LIBRARIES):
            return _import(target, where, name, expressions, argv)
        file = module_file
        if not full_import:
            import_in_slices(_import_roots(file))
    return _slice(target, file, name, expressions, full_import, argv)


def _find_module(name: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(name)
    except Exception as error:  # it imports the packages around it, which may do anything
        what = "" if isinstance(error, ImportError) else f"{type(error).__name__}: "
        raise ReadError(f"cannot find the module {name}: {what}{_first_line(error)}") from error
    if spec is None:
        raise ReadError(f"cannot find the module {name}")
    return Path(spec.origin) if spec.origin and spec.origin.endswith(".py") else None


def _import(
    target: str, module_name: str, name: str, expressions: Iterable[str], argv: Sequence[str]
) -> Loaded:
    """Load from an installed package: that is made to be imported whole."""
    module = _run_as_script(lambda: importlib.import_module(module_name), module_name, argv)
    value = _member(module, name, module_name)
    for wanted in set().union(*map(_expression_names, expressions)) - set(vars(module)):
        with contextlib.suppress(
            AttributeError
        ):  # a module that makes names when they are asked for
            vars(module)[wanted] = getattr(module, wanted)
    try:
        source = inspect.getsourcefile(value)
    except TypeError:  # an instance
        source = inspect.getsourcefile(type(value))
    source = source or module.__file__ or ""
    return Loaded(target=target, file=Path(source), name=name, value=value, namespace=vars(module))


def _import_roots(file: Path) -> list[Path]:
    """The folder that the file's package lies in, and the file's own."""
    root = file.parent
    while (root / "__init__.py").is_file():
        root = root.parent
    return list(dict.fromkeys([root, file.parent]))


def _package_of(file: Path) -> str:
    parts: list[str] = []
    folder = file.parent
    while (folder / "__init__.py").is_file():
        parts.insert(0, folder.name)
        folder = folder.parent
    return ".".join(parts)


def _enter_package(package: str, file: Path, argv: Sequence[str]) -> None:
    """Import the packages around a file, so that its relative imports work.

    A package that cannot be imported is replaced by an empty one in the same folder. So is the
    package whose `__init__.py` is the file itself, which must not be executed as a whole.
    """
    parts = package.split(".") if package else []
    folder = file.parent
    for _ in parts[1:]:
        folder = folder.parent
    for number in range(1, len(parts) + 1):
        name = ".".join(parts[:number])
        if name not in sys.modules:
            try:
                if file == folder / "__init__.py":
                    raise ReadError("it is the file that is read")
                _run_as_script(functools.partial(importlib.import_module, name), name, argv)
            except ReadError:
                empty = types.ModuleType(name)
                empty.__path__ = [str(folder)]
                sys.modules[name] = empty
        if number < len(parts):
            folder = folder / parts[number]


def _slice(
    target: str,
    file: Path,
    name: str,
    expressions: Iterable[str],
    full_import: bool,
    argv: Sequence[str],
) -> Loaded:
    """Run what `name` and the expressions need of a file, or all of it."""
    text = source_of(file)
    tree = ast.parse(text)
    _require_bound(tree, file, name)
    package = _package_of(file)
    module = _new_module(file, package)
    _enter_package(package, file, argv)
    before = sys.modules.get(module.__name__)
    sys.modules[module.__name__] = module  # dataclasses and pickle look their module up
    own = begin(module, tree, as_script=True)
    wanted = {name.partition(".")[0], "make_input"}
    for expression in expressions:
        wanted |= _expression_names(expression)
    try:
        _run_as_script(own.run_all if full_import else lambda: own.need(wanted), file.name, argv)
    except ReadError as error:
        before_it = "".join(f"; before that, line {at}: {said}" for at, said in own.failed[:1])
        raise ReadError(f"{error}{before_it}") from error
    finally:
        if before is not None:
            sys.modules[module.__name__] = before
    lines = text.splitlines()
    return Loaded(
        target=target,
        file=file,
        name=name,
        value=_member(module, name, file.name),
        namespace=vars(module),
        skipped=[
            (node.lineno, node.end_lineno or node.lineno, lines[node.lineno - 1].strip())
            for node in tree.body
            if node not in own.ran
            and not _is_docstring(node)
            and not (is_main_guard(node) and any(part in own.ran for part in node.body))  # type: ignore[attr-defined]
        ],
        num_kept=len(own.ran),
        failed=own.failed,
    )


def _require_bound(tree: ast.Module, file: Path, name: str) -> None:
    """Raise a ReadError, with the nearest names, where no statement binds the target."""
    first = name.partition(".")[0]
    bound = [bound_names(node) for node in reachable(tree)]
    if any(first in names or names & {"*", "__getattr__"} for names in bound):
        return
    if any(is_dynamic(node) for node in tree.body):  # it may make the name itself
        return
    known = [node.name for node in tree.body if isinstance(node, Function | ast.ClassDef)]
    listing = f"torchcamp read {shlex.quote(str(file))} lists its models."
    hint = suggest(name, known, otherwise=listing if len(known) > MAX_LISTED else None)
    raise ReadError(f"{file.name} has no {name!r}. {hint}")


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _expression_names(expression: str) -> set[str]:
    try:
        tree = ast.parse(expression, mode="eval")
    except SyntaxError:
        return set()  # evaluating it will say so
    return {part.id for part in ast.walk(tree) if isinstance(part, ast.Name)}


def _new_module(file: Path, package: str) -> SlicedModule:
    """An empty module for a file, under the name that an import would give it."""
    is_init = file.stem == "__init__"
    if is_init:
        name = package or file.parent.name
    else:
        name = f"{package}.{file.stem}" if package else file.stem
        if name in sys.stdlib_module_names:
            name = f"read_{name}"
    module = SlicedModule(name)
    module.__file__ = str(file)
    module.__package__ = package
    if is_init:
        module.__path__ = [str(file.parent)]
    return module


def _run_as_script(run: Callable[[], Any], what: str, argv: Sequence[str]) -> Any:
    """Call `run` with the script's own arguments in `sys.argv`.

    Raises:
        ReadError: it failed or wanted other arguments; in one line.
    """
    arguments, sys.argv = sys.argv, [what, *argv]
    said, sys.stderr = sys.stderr, io.StringIO()
    try:
        return run()
    except SystemExit as error:
        raise ReadError(
            f"{what} parses arguments of its own and exited with code {error.code}: "
            f"{_last_words() or 'see its --help'}; give them with --argv"
        ) from error
    except ModuleNotFoundError as error:
        where = (_place_of(error) or what).partition(":")[0]
        raise ReadError(f"{where} needs {error.name}, which is not installed") from error
    except Exception as error:
        where = _place_of(error) or what
        raise ReadError(f"{where}: {type(error).__name__}: {_first_line(error)}") from error
    finally:
        sys.argv, sys.stderr = arguments, said


def _last_words() -> str:
    """The last line on standard error, where argparse names the missing option."""
    text = sys.stderr.getvalue() if isinstance(sys.stderr, io.StringIO) else ""
    return (text.strip().splitlines() or [""])[-1].partition("error: ")[2]


def _place_of(error: BaseException) -> str | None:
    """`FILE.py:LINE`, the innermost of the user's that an exception passed; None without any."""
    if isinstance(error, SyntaxError) and error.filename and is_user_file(error.filename):
        return f"{Path(error.filename).name}:{error.lineno}"
    traceback, place = error.__traceback__, None
    while traceback is not None:
        file = traceback.tb_frame.f_code.co_filename
        if is_user_file(file):
            place = f"{Path(file).name}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return place


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [""])[0]


def _member(module: types.ModuleType, name: str, where: str) -> Any:
    """The value of a dotted name such as `Outer.Inner`; some modules make it when it is asked for."""
    value: Any = module
    for part in name.split("."):
        try:
            value = getattr(value, part)
        except AttributeError as error:
            known = dir(value) if value is module else vars(value)
            raise ReadError(f"{where} has no {name!r}. {_nearest(part, known)}".rstrip()) from error
    return value


def _nearest(name: str, names: Iterable[str]) -> str:
    """The public name that was probably meant; nothing where none is near."""
    return suggest(name, [each for each in names if not each.startswith("_")], otherwise=" ")
