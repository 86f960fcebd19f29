"""A module of which a statement runs when something needs it: a definition slice that grows.

Importing a script builds its data set and trains. To read one of its classes, only the statements
that the class needs are run: those that bind the names it looks up, and what these look up in turn.
Names are taken from the compiled code, which tells local variables from global ones. When a name
is asked for later, by an import elsewhere or as an attribute, its statements run then.

What is left still runs: decorators, class bodies, assignments. A slice is not a sandbox.
"""

import __future__

import ast
import builtins
import dis
import os
import sys
import types
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from weakref import WeakKeyDictionary

Function = ast.FunctionDef | ast.AsyncFunctionDef
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_FILLING = (
    "add",
    "add_module",
    "append",
    "extend",
    "insert",
    "register_module",
    "setdefault",
    "update",
)


class Slice:
    """The statements of one file, and which of them have run.

    Attributes:
        ran: those that did.
        failed: those that change an object of theirs (`net.load_state_dict(...)`) and could not:
            line and message. What binds a name must not fail.

    Args:
        tree: the file.
        module: where their names go.
        file: what tracebacks name.
        as_script: the file is the one that is read: names that only its `__main__` block binds
            count too.
    """

    def __init__(
        self, tree: ast.Module, module: types.ModuleType, file: str, *, as_script: bool
    ) -> None:
        self.tree = tree
        self.ran: set[ast.stmt] = set()
        self.failed: list[tuple[int, str]] = []
        self.statements = [node for node in reachable(tree) if as_script or not is_main_guard(node)]
        self._names = vars(module)
        self._file = file
        self._main = {
            part
            for node in tree.body
            if is_main_guard(node)
            for part in node.body  # type: ignore[attr-defined]
        }
        self._binds = {node: bound_names(node) for node in self.statements}
        self._reads: dict[ast.stmt, set[str]] = {}
        self._outside = set().union(
            *(names for node, names in self._binds.items() if node not in self._main)
        )
        self._imported = {
            name
            for node, names in self._binds.items()
            if isinstance(node, ast.Import | ast.ImportFrom)
            for name in names
        }
        self._flags = 0
        for node in tree.body:
            if isinstance(node, ast.ImportFrom) and node.module == "__future__":
                for alias in node.names:
                    self._flags |= getattr(__future__, alias.name).compiler_flag
        self._path_changes = [node for node in self.statements if _changes_path(node)]
        self._all: list[str] | None = None
        self._unknown: set[str] = set()  # looked up here, and bound by no statement

    def binds(self, name: str) -> bool:
        """Whether some statement gives the name a value, `from x import *` aside."""
        return any(name in names for names in self._binds.values())

    def need(self, names: Iterable[str]) -> None:
        """Run what these names need and has not run yet, in the order of the file."""
        self._change_path()
        batch, wanted = self._closure(set(names))
        unknown = {
            name
            for name in wanted
            if name not in self._outside and name not in self._names and not hasattr(builtins, name)
        }
        if unknown - self._unknown:  # it may come from `from x import *`, also from one that ran
            self._unknown |= unknown
            batch |= {node for node, bound in self._binds.items() if "*" in bound}
            self.ran -= {node for node in batch if "*" in self._binds[node]}
        self._run(batch)

    def _change_path(self) -> None:
        """Let `sys.path.append("..")` happen before anything is imported, once.

        It means the file's own folder, or another one on the path, not the one that we work in.
        """
        changes, self._path_changes = self._path_changes, []
        if not changes:
            return
        work, folder = os.getcwd(), os.path.dirname(os.path.abspath(self._file))
        for node in changes:
            needed, _ = self._closure(self._looked_up(node))
            os.chdir(folder)
            try:
                self._run({*needed, node})
            except (Exception, SystemExit):
                continue  # what cannot be found without it says so
            finally:
                os.chdir(work)
        bases = [folder, *(entry for entry in sys.path if os.path.isabs(entry))]
        for index, entry in enumerate(sys.path):
            if not os.path.isabs(entry):
                found = (os.path.realpath(os.path.join(base, entry)) for base in bases)
                sys.path[index] = next((path for path in found if os.path.isdir(path)), entry)

    def run_dynamic(self) -> None:
        """Run the statements that make names in ways that cannot be read off."""
        self._run({node for node in self.statements if is_dynamic(node)})

    def run_all(self) -> None:
        """Run the whole file."""
        self._run(set(self.statements))

    def register(self, is_local: Callable[[str], bool]) -> None:
        """Run the definitions that a decorator of the user's may enter somewhere.

        Args:
            is_local: whether a module, by its name as it is written, is the user's too.
        """
        own = {node.name for node in self.statements if isinstance(node, Function | ast.ClassDef)}
        for node in self.statements:
            if isinstance(node, ast.ImportFrom) and is_local(
                "." * node.level + (node.module or "")
            ):
                own |= self._binds[node]
            elif isinstance(node, ast.Import):
                own |= {
                    (alias.asname or alias.name).partition(".")[0]
                    for alias in node.names
                    if is_local(alias.name)
                }
        for node in self.statements:
            if isinstance(node, Function | ast.ClassDef) and _decorators(node) & own:
                try:
                    self.need([node.name])
                except Exception:
                    continue  # whoever needs it will be told why

    def exported(self) -> list[str]:
        """Its `__all__`, which is not left among the names: an `import *` is to ask for it."""
        if self._all is None:
            self.need(["__all__"])
            self._all = list(self._names.pop("__all__"))
        return self._all

    def public(self, module: types.ModuleType, importer: "Slice | None") -> list[str]:
        """What `from module import *` brings: to a slice, only the names that it lacks."""
        names = set().union(*self._binds.values()) - {"*"}
        if self.binds("__all__"):
            names = set(self.exported())
        else:
            names = {name for name in names if not name.startswith("_")}
        if importer is None:
            return sorted(name for name in names if hasattr(module, name))
        lacking = importer._unknown
        if any("*" in bound for bound in self._binds.values()) and not self.binds("__all__"):
            names |= {name for name in lacking if not name.startswith("_")}
        return sorted(name for name in names & lacking if hasattr(module, name))

    def _closure(self, wanted: set[str]) -> tuple[set[ast.stmt], set[str]]:
        """The statements that bind what is wanted, and what those look up, and so on; all names."""
        kept: set[ast.stmt] = set()
        done: set[str] = set()
        waiting = wanted
        while waiting:
            done |= waiting
            more = {
                node for node in self.statements if node not in kept and self._belongs(node, done)
            }
            kept |= more
            waiting = set().union(*(self._looked_up(node) for node in more)) - done
        return kept, done

    def _belongs(self, node: ast.stmt, done: set[str]) -> bool:
        filled = done - self._imported
        if isinstance(node, _LOOPS):
            return _builds(node.body, filled)
        names = self._binds[node] & done
        if node in self._main:
            names -= self._outside  # bound elsewhere too: this belongs to the script's own run
        return bool(names) or _fills(node, filled)

    def _looked_up(self, node: ast.stmt) -> set[str]:
        if node not in self._reads:
            self._reads[node] = _looked_up(node)
        return self._reads[node]

    def _run(self, batch: set[ast.stmt]) -> None:
        for node in self.statements:
            if node not in batch or node in self.ran:  # it may have run since: a circle of imports
                continue
            self.ran.add(node)
            whole = ast.Module(body=[node], type_ignores=[])
            code = compile(whole, self._file, "exec", flags=self._flags, dont_inherit=True)
            try:
                exec(code, self._names)
            except BaseException as error:
                self.ran.discard(node)  # whoever needs it next meets the same error
                binds = self._binds[node] and not isinstance(node, _LOOPS)
                if binds or not isinstance(error, Exception):
                    raise
                message = (str(error).strip().splitlines() or [""])[0]
                self.failed.append((node.lineno, f"{type(error).__name__}: {message}"))


