"""What a starter asks its learner for, read from its source. Without torch."""

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
