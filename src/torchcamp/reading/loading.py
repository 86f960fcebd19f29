"""Load one class or function of a file without running the rest of it.

Importing a script builds its data set and trains. To read one of its classes, only the statements
that the class needs are run: those that bind the names it looks up, and what these look up in turn.
That is a definition slice. Names are taken from the compiled code, which tells local variables from
global ones.

What is left still runs: decorators, class bodies, assignments. A slice is not a sandbox.
"""

import ast
import builtins
import contextlib
import dis
import functools
import importlib
import importlib.abc
import importlib.util
import inspect
import io
import os
import pathlib
import shlex
import sys
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from typing import Any

from torchcamp.base.errors import ReadError, suggest
from torchcamp.reading.notebooks import as_script

Function = ast.FunctionDef | ast.AsyncFunctionDef
LIBRARIES = ("site-packages", "dist-packages")
MAX_LISTED = 8  # names that an error lists


@dataclass(kw_only=True)
class Loaded:
    """A target and where it came from.

    Attributes:
        value: the class or function.
        namespace: the names of its module, for expressions that the user gives.
        skipped: top-level statements that did not run: first line, last line, text of the first.
        num_kept: how many did.
    """

    target: str
    file: Path
    name: str
    value: Any
    namespace: Mapping[str, Any]
    skipped: list[tuple[int, int, str]] = field(default_factory=list)
    num_kept: int = 0


def load(
    target: str,
    *,
    expressions: Iterable[str] = (),
    full_import: bool = False,
    argv: Sequence[str] = (),
) -> Loaded:
    """Load `FILE.py:Class`, `FILE.ipynb:Class`, `package.module:Class` or `hf:gpt2`.

    Args:
        expressions: Python that will be evaluated among the target's names; what it looks up is
            kept too.
        full_import: run the whole file instead of the slice.
        argv: the script's own arguments.

    Raises:
        ReadError: no such file, module or name, or what had to run failed.
    """
    if target.startswith("hf:"):
        return load_architecture(target)
    where, separator, name = target.rpartition(":")
    if not separator or not where or not name.replace(".", "").isidentifier():
        raise ReadError(f"{target!r} is not a target; give FILE.py:Class or package.module:Class")
    if where.endswith((".py", ".ipynb")) or os.sep in where:
        file = Path(where).expanduser().resolve()
        if not file.is_file():
            raise ReadError(f"{where} does not exist")
        _make_importable(file)
        if file.suffix == ".ipynb":
            file = as_script(file, Path.cwd())
    else:
        module_file = _find_module(where)
        if module_file is None or any(part in module_file.parts for part in LIBRARIES):
            return _import(target, where, name, argv)
        file = module_file
    return _slice(target, file, name, expressions, full_import, argv)


def load_architecture(target: str) -> Loaded:
    """A builder of a Hugging Face architecture: `hf:gpt2` or `hf:GPT2Config`, without weights.

    Its keyword arguments are those of the config class: `--args n_layer=2`.

    Raises:
        ReadError: transformers is not installed, or has no such architecture.
    """
    name = target.removeprefix("hf:")
    try:
        auto: Any = importlib.import_module("transformers")
    except ModuleNotFoundError as error:
        raise ReadError(
            f"{target} needs the transformers package; install it with: pip install transformers"
        ) from error
    kinds = list(auto.CONFIG_MAPPING.keys())
    config = auto.CONFIG_MAPPING[name] if name in kinds else getattr(auto, name, None)
    if config is None or not inspect.isclass(config):
        raise ReadError(
            f"transformers has no architecture {name!r}. {suggest(name, kinds, otherwise=' ')}"
        )

    def build(**options: Any) -> Any:
        return auto.AutoModel.from_config(config(**options))

    source = inspect.getsourcefile(config) or ""
    return Loaded(target=target, file=Path(source), name=name, value=build, namespace={})