class SlicedModule(types.ModuleType):
    """A module whose names appear when they are asked for; `begin` gives it its slice.

    It has no other attributes of its own, for these would hide names of the user's.
    """

    def __getattr__(self, name: str) -> Any:
        own = _SLICES.get(self)
        missing = AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        if own is None:
            raise missing
        if name == "__all__" and _imports_star(frame := sys._getframe(1)):
            return own.public(self, slice_of(str(frame.f_globals.get("__name__"))))
        if name == "__all__" and own.binds(name):
            return own.exported()
        names = vars(self)
        if own.binds(name) or not name.startswith("__"):
            own.need([name])
        if name not in names and own.binds("__getattr__"):
            own.need(["__getattr__"])
            return names["__getattr__"](name)
        if name not in names and not name.startswith("__"):
            own.run_dynamic()
            replaced = sys.modules.get(self.__name__, self)
            if replaced is not self:
                return getattr(replaced, name)
        if name not in names:
            raise missing
        return names[name]


_SLICES: WeakKeyDictionary[types.ModuleType, Slice] = WeakKeyDictionary()


def begin(module: SlicedModule, tree: ast.Module, *, as_script: bool = False) -> Slice:
    """Give a module, which has its `__file__`, the statements of that file; run none of them."""
    own = _SLICES[module] = Slice(tree, module, str(module.__file__), as_script=as_script)
    return own


