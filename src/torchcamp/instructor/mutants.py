"""`torchcamp dev mutants`: small changes to a solution that its checks let pass.

A check is worth what it refuses. Each solution is changed in one place at a time (a statement left
out, a number, an operator, an argument or a function exchanged), and each of these mutants is judged
like an answer. One that passes is either another way to write the same, or a mistake for which a
learner would be praised: an author reads the list and decides.
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from torchcamp.course.content import Exercise
from torchcamp.course.judge.client import Judge
from torchcamp.instructor.authoring import by_judges

OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Add,
    ast.Pow: ast.Mult,
}
COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
}
# Functions and methods that are taken for each other.
PAIRS = (
    ("mean", "sum"), ("max", "min"), ("amax", "amin"), ("argmax", "argmin"), ("randn", "rand"),
    ("randn_like", "rand_like"), ("log", "exp"), ("train", "eval"),
)  # fmt: skip
NEIGHBOURS = dict(PAIRS) | {second: first for first, second in PAIRS}
MODULES = {
    "torch",
    "F",
    "nn",
    "math",
    "np",
    "copy",
    "random",
}  # what is called on them is a function


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """A solution changed in one place. line: of the solution. words: what was changed."""

    line: int
    words: str
    source: str


@dataclass(frozen=True, kw_only=True)
class Survivors:
    """How many mutants of an exercise were judged, and those that passed."""

    exercise: str
    num_mutants: int
    passed: tuple[Mutant, ...]


def survivors(
    exercises: list[Exercise], tell: Callable[[str], None] = lambda line: None
) -> Iterator[Survivors]:
    """Judge the mutants of each exercise's solution, in the order of the exercises.

    Args:
        tell: called with the name of each exercise before its mutants are judged.
    """

    def judged(exercise: Exercise, judge: Judge) -> Survivors:
        tell(exercise.name)
        all_mutants = list(mutants(exercise.solution))
        passed = tuple(
            mutant
            for mutant in all_mutants
            if judge.verdict_of(exercise, mutant.source, "solution.py").passed
        )
        return Survivors(exercise=exercise.name, num_mutants=len(all_mutants), passed=passed)

    yield from by_judges(judged, exercises)


def mutants(source: str) -> Iterator[Mutant]:
    """Every mutant of `source`, each once; signatures and docstrings stay as they are."""
    seen = {ast.unparse(ast.parse(source))}
    for place in range(len(list(ast.walk(ast.parse(source))))):
        for which in range(len(_edits_at(source, place)[1])):
            tree, edits = _edits_at(source, place)  # anew: a mutant's tree is taken apart
            words, node, other = edits[which]
            line, what = getattr(node, "lineno", 0), ast.unparse(node).splitlines()[0]
            _Put(node, other).visit(tree)
            text = ast.unparse(tree)
            if text not in seen:
                seen.add(text)
                yield Mutant(line=line, words=f"{words}: {what}", source=text + "\n")


Edit = tuple[str, ast.AST, ast.AST | list[ast.stmt]]  # words, the node, what takes its place


def _edits_at(source: str, place: int) -> tuple[ast.Module, list[Edit]]:
    """The tree of `source`, and what may be changed at its node number `place`."""
    tree = ast.parse(source)
    node = list(ast.walk(tree))[place]
    declared = {id(each) for part in _declarations(tree) for each in ast.walk(part)}
    if id(node) in declared:
        return tree, []
    return tree, [(words, node, other) for words, other in _edits(node)]


def _declarations(tree: ast.Module) -> Iterator[ast.AST]:
    """Arguments, annotations, decorators and docstrings: what a starter gives."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield from (node.args, *node.decorator_list, *([node.returns] if node.returns else []))
        elif isinstance(node, ast.AnnAssign):
            yield node.annotation
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node


def _edits(node: ast.AST) -> Iterator[tuple[str, ast.AST | list[ast.stmt]]]:
    """What may take the place of `node`, with words for the change."""
    match node:
        case ast.Expr() | ast.AugAssign():
            yield "left out", ast.Pass()
        case ast.With(body=body):
            yield "without", body
        case ast.If(orelse=orelse):
            yield "never taken", orelse or ast.Pass()
        case ast.IfExp(body=body, orelse=orelse):
            yield "always the first", body
            yield "always the second", orelse
        case ast.Constant(value=bool() as value):
            yield "turned round", ast.Constant(not value)
        case ast.Constant(value=int() as value):
            yield "one less", ast.Constant(value - 1)
            yield "one more", ast.Constant(value + 1)
        case ast.Constant(value=float() as value):
            yield "doubled", ast.Constant(2 * value)
        case ast.UnaryOp(operand=operand):
            yield "without its sign", operand
        case ast.BinOp(left=left, op=op, right=right):
            if type(op) in OPERATORS:
                yield "another operator", ast.BinOp(left, OPERATORS[type(op)](), right)
            yield "left side only", left
            yield "right side only", right
        case ast.Compare(left=left, ops=[op], comparators=others) if type(op) in COMPARISONS:
            yield "another comparison", ast.Compare(left, [COMPARISONS[type(op)]()], others)
        case ast.Call():
            yield from _call_edits(node)


def _call_edits(node: ast.Call) -> Iterator[tuple[str, ast.AST]]:
    for left_out in node.keywords:
        kept = [keyword for keyword in node.keywords if keyword is not left_out]
        yield f"without {left_out.arg}", ast.Call(node.func, node.args, kept)
    if len(node.args) > 1:
        first, second, *others = node.args
        exchanged = ast.Call(node.func, [second, first, *others], node.keywords)
        yield "arguments exchanged", exchanged
    if not isinstance(node.func, ast.Attribute):
        return
    name, owner = node.func.attr, node.func.value
    if name in NEIGHBOURS:
        other = ast.Attribute(owner, NEIGHBOURS[name], ast.Load())
        yield f"{NEIGHBOURS[name]} for {name}", ast.Call(other, node.args, node.keywords)
    if not (isinstance(owner, ast.Name) and owner.id in MODULES):
        yield f"without .{name}()", owner
    elif node.args:
        yield f"without {name}()", node.args[0]


class _Put(ast.NodeTransformer):
    """Puts something in the place of one node."""

    def __init__(self, node: ast.AST, other: ast.AST | list[ast.stmt]) -> None:
        self.node, self.other = node, other

    def visit(self, node: ast.AST) -> ast.AST | list[ast.stmt]:
        return self.other if node is self.node else self.generic_visit(node)
