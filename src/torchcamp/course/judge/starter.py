"""What a starter asks its learner for, and what an answer gives back, read from the source. Without torch."""

import ast


def definitions(source: str) -> list[str]:
    """The public functions and classes that the starter begins."""
    return [
        node.name
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
    ]


def predictions(source: str) -> list[str]:
    """The names that the starter of a reading exercise leaves open: `shape = ...`."""
    return [
        target.id
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and node.value.value is ...
        for target in node.targets
        if isinstance(target, ast.Name)
    ]


def may_end_without_return(source: str) -> bool:
    """Whether some public function or method of an answer may end without a `return`."""
    return any(
        isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and ends_without_return(node)
        for node in ast.walk(ast.parse(source))
    )


def ends_without_return(function: ast.FunctionDef) -> bool:
    """Whether the last line of a function, which may not be reached, neither returns nor raises."""
    return not isinstance(function.body[-1], ast.Return | ast.Raise)