def slice_of(name: str) -> Slice | None:
    """The slice of an imported module; None where it is not sliced."""
    module = sys.modules.get(name)
    return _SLICES.get(module) if module is not None else None


def _imports_star(frame: types.FrameType) -> bool:
    """Whether the frame is at a `from x import *`, not at an attribute that it looks up."""
    operation = dis.opname[frame.f_code.co_code[frame.f_lasti]]
    return operation in ("IMPORT_STAR", "CALL_INTRINSIC_1")


# --- Statements ------------------------------------------------------------------------


def reachable(tree: ast.Module) -> Iterator[ast.stmt]:
    """Top-level statements, and those under `if __name__ == "__main__"`."""
    for node in tree.body:
        if is_main_guard(node):
            yield from node.body  # type: ignore[attr-defined]
        else:
            yield node


def is_main_guard(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "__name__" in {
        part.id for part in ast.walk(node.test) if isinstance(part, ast.Name)
    }


def _decorators(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> set[str]:
    """The names that its decorators begin with."""
    roots = set()
    for decorator in node.decorator_list:
        root: ast.AST = decorator
        while isinstance(root, ast.Attribute | ast.Call):
            root = root.func if isinstance(root, ast.Call) else root.value
        if isinstance(root, ast.Name):
            roots.add(root.id)
    return roots


def is_dynamic(node: ast.stmt) -> bool:
    """`globals()[name] = ...`, `sys.modules[__name__] = ...`, wherever inside it."""
    if isinstance(node, Function | ast.ClassDef):
        return False
    return any(
        (isinstance(part, ast.Name) and part.id == "globals")
        or (isinstance(part, ast.Attribute) and part.attr == "modules")
        for part in ast.walk(node)
    )


def _changes_path(node: ast.stmt) -> bool:
    """`sys.path.append(...)`, `sys.path += [...]`, also below an `if`; not in a function."""
    if isinstance(node, Function | ast.ClassDef | ast.For | ast.AsyncFor | ast.While):
        return False
    targets: list[ast.AST] = []
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        function = node.value.func
        targets = [function.value] if isinstance(function, ast.Attribute) else [function]
    elif isinstance(node, ast.Assign):
        targets = [part.value if isinstance(part, ast.Subscript) else part for part in node.targets]
    elif isinstance(node, ast.AugAssign):
        targets = [node.target]
    if any(ast.unparse(target) in ("sys.path", "site") for target in targets):
        return True
    parts = [part for part in ast.iter_child_nodes(node) if isinstance(part, ast.stmt)]
    return bool(parts) and any(map(_changes_path, parts))


def _builds(body: list[ast.stmt], names: set[str]) -> bool:
    """Whether a loop only fills what is kept, as in `layers.append(nn.Linear(8, 8))`.

    One that trains calls other things than these.
    """
    return all(map(_is_quiet, body)) and any(
        _fills(part, names)
        for node in body
        for part in ast.walk(node)
        if isinstance(part, ast.stmt)
    )


def _is_quiet(node: ast.stmt) -> bool:
    """An assignment, or a call that adds to something."""
    if isinstance(node, ast.Expr):
        call = node.value
        return (
            isinstance(call, ast.Call)
            and isinstance(call.func, ast.Attribute)
            and call.func.attr in _FILLING
        )
    if isinstance(node, ast.If | ast.For | ast.With):
        return all(_is_quiet(each) for each in [*node.body, *getattr(node, "orelse", [])])
    return isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Pass | ast.Continue)


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


def bound_names(node: ast.stmt) -> set[str]:
    """The global names that a statement gives a value, wherever inside it; `*` for an import of all."""
    if isinstance(node, Function | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    names: set[str] = set()
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            names |= bound_names(child)
        elif isinstance(child, ast.ExceptHandler | ast.match_case):
            names |= {name for inner in child.body for name in bound_names(inner)}
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
