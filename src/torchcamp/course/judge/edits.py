"""Small edits of Python code: everything that changes an answer in one place.

Two directions use them. Forwards: a solution changed in one place is a wrong answer whose cause is
known (`mutants`), so that whoever's answer does the same can be told so, and so that an author sees
which mistakes the checks let pass. Backwards: a wrong answer that one edit makes right shows which
line to look at (`repairs`).
"""

import ast
import builtins
import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.FloorDiv: (ast.Mult, ast.Div),
    ast.Mod: (ast.Add, ast.FloorDiv),
    ast.Pow: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.BitXor: (ast.Pow,),
}
SYMBOLS: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%",
    ast.Pow: "**", ast.MatMult: "@", ast.BitXor: "^", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">",
    ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip
COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt, ast.GtE),
    ast.LtE: (ast.Lt, ast.GtE, ast.Gt),
    ast.Gt: (ast.GtE, ast.Lt, ast.LtE),
    ast.GtE: (ast.Gt, ast.LtE, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
}
# Functions and methods that are taken for each other.
PAIRS = (
    ("mean", "sum"), ("max", "min"), ("amax", "amin"), ("argmax", "argmin"), ("randn", "rand"),
    ("randn_like", "rand_like"), ("log", "exp"), ("train", "eval"), ("zeros", "ones"),
    ("zeros_like", "ones_like"), ("softmax", "log_softmax"), ("std", "var"), ("relu", "sigmoid"),
    ("cumsum", "cumprod"), ("floor", "ceil"),
)  # fmt: skip
NEIGHBOURS = dict(PAIRS) | {second: first for first, second in PAIRS}
# Functions that run along an axis, and at which place the axis stands where it has no name.
AXIS = {
    "sum": 0, "mean": 0, "prod": 0, "std": 0, "var": 0, "max": 0, "min": 0, "amax": 0, "amin": 0,
    "argmax": 0, "argmin": 0, "all": 0, "any": 0, "norm": 1,"logsumexp": 0, "softmax": 0,
    "log_softmax": 0, "cumsum": 0, "cumprod": 0, "unsqueeze": 0, "squeeze": 0, "cat": 1, "stack": 1,
    "flatten": 0, "sort": 0, "argsort": 0, "size": 0, "unbind": 0, "flip": 0, "roll": 1,
}  # fmt: skip
JOINING = ("cat", "stack")  # functions of torch only, never methods
AXES = (0, 1, -1, 2, -2)
KEEPING = ("sum", "mean", "std", "var", "amax", "amin", "logsumexp", "norm", "argmax", "argmin")
# What is called on these is a function, not a method of a value.
MODULES = {"torch", "F", "nn", "math", "np", "copy", "random"}
Block = ast.For | ast.While | ast.With | ast.If
LONGEST_SAID = 30  # characters of code in a sentence


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """Code changed in one place.

    line: of the code before. words: the change, for an author. as_if: what the changed code does in
    place of what it should, to follow "behaves as if"; it names nothing but what a starter gives.
    """

    line: int
    words: str
    as_if: str
    source: str


def mutants(source: str, starter: str = "") -> Iterator[Mutant]:
    """Every mutant of a solution, each once; signatures and docstrings stay as they are.

    Args:
        starter: what the learner was given: its names may be said to the learner.
    """
    tree = ast.parse(source)
    given = {node.id for node in ast.walk(ast.parse(starter)) if isinstance(node, ast.Name)}
    given |= {node.arg for node in ast.walk(ast.parse(starter)) if isinstance(node, ast.arg)}
    yield from _changed(tree, _edits(tree, _Words(given)))


def repairs(source: str) -> Iterator[Mutant]:
    """Every edit of a wrong answer that may mend it: as `mutants`, and lines moved, names exchanged."""
    tree = ast.parse(source)
    words = _Words(())
    yield from _changed(
        tree, [*_edits(tree, words), *_moves(tree), *_indents(tree), *_names(tree), *_added(tree)]
    )


def _changed(tree: ast.Module, edits: Iterable["_Edit"]) -> Iterator[Mutant]:
    seen = {ast.unparse(tree)}
    for edit in list(edits):
        before = edit.place.put(edit.other)
        try:
            text = ast.unparse(ast.fix_missing_locations(tree))
        finally:
            edit.place.put_back(before)
        if text not in seen:
            seen.add(text)
            yield Mutant(line=edit.line, words=edit.words, as_if=edit.as_if, source=text + "\n")