def _find_module(name: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(name)
    except Exception as error:  # the packages around it are imported, and may fail in their own way
        raise ReadError(
            f"cannot find the module {name}: {type(error).__name__}: {_first_line(error)}"
        ) from error
    if spec is None:
        raise ReadError(f"cannot find the module {name}")
    return Path(spec.origin) if spec.origin and spec.origin.endswith(".py") else None


def _import(target: str, module_name: str, name: str, argv: Sequence[str]) -> Loaded:
    """Load from an installed package: that is made to be imported whole."""
    module = _run_as_script(lambda: importlib.import_module(module_name), module_name, argv)
    first = name.partition(".")[0]
    if first not in vars(module):  # a package that imports its parts when they are asked for
        with contextlib.suppress(AttributeError):
            vars(module)[first] = getattr(module, first)
    value = _member(vars(module), name, module_name)
    try:
        source = inspect.getsourcefile(value) or module.__file__ or ""
    except TypeError:  # an instance
        source = inspect.getsourcefile(type(value)) or module.__file__ or ""
    return Loaded(target=target, file=Path(source), name=name, value=value, namespace=vars(module))


def _make_importable(file: Path) -> None:
    """Put the file's folder, and the one that its package lies in, on the module search path."""
    root = file.parent
    while (root / "__init__.py").is_file():
        root = root.parent
    for folder in dict.fromkeys([str(root), str(file.parent)]):
        if folder not in sys.path:
            sys.path.insert(0, folder)


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
    try:
        text = file.read_text()
        tree = ast.parse(text)
    except (SyntaxError, UnicodeDecodeError) as error:
        raise ReadError(f"{file} is not Python {sys.version_info[0]}: {error}") from error
    if not full_import:
        _extend_search_path(tree, file)
        slice_imports_from(file.parent)
    kept = set(tree.body) if full_import else _needed(tree, file, name, expressions)
    body = [node for node in _reachable(tree) if node in kept]
    package = _package_of(file)
    module = _new_module(file, package)
    _enter_package(package, file, argv)
    before = sys.modules.get(module.__name__)
    sys.modules[module.__name__] = module  # dataclasses and pickle look their module up
    code = compile(ast.Module(body=body, type_ignores=[]), str(file), "exec", dont_inherit=True)
    try:
        _run_as_script(lambda: exec(code, vars(module)), file.name, argv)
    finally:
        if before is not None:
            sys.modules[module.__name__] = before
    lines = text.splitlines()
    return Loaded(
        target=target,
        file=file,
        name=name,
        value=_member(vars(module), name, file.name),
        namespace=vars(module),
        skipped=[
            (node.lineno, node.end_lineno or node.lineno, lines[node.lineno - 1].strip())
            for node in tree.body
            if node not in kept
            and not _is_docstring(node)
            and not (_is_main_guard(node) and any(part in kept for part in node.body))  # type: ignore[attr-defined]
        ],
        num_kept=len(body),
    )


def _extend_search_path(tree: ast.Module, file: Path) -> None:
    """Do what the file does to `sys.path`, from the folder that it lies in."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if ast.unparse(node.func) not in ("sys.path.append", "sys.path.insert") or not node.args:
            continue
        with contextlib.suppress(Exception):  # what cannot be worked out here is left out
            names = {"os": os, "Path": Path, "pathlib": pathlib, "__file__": str(file), "sys": sys}
            folder = eval(ast.unparse(node.args[-1]), names)
            sys.path.append(str((file.parent / str(folder)).resolve()))


class _Slices(importlib.abc.MetaPathFinder):
    """Imports the user's other files as slices: what they define, and what that needs.

    A script without a main guard would train when it is imported. What else a file binds is run when
    it is asked for.
    """

    def __init__(self, folder: Path) -> None:
        root = folder
        while (root / "__init__.py").is_file():
            root = root.parent
        self._inside = str(root) + os.sep

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path, target)
        origin = spec.origin if spec is not None else None
        if spec is None or origin is None or not origin.endswith(".py"):
            return None
        is_local = os.path.abspath(origin).startswith(self._inside)
        if not is_local or origin.endswith("__init__.py") or any(x in origin for x in LIBRARIES):
            return None
        spec.loader = _SliceLoader(fullname, origin)
        return spec


class _SliceLoader(SourceFileLoader):
    def exec_module(self, module: types.ModuleType) -> None:
        tree = ast.parse(self.get_data(self.path).decode("utf-8-sig"), self.path)
        done: set[ast.stmt] = set()

        def run(wanted: set[str]) -> None:
            kept = _closure(tree, wanted) - done
            body = [node for node in _reachable(tree) if node in kept]
            done.update(kept)
            code = ast.Module(body=body, type_ignores=[])
            exec(compile(code, self.path, "exec", dont_inherit=True), vars(module))

        def __getattr__(name: str) -> Any:
            bound = {each for node in _reachable(tree) for each in _bound_names(node)}
            if name in bound and not name.startswith("__"):
                run({name})
            if name not in vars(module):
                raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")
            return vars(module)[name]

        module.__dict__["__getattr__"] = __getattr__
        defined = {node.name for node in tree.body if isinstance(node, Function | ast.ClassDef)}
        run(defined | {"__all__"})


def slice_imports_from(folder: Path) -> None:
    """From now on, import the files below `folder`, or below its package's, as slices."""
    sys.meta_path.insert(0, _Slices(folder))


def _needed(tree: ast.Module, file: Path, name: str, expressions: Iterable[str]) -> set[ast.stmt]:
    """The statements that `name`, `make_input` and the expressions need."""
    first = name.partition(".")[0]
    if not any(first in _bound_names(node) for node in _reachable(tree)):
        known = [node.name for node in tree.body if isinstance(node, Function | ast.ClassDef)]
        listing = f"torchcamp read {shlex.quote(str(file))} lists its models."
        hint = suggest(name, known, otherwise=listing if len(known) > MAX_LISTED else None)
        raise ReadError(f"{file.name} has no {name!r}. {hint}")
    wanted = {first, "make_input"}
    for expression in expressions:
        wanted |= _expression_names(expression)
    return _closure(tree, wanted)


def _new_module(file: Path, package: str) -> types.ModuleType:
    """An empty module for a file, under the name that an import would give it."""
    is_init = file.stem == "__init__"
    if is_init:
        name = package or file.parent.name
    else:
        name = f"{package}.{file.stem}" if package else file.stem
        if name in sys.stdlib_module_names:
            name = f"read_{name}"
    module = types.ModuleType(name)
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
        raise ReadError(f"{what} needs {error.name}, which is not installed") from error
    except Exception as error:
        line = _line_in(error, what)
        where = f"{what}:{line}" if line else what
        raise ReadError(f"{where}: {type(error).__name__}: {_first_line(error)}") from error
    finally:
        sys.argv, sys.stderr = arguments, said


def _last_words() -> str:
    """The last line on standard error, where argparse names the missing option."""
    text = sys.stderr.getvalue() if isinstance(sys.stderr, io.StringIO) else ""
    return (text.strip().splitlines() or [""])[-1].partition("error: ")[2]


def _line_in(error: BaseException, name: str) -> int | None:
    """The innermost line of the file called `name` that an exception passed."""
    traceback, line = error.__traceback__, None
    while traceback is not None:
        if Path(traceback.tb_frame.f_code.co_filename).name == name:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [""])[0]


