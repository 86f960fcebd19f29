"""A source file cut into statements: which lines belong together, what each binds and reads.

A statement is a row of a reading. One that holds others (`if`, `for`, `with`, `def`) is its header
alone; two that share a line are one row.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from torchcamp.base.errors import ReadError
from torchcamp.reading.notebooks import source_of

MERGED = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>", "<lambda>")  # part of a statement
KINDS = {
    ast.If: "if",
    ast.For: "for",
    ast.AsyncFor: "for",
    ast.While: "while",
    ast.With: "with",
    ast.AsyncWith: "with",
    ast.Try: "try",
    ast.Match: "match",
    ast.Return: "return",
    ast.FunctionDef: "def",
    ast.AsyncFunctionDef: "def",
    ast.ClassDef: "class",
}
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(kw_only=True)
class Statement:
    """One row: its lines, and what a tracer needs to know about it before it runs.

    Attributes:
        bound: names, and dotted names such as `self.state`, that it gives a value.
        read: names that it looks up.
        body: the first line of what it holds, for a header.
        loops: whether its own lines may run again within one execution (a comprehension).
    """

    line: int
    end_line: int
    kind: str = "simple"
    bound: list[str] = field(default_factory=list)
    read: list[str] = field(default_factory=list)
    body: int | None = None
    loops: bool = False


@dataclass(frozen=True, kw_only=True)
class FunctionSpan:
    """A function or method: `Block.forward`, from its first decorator to its last line."""

    name: str
    first_line: int
    line: int  # of `def`
    end_line: int


class Statements:
    """The rows of one file's text.

    Raises:
        SyntaxError: the text is not Python of this version.
    """

    def __init__(self, text: str) -> None:
        self.lines = text.splitlines()
        self.rows: dict[int, Statement] = {}  # by first line
        self.functions: dict[tuple[int, str], FunctionSpan] = {}  # by first line and name
        self._row_of: dict[int, int] = {}  # line -> first line of its row
        tree = ast.parse(text)
        for node in _statements(tree):
            self._add(node)
        for function in _functions(tree, ""):
            self.functions[function.first_line, function.name.rpartition(".")[2]] = function

    def at(self, line: int) -> Statement | None:
        """The row that `line` belongs to."""
        first = self._row_of.get(line)
        return None if first is None else self.rows[first]

    def text(self, row: Statement) -> str:
        return "\n".join(self.lines[row.line - 1 : row.end_line])

    def within(self, place: FunctionSpan) -> list[Statement]:
        """The rows of a function, its `def` first, without those of functions inside it."""
        inner = [
            other
            for other in self.functions.values()
            if place.line < other.line and other.end_line <= place.end_line
        ]
        return [
            row
            for line, row in sorted(self.rows.items())
            if place.line <= line <= place.end_line
            and not any(other.line < line <= other.end_line for other in inner)
        ]

    def _add(self, node: ast.stmt) -> None:
        kind = KINDS.get(type(node), "simple")
        end = node.end_lineno or node.lineno
        body = getattr(node, "body", None) or getattr(node, "cases", None)
        first = None
        header: list[ast.AST] = [node]
        if body:
            first = (
                body[0].pattern.lineno if isinstance(body[0], ast.match_case) else body[0].lineno
            )
            end = max(node.lineno, first - 1)
            header = list(_header(node))
            if isinstance(node, ast.Try):
                end = node.lineno
            # Comments between a header and its body belong to the body.
            while end > node.lineno and not _code(self.lines[end - 1]):
                end -= 1
        own = self._row_of.get(node.lineno)
        row = self.rows[own] if own is not None else Statement(line=node.lineno, end_line=end)
        if own is None:
            row.kind, row.body = kind, first
            self.rows[node.lineno] = row
        row.end_line = max(row.end_line, end)
        row.bound = list(dict.fromkeys([*row.bound, *_bound(node, header)]))
        row.read = list(dict.fromkeys([*row.read, *_read(header)]))
        row.loops = row.loops or any(
            isinstance(part, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp)
            for top in header
            for part in ast.walk(top)
        )
        for line in range(row.line, row.end_line + 1):
            self._row_of[line] = row.line


@lru_cache(maxsize=512)
def statements_of(file: str) -> Statements | None:
    """The rows of a file; None where its source is missing or does not parse."""
    try:
        return Statements(source_of(Path(file)))
    except (ReadError, SyntaxError):
        return None


def _statements(tree: ast.AST) -> Iterator[ast.stmt]:
    """All statements, the outer ones first."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.stmt):
            yield child
        if not isinstance(child, ast.expr):
            yield from _statements(child)


def _functions(tree: ast.AST, prefix: str) -> Iterator[FunctionSpan]:
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, Function):
            first = min([child.lineno, *(decorator.lineno for decorator in child.decorator_list)])
            yield FunctionSpan(
                name=prefix + child.name,
                first_line=first,
                line=child.lineno,
                end_line=child.end_lineno or child.lineno,
            )
            yield from _functions(child, f"{prefix}{child.name}.")
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{prefix}{child.name}.")
        else:
            yield from _functions(child, prefix)


def _header(node: ast.stmt) -> Iterator[ast.AST]:
    """What the header of a statement evaluates, its body left out."""
    if isinstance(node, ast.If | ast.While):
        yield node.test
    elif isinstance(node, ast.For | ast.AsyncFor):
        yield from (node.target, node.iter)
    elif isinstance(node, ast.With | ast.AsyncWith):
        yield from node.items
    elif isinstance(node, ast.Match):
        yield node.subject


def _bound(node: ast.stmt, header: list[ast.AST]) -> list[str]:
    if isinstance(node, Function):
        arguments = node.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every += [extra for extra in (arguments.vararg, arguments.kwarg) if extra]
        return [argument.arg for argument in every]
    targets: list[ast.AST] = []
    if isinstance(node, ast.Assign):
        targets += node.targets
    elif isinstance(node, ast.AugAssign | ast.AnnAssign | ast.For | ast.AsyncFor):
        targets.append(node.target)
    elif isinstance(node, ast.With | ast.AsyncWith):
        targets += [item.optional_vars for item in node.items if item.optional_vars]
    targets += [
        part.target for top in header for part in ast.walk(top) if isinstance(part, ast.NamedExpr)
    ]
    return [name for target in targets for name in _names(target)]


def _names(target: ast.AST) -> Iterator[str]:
    if isinstance(target, ast.Tuple | ast.List):
        for element in target.elts:
            yield from _names(element)
    elif isinstance(target, ast.Starred | ast.Subscript):
        yield from _names(target.value)
    else:
        name = _dotted(target)
        if name:
            yield name


def _dotted(node: ast.AST) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        owner = _dotted(node.value)
        return f"{owner}.{node.attr}" if owner else None
    return None


def _read(header: list[ast.AST]) -> list[str]:
    """Names whose value is used; an augmented assignment both reads and binds its name."""
    return [
        part.id
        for top in header
        if not isinstance(top, Function | ast.ClassDef)
        for part in ast.walk(top)
        if isinstance(part, ast.Name)
        and (isinstance(part.ctx, ast.Load) or isinstance(top, ast.AugAssign))
    ]


def _code(line: str) -> bool:
    stripped = line.strip()
    return bool(stripped) and not stripped.startswith("#")