@dataclass(frozen=True)
class _Place:
    """Where a node stands: a field of its owner, or an item of a field that is a list."""

    owner: ast.AST
    field: str
    index: int | None = None

    def put(self, other: Any) -> Any:
        """Put a node there, or statements in the place of one; what stood there before."""
        value = getattr(self.owner, self.field)
        if self.index is None:
            setattr(self.owner, self.field, other)
            return value
        setattr(self.owner, self.field, [*value])
        getattr(self.owner, self.field)[self.index : self.index + 1] = (
            other if isinstance(other, list) else [other]
        )
        return value

    def put_back(self, before: Any) -> None:
        setattr(self.owner, self.field, before)


@dataclass(frozen=True)
class _Edit:
    line: int
    words: str
    as_if: str
    place: _Place
    other: Any


class _Words:
    """How code is said to somebody who knows these names only."""

    def __init__(self, given: Iterable[str]) -> None:
        self.given = {*given, *MODULES, *dir(builtins)}

    def of(self, node: ast.AST, otherwise: str) -> str:
        """The code of `node` in backticks, or `otherwise` where it holds what the learner has not seen."""
        text = ast.unparse(node)
        is_known = all(n.id in self.given for n in ast.walk(node) if isinstance(n, ast.Name))
        calls = any(isinstance(n, ast.Call) for n in ast.walk(node))
        if not is_known or calls or len(text) > LONGEST_SAID or "\n" in text:
            return otherwise
        return f"`{text}`"


def _places(tree: ast.Module) -> Iterator[tuple[_Place, ast.AST]]:
    """Each node that is code of the author's own, with its place."""
    declared = {id(each) for part in _declarations(tree) for each in ast.walk(part)}
    for owner in ast.walk(tree):
        for field, value in ast.iter_fields(owner):
            if isinstance(value, ast.AST) and id(value) not in declared:
                yield _Place(owner, field), value
            elif isinstance(value, list):
                for index, item in enumerate(value):
                    if isinstance(item, ast.AST) and id(item) not in declared:
                        yield _Place(owner, field, index), item