def _member(names: Mapping[str, Any], name: str, where: str) -> Any:
    """The value of a dotted name such as `Outer.Inner`."""
    first, *rest = name.split(".")
    if first not in names:
        raise ReadError(f"{where} has no {name!r}. {_nearest(first, names)}".rstrip())
    value = names[first]
    for part in rest:
        if not hasattr(value, part):
            raise ReadError(f"{where} has no {name!r}. {_nearest(part, vars(value))}".rstrip())
        value = getattr(value, part)
    return value


def _nearest(name: str, names: Mapping[str, Any]) -> str:
    """The public name that was probably meant; nothing where none is near."""
    return suggest(name, [each for each in names if not each.startswith("_")], otherwise=" ")


# --- The slice -------------------------------------------------------------------------


def _closure(tree: ast.Module, wanted: set[str]) -> set[ast.stmt]:
    """The statements that bind what is wanted, and what those look up, and so on."""
    statements = list(_reachable(tree))
    main = {part for node in tree.body if _is_main_guard(node) for part in node.body}  # type: ignore[attr-defined]
    binds = {node: _bound_names(node) for node in statements}
    reads = {node: _looked_up(node) for node in statements}
    outside = set().union(*(binds[node] for node in statements if node not in main), set())
    imported = {
        name
        for node in statements
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in binds[node]
    }
    kept: set[ast.stmt] = {
        node
        for node in statements
        if isinstance(node, ast.ImportFrom) and node.module == "__future__"
    }
    done: set[str] = set()
    waiting = set(wanted)
    while waiting:
        done |= waiting
        more: set[ast.stmt] = set()
        for node in statements:
            if node in kept or isinstance(node, ast.For | ast.AsyncFor | ast.While):
                continue
            names = binds[node] & done
            if node in main:
                names -= (
                    outside  # the file binds it elsewhere too: this belongs to the script's run
                )
            if names or _fills(node, done - imported):
                more.add(node)
        kept |= more
        waiting = set().union(*(reads[node] for node in more), set()) - done
    unknown = {n for n in done if not hasattr(builtins, n)} - outside
    if unknown:  # it may come from `from x import *`
        for node in statements:
            if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
                kept.add(node)
    return kept


