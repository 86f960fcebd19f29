"""Quote a symbol of our own source by its name; never by line numbers, never a pasted copy."""

import ast
import textwrap

from torchcamp.base.moved import current_file
from torchcamp.base.paths import PACKAGE


class SymbolError(Exception):
    """A file or symbol that does not exist."""


def source_of(reference: str) -> str:
    """The lines of `models/cnn.py::CNN.forward`, its comments and decorators included.

    Args:
        reference: a file of the package, `::`, and the dotted name of a class or function in it.

    Raises:
        SymbolError: the file or the symbol does not exist.
    """
    file, separator, symbol = reference.partition("::")
    file = current_file(file)
    path = PACKAGE / file
    if not separator or not path.is_file():
        raise SymbolError(f"{reference!r} does not name a file of the package")
    text = path.read_text(encoding="utf-8")
    node: ast.AST = ast.parse(text)
    for name in symbol.split("."):
        inner = [
            child
            for child in ast.iter_child_nodes(node)
            if isinstance(child, ast.FunctionDef | ast.ClassDef) and child.name == name
        ]
        if not inner:
            raise SymbolError(f"{file} has no {symbol!r}")
        node = inner[0]
    assert isinstance(node, ast.FunctionDef | ast.ClassDef)
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    lines = text.splitlines()[first - 1 : node.end_lineno]
    return textwrap.dedent("\n".join(lines))