def _declarations(tree: ast.Module) -> Iterator[ast.AST]:
    """Arguments, annotations, decorators and docstrings: what a starter gives."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield from (node.args, *node.decorator_list, *([node.returns] if node.returns else []))
        elif isinstance(node, ast.AnnAssign):
            yield node.annotation
        elif isinstance(node, ast.Import | ast.ImportFrom) or (
            isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        ):
            yield node


def _edits(tree: ast.Module, words: _Words) -> Iterator[_Edit]:
    for place, node in _places(tree):
        line = getattr(node, "lineno", 0)
        what = ast.unparse(node).splitlines()[0] if line else ""
        for change, as_if, other in _at(node, place, words):
            yield _Edit(line, f"{change}: {what}", as_if, place, other)


Change = tuple[str, str, Any]  # for an author, for a learner, what takes the node's place


def _at(node: ast.AST, place: _Place, words: _Words) -> Iterator[Change]:
    match node:
        case ast.Expr() | ast.AugAssign() | ast.Assign():
            yield from _left_out(node, words)
        case ast.With(body=body):
            contexts = [words.of(item.context_expr, "") for item in node.items]
            name = _called(node.items[0].context_expr)
            shown = f"`{name}`" if name else contexts[0] or "the `with`"
            yield "without", f"{shown} were missing", body
        case ast.If(test=test, orelse=orelse):
            condition = words.of(test, "the condition of an `if`")
            yield "never taken", f"{condition} were never true", orelse or ast.Pass()
            yield "always taken", f"{condition} were always true", node.body
        case ast.IfExp(body=body, orelse=orelse, test=test):
            condition = words.of(test, "the condition of an `if`")
            yield "always the first", f"{condition} were always true", body
            yield "always the second", f"{condition} were never true", orelse
        case ast.For(body=body):
            ended = ast.For(node.target, node.iter, [*body, ast.Break()], node.orelse)
            yield "ended early", "the loop ended after its first round", ended
        case ast.Return(value=ast.expr() as value):
            turned = ast.Return(ast.UnaryOp(ast.USub(), value))
            yield "sign turned", "the result had the opposite sign", turned
        case ast.Constant():
            yield from _constants(node, place, words)
        case ast.UnaryOp(op=ast.USub(), operand=operand) if not isinstance(operand, ast.Constant):
            shown = words.of(operand, "")
            said = f"the minus sign before {shown}" if shown else "a minus sign"
            yield "without its sign", f"{said} were missing", operand
        case ast.UnaryOp(op=ast.Not() | ast.Invert(), operand=operand):
            yield "without its not", "a `not` were missing", operand
        case ast.BinOp():
            yield from _operations(node, words)
        case ast.Compare(left=left, ops=[op], comparators=others) if type(op) in COMPARISONS:
            for other in COMPARISONS[type(op)]:
                stood = f"`{SYMBOLS[other]}` stood where `{SYMBOLS[type(op)]}` belongs"
                yield (
                    f"{SYMBOLS[other]} for {SYMBOLS[type(op)]}",
                    stood,
                    ast.Compare(left, [other()], others),
                )
        case ast.Call():
            yield from _calls(node, place)
        case ast.Slice():
            yield from _slices(node)
        case ast.Attribute(value=value, attr="T" | "mT" as attr):
            yield f"without .{attr}", f"`.{attr}` were missing", value


def _left_out(node: ast.Expr | ast.AugAssign | ast.Assign, words: _Words) -> Iterator[Change]:
    if isinstance(node, ast.AugAssign):
        shown = words.of(node.target, "a running value")
        yield "left out", f"{shown} were never updated", ast.Pass()
        kept = ast.Assign([node.target], node.value)
        yield "= for it", f"each round overwrote {shown} instead of changing it", kept
        if isinstance(node.op, ast.Add):
            said = f"each value were subtracted from {shown} instead of added to it"
            yield "another sign", said, ast.AugAssign(node.target, ast.Sub(), node.value)
        elif isinstance(node.op, ast.Sub):
            said = f"each value were added to {shown} instead of subtracted from it"
            yield "another sign", said, ast.AugAssign(node.target, ast.Add(), node.value)
        return
    name = _called(node.value)
    if isinstance(node, ast.Expr):
        if not isinstance(node.value, ast.Constant):
            shown = f"`{name}()` were never called" if name else "one line were missing"
            yield "left out", shown, ast.Pass()
        return
    target = ast.unparse(node.targets[0])
    reads = {ast.unparse(n) for n in ast.walk(node.value) if isinstance(n, ast.expr)}
    if (
        target in reads
    ):  # a step of several that make a value; without it the value is the one before
        step = (
            f"`{name}`" if name else f"one step that changes {words.of(node.targets[0], 'a value')}"
        )
        yield "left out", f"{step} were left out", ast.Pass()


def _constants(node: ast.Constant, place: _Place, words: _Words) -> Iterator[Change]:
    for change, other in _other_constants(node, place):
        if not _is_without_effect(other.value, place):
            yield change, _stood(node, other, place, words), other


def _other_constants(node: ast.Constant, place: _Place) -> Iterator[tuple[str, ast.Constant]]:
    match node.value:
        case bool() as value:
            yield "turned round", ast.Constant(not value)
        case int() as value:
            yield "one less", ast.Constant(value - 1)
            yield "one more", ast.Constant(value + 1)
        case float() as value:
            yield "doubled", ast.Constant(2 * value)
            yield "halved", ast.Constant(value / 2)
        case "mean" | "sum" as value if isinstance(place.owner, ast.keyword):
            yield "another reduction", ast.Constant("sum" if value == "mean" else "mean")


def _is_without_effect(value: Any, place: _Place) -> bool:
    """Whether it is as if the operation were left out, as in `x - 0` or `1 * x`: said of that."""
    match place.owner:
        case ast.BinOp(op=ast.Add()):
            return value == 0
        case ast.BinOp(op=ast.Sub()):
            return value == 0 and place.field == "right"
        case ast.BinOp(op=ast.Mult()):
            return value == 1
        case ast.BinOp(op=ast.Div() | ast.FloorDiv() | ast.Pow()):
            return value == 1 and place.field == "right"
    return False


def _stood(node: ast.Constant, other: ast.Constant, place: _Place, words: _Words) -> str:
    """That `other` stands where `node` does, with what is around it where the learner knows that."""
    owner = place.owner
    if isinstance(owner, ast.keyword):
        return f"`{owner.arg}={other.value!r}` were given"
    if isinstance(owner, ast.Call) and (name := _called(owner)):
        return f"`{name}` were given `{other.value!r}` instead of `{node.value!r}`"
    right, wrong = f"`{node.value!r}`", f"`{other.value!r}`"
    if isinstance(owner, ast.BinOp | ast.UnaryOp | ast.Compare | ast.Subscript):
        around = words.of(owner, "")
        before = place.put(other)
        if around and (changed := words.of(owner, "")):
            right, wrong = around, changed if changed != "`-0`" else "`0`"
        place.put_back(before)
    return f"{wrong} stood where {right} belongs"


def _operations(node: ast.BinOp, words: _Words) -> Iterator[Change]:
    left, right = node.left, node.right
    other, value = words.of(right, "one term"), words.of(right, "some value")
    instead: dict[tuple[type[ast.operator], type[ast.operator]], str] = {
        (ast.Add, ast.Sub): f"{other} were subtracted instead of added",
        (ast.Sub, ast.Add): f"{other} were added instead of subtracted",
        (ast.Mult, ast.Div): f"it divided by {value} instead of multiplying by it",
        (ast.Div, ast.Mult): f"it multiplied by {value} instead of dividing by it",
        (ast.FloorDiv, ast.Div): "a division were not rounded down (`/` instead of `//`)",
        (ast.Div, ast.FloorDiv): "a division were rounded down (`//` instead of `/`)",
    }
    for op in OPERATORS.get(type(node.op), ()):
        stood = f"`{SYMBOLS[op]}` stood where `{SYMBOLS[type(node.op)]}` belongs"
        said = instead.get((type(node.op), op), stood)
        yield f"{SYMBOLS[op]} for {SYMBOLS[type(node.op)]}", said, ast.BinOp(left, op(), right)
    first, second = _one_side(node, words)
    yield "left side only", first, left
    yield "right side only", second, right
    exchanged = ast.BinOp(right, node.op, left)
    turned: dict[type[ast.operator], str] = {
        ast.Sub: "a difference were taken the other way round",
        ast.Div: "a fraction were upside down",
        ast.MatMult: "the two factors of a matrix product were exchanged",
        ast.Pow: "base and exponent were exchanged",
    }
    if type(node.op) in turned:
        whole, swapped = words.of(node, ""), words.of(exchanged, "")
        said = f"{swapped} stood where {whole} belongs" if whole else turned[type(node.op)]
        yield "sides exchanged", said, exchanged


def _one_side(node: ast.BinOp, words: _Words) -> tuple[str, str]:
    """What is said of an operation of which only the left side is there, and of the right side alone."""
    one, other = words.of(node.left, ""), words.of(node.right, "")
    match node.op:
        case ast.Add():
            return f"{other or 'one term'} were not added", f"{one or 'one term'} were not added"
        case ast.Mult():
            return _missing_factor(other), _missing_factor(one)
        case ast.Sub():
            first = f"{other or 'one term'} were not subtracted"
            rest = "what is subtracted in a difference"
        case ast.Div() | ast.FloorDiv():
            first = (
                f"the division by {other} were left out" if other else "a division were left out"
            )
            rest = "the divisor of a division"
        case ast.Pow():
            first, rest = "a power were left out", "the exponent of a power"
        case ast.Mod():
            first, rest = "a remainder (`%`) were not taken", "the divisor of a remainder (`%`)"
        case ast.MatMult():
            first = "a matrix product were left out"
            return first, first
        case _:
            first = "one side of an operation were missing"
            return first, first
    whole = words.of(node, "")
    return first, f"only {other} were left of {whole}" if whole else f"only {rest} were left"


def _missing_factor(shown: str) -> str:
    return f"the factor {shown} were missing" if shown else "one factor were missing"


def _slices(node: ast.Slice) -> Iterator[Change]:
    if node.lower is not None:
        yield (
            "from the start",
            "a slice began at the very start",
            ast.Slice(None, node.upper, node.step),
        )
    if node.upper is not None:
        yield (
            "to the end",
            "a slice went on to the very end",
            ast.Slice(node.lower, None, node.step),
        )
    if node.step is not None:
        yield "every item", "a slice took every item", ast.Slice(node.lower, node.upper, None)


def _calls(node: ast.Call, place: _Place) -> Iterator[Change]:
    name = _called(node) or "the function"
    for left_out in node.keywords:
        kept = [keyword for keyword in node.keywords if keyword is not left_out]
        yield (
            f"without {left_out.arg}",
            f"`{left_out.arg}` were not given to `{name}`",
            ast.Call(node.func, node.args, kept),
        )
    if len(node.args) > 1:
        first, second, *others = node.args
        exchanged = ast.Call(node.func, [second, first, *others], node.keywords)
        said = f"the first two arguments of `{name}` were exchanged"
        yield "arguments exchanged", said, exchanged
    if name == "range":
        yield from _rounds(node)
    if not isinstance(node.func, ast.Attribute):
        if len(node.args) == 1 and not node.keywords and name != "range":
            yield f"without {name}()", f"`{name}` were left out", node.args[0]
        return
    owner = node.func.value
    if name in AXIS:
        yield from _axes(
            node, name, AXIS[name] if name in JOINING else AXIS[name] + _is_module(owner)
        )
    if name in NEIGHBOURS:
        other = ast.Attribute(owner, NEIGHBOURS[name], ast.Load())
        yield (
            f"{NEIGHBOURS[name]} for {name}",
            f"`{NEIGHBOURS[name]}` stood where `{name}` belongs",
            ast.Call(other, node.args, node.keywords),
        )
    if isinstance(place.owner, ast.Expr):
        return  # a whole line: see `_left_out`
    if not _is_module(owner):
        yield f"without .{name}()", f"`{name}` were left out", owner
    elif node.args:
        yield f"without {name}()", f"`{name}` were left out", node.args[0]


def _rounds(node: ast.Call) -> Iterator[Change]:
    """Other ends of a `range`."""
    start = node.args[0] if len(node.args) > 1 else ast.Constant(0)
    stop, rest = node.args[min(1, len(node.args) - 1)], node.args[2:]
    one = ast.Constant(1)
    later, sooner = ast.BinOp(start, ast.Add(), one), ast.BinOp(stop, ast.Sub(), one)
    more = ast.BinOp(stop, ast.Add(), one)
    for words, as_if, first, last in (
        ("one later", "the loop left out its first round", later, stop),
        ("one sooner", "the loop left out its last round", start, sooner),
        ("one more", "the loop went one round too far", start, more),
    ):
        yield words, as_if, ast.Call(node.func, [first, last, *rest], node.keywords)


def _axes(node: ast.Call, name: str, position: int) -> Iterator[Change]:
    """Other axes, where `node` runs along one; `position`: where an axis without a name stands."""
    keywords = {keyword.arg: keyword.value for keyword in node.keywords}
    rest = [keyword for keyword in node.keywords if keyword.arg != "dim"]
    for axis in AXES:
        value = ast.Constant(axis)
        said = f"`{name}` ran over `dim={axis}`"
        if name == "unsqueeze":
            said = f"`unsqueeze` put its new axis at place {axis}"
        elif name == "squeeze":
            said = f"`squeeze` took away axis {axis}"
        elif name == "size":
            said = f"`size` asked for axis {axis}"
        elif name in JOINING:
            said = f"`{name}` joined along `dim={axis}`"
        if "dim" in keywords:
            yield said, said, ast.Call(node.func, node.args, [*rest, ast.keyword("dim", value)])
        elif len(node.args) > position and isinstance(
            node.args[position], ast.Constant | ast.UnaryOp | ast.Tuple | ast.Name
        ):
            args = [*node.args[:position], value, *node.args[position + 1 :]]
            yield said, said, ast.Call(node.func, args, node.keywords)
        elif len(node.args) == position:
            yield said, said, ast.Call(node.func, node.args, [*rest, ast.keyword("dim", value)])


def _moves(tree: ast.Module) -> Iterator[_Edit]:
    """Statements moved by up to three lines within their block."""
    for owner, field, body in _blocks(tree):
        for index, statement in enumerate(body):
            others = [*body[:index], *body[index + 1 :]]
            for target in range(max(0, index - 3), min(len(body), index + 4)):
                if target in (index, index - 1):  # moving up by one is the other's moving down
                    continue
                moved = [*others[:target], statement, *others[target:]]
                yield _Edit(statement.lineno, "moved", "", _Place(owner, field), moved)


def _indents(tree: ast.Module) -> Iterator[_Edit]:
    """The last statement of a block taken out of it, or the one behind a block taken in."""
    for owner, field, body in _blocks(tree):
        for index, statement in enumerate(body):
            if not isinstance(statement, Block):
                continue
            place, inner = _Place(owner, field), statement.body
            out = _with_body(statement, inner[:-1])
            if len(inner) > 1:
                changed = [*body[:index], out, inner[-1], *body[index + 1 :]]
                yield _Edit(inner[-1].lineno, "moved out", "", place, changed)
                first = _with_body(statement, inner[1:])
                changed = [*body[:index], inner[0], first, *body[index + 1 :]]
                yield _Edit(inner[0].lineno, "moved out", "", place, changed)
            if index + 1 < len(body):
                longer = _with_body(statement, [*inner, body[index + 1]])
                changed = [*body[:index], longer, *body[index + 2 :]]
                yield _Edit(body[index + 1].lineno, "moved in", "", place, changed)
            if index:
                longer = _with_body(statement, [body[index - 1], *inner])
                changed = [*body[: index - 1], longer, *body[index + 1 :]]
                yield _Edit(body[index - 1].lineno, "moved in", "", place, changed)


def _with_body(statement: Block, body: list[ast.stmt]) -> Block:
    changed = copy.copy(statement)
    changed.body = body
    return changed


def _names(tree: ast.Module) -> Iterator[_Edit]:
    """One name of a function in the place of another."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        names = [argument.arg for argument in function.args.args]
        names += [
            node.id
            for node in ast.walk(function)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        ]
        names = [name for name in dict.fromkeys(names) if name != "self"]
        for place, node in _places(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names:
                for name in names:
                    if name != node.id:
                        other = ast.Name(name, ast.Load())
                        yield _Edit(node.lineno, "another name", "", place, other)


def _added(tree: ast.Module) -> Iterator[_Edit]:
    """Small things that were forgotten: an axis kept, a sign, `.detach()`, `.T`, plus or minus one."""
    for place, node in _places(tree):
        if not isinstance(node, ast.expr) or isinstance(place.owner, ast.Expr):
            continue
        if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del):
            continue
        others: list[ast.expr] = []
        if isinstance(node, ast.Call) and _called(node) in KEEPING:
            keeping = ast.keyword("keepdim", ast.Constant(True))
            others.append(ast.Call(node.func, node.args, [*node.keywords, keeping]))
        if isinstance(node, ast.Call | ast.Name) and _is_value(place):
            others.append(ast.UnaryOp(ast.USub(), node))
            method = (ast.Attribute(node, name, ast.Load()) for name in ("detach", "clone"))
            others += [ast.Call(each, [], []) for each in method]
            others.append(ast.Attribute(node, "T", ast.Load()))
        if isinstance(node, ast.Name | ast.BinOp) and _is_value(place):
            one = ast.Constant(1)
            others += [ast.BinOp(node, op(), one) for op in (ast.Add, ast.Sub)]
        for other in others:
            yield _Edit(node.lineno, "something added", "", place, other)


def _is_value(place: _Place) -> bool:
    """Whether what stands there is handed on as it is: an argument, a side, what is returned."""
    return isinstance(
        place.owner, ast.Return | ast.BinOp | ast.Call | ast.Assign | ast.keyword | ast.Tuple
    ) and place.field not in ("func", "targets")


def _blocks(tree: ast.Module) -> Iterator[tuple[ast.AST, str, list[ast.stmt]]]:
    """Each list of statements within a function, without a docstring at its beginning being moved."""
    for owner in ast.walk(tree):
        if isinstance(owner, ast.Module | ast.ClassDef):
            continue
        for field in ("body", "orelse"):
            body = getattr(owner, field, None)
            if isinstance(body, list) and body:
                yield owner, field, body


def _called(node: ast.AST | None) -> str:
    """`zero_grad` of `optimizer.zero_grad()`; "" where nothing with a name is called."""
    match node:
        case ast.Call(func=ast.Attribute(attr=name)) | ast.Call(func=ast.Name(id=name)):
            return name
    return ""


def _is_module(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id in MODULES