def _reachable(tree: ast.Module) -> Iterable[ast.stmt]:
    """Top-level statements, and those under `if __name__ == "__main__"`."""
    for node in tree.body:
        if _is_main_guard(node):
            yield from node.body  # type: ignore[attr-defined]
        else:
            yield node


def _is_main_guard(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "__name__" in {
        part.id for part in ast.walk(node.test) if isinstance(part, ast.Name)
    }


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _fills(node: ast.stmt, names: set[str]) -> bool:
    """Whether it changes an object that is kept: `parser.add_argument(...)`, `table["x"] = 1`."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        root: ast.AST = node.value.func
        if not isinstance(root, ast.Attribute):
            return False
    elif isinstance(node, ast.Assign | ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        roots = [t for t in targets if isinstance(t, ast.Attribute | ast.Subscript)]
        if not roots:
            return False
        root = roots[0]
    else:
        return False
    while isinstance(root, ast.Attribute | ast.Subscript | ast.Call):
        root = root.func if isinstance(root, ast.Call) else root.value
    return isinstance(root, ast.Name) and root.id in names


def _bound_names(node: ast.stmt) -> set[str]:
    """The global names that a statement gives a value, wherever inside it."""
    if isinstance(node, Function | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    names: set[str] = set()
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            names |= _bound_names(child)
        elif isinstance(child, ast.ExceptHandler):
            names |= {name for inner in child.body for name in _bound_names(inner)}
        else:
            names |= {
                part.id
                for part in ast.walk(child)
                if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
            }
    return names


def _looked_up(node: ast.stmt) -> set[str]:
    """The global names that a statement, or any function in it, reads."""
    code = compile(ast.Module(body=[node], type_ignores=[]), "<slice>", "exec", dont_inherit=True)
    return _code_names(code) | _annotation_names(node)


def _code_names(code: types.CodeType) -> set[str]:
    names = {
        instruction.argval
        for instruction in dis.get_instructions(code)
        if instruction.opname in ("LOAD_NAME", "LOAD_GLOBAL", "LOAD_CLASSDEREF")
        or instruction.opname.startswith("LOAD_FROM_DICT_OR")
    }
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names |= _code_names(constant)
    return names


def _annotation_names(node: ast.stmt) -> set[str]:
    """Names in a constructor's annotations: a missing argument may be built from its type."""
    if not isinstance(node, ast.ClassDef):
        return set()
    return {
        part.id
        for child in node.body
        if isinstance(child, Function) and child.name == "__init__"
        for argument in [*child.args.args, *child.args.kwonlyargs]
        if argument.annotation is not None
        for part in ast.walk(argument.annotation)
        if isinstance(part, ast.Name)
    }


def _expression_names(expression: str) -> set[str]:
    try:
        tree = ast.parse(expression, mode="eval")
    except SyntaxError:
        return set()  # evaluating it will say so
    return {part.id for part in ast.walk(tree) if isinstance(part, ast.Name)}
