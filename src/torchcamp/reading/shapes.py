"""Run a function and compare its shape comments with the tensors they describe.

A comment at the end of a line, `logits = self.output(h)  # (B, K)`, claims the shape of what that
line binds or returns. The function is run under the tracer that reads code; then each claim is
evaluated with the letters' values and compared with what its line was seen to bind.
"""

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from torchcamp.reading.tracer import Tracer

CLAIM = re.compile(r"#\s*(?:each\s+)?(\((?:[\w\s*+/-]*,?)*\))")


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A shape comment: its line, its text, and the name it describes.

    name is None where the line returns its value.
    """

    line: int
    text: str
    name: str | None


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What a run showed about a file's claims: `seen` are those that a tensor was compared with."""

    claims: tuple[Claim, ...]
    seen: tuple[Claim, ...]
    wrong: tuple[str, ...]

    @property
    def unseen(self) -> tuple[Claim, ...]:
        return tuple(claim for claim in self.claims if claim not in self.seen)


def claims_of(source: str) -> list[Claim]:
    """The shape comments in `source` at the end of an assignment to a name or of a return."""
    lines = source.splitlines()
    claims = []
    for node in ast.walk(ast.parse(source)):
        name = None
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
            if not isinstance(target, ast.Name):
                continue
            name = target.id
        elif not isinstance(node, ast.Return):
            continue
        match = CLAIM.search(lines[(node.end_lineno or node.lineno) - 1])
        if match:
            claims.append(Claim(line=node.lineno, text=match.group(1), name=name))
    return sorted(claims, key=lambda claim: claim.line)


def check_shapes(file: Path, call: Callable[[], object], letters: Mapping[str, int]) -> Findings:
    """Run `call` and compare each claim of `file` with the tensors that appear.

    Args:
        file: the source whose claims are checked.
        call: exercises its functions, as often as it likes.
        letters: value of each letter in the claims.

    Raises:
        KeyError: a claim uses a letter that `letters` does not have.
    """
    claims = claims_of(file.read_text(encoding="utf-8"))
    expected = {claim: _evaluate(claim.text, letters) for claim in claims}
    tracer = Tracer(is_user=lambda name: name == str(file), operations=False)
    with tracer:
        call()
    shapes: dict[tuple[int, str], dict[tuple[int, ...], None]] = {}
    for place, tally in tracer.tallies.items():
        for name, counted in tally.values.items():
            bare = re.split(r"[.\[]", name)[0]
            own = shapes.setdefault((place.line, bare), {})
            own |= dict.fromkeys(shape for shape, _, _ in counted)
    seen, wrong = [], []
    for claim in claims:
        bound = shapes.get((claim.line, claim.name or "return"), {})
        if bound:
            seen.append(claim)
        wrong += [
            f"{file.name}:{claim.line} says {claim.text} = {expected[claim]}, the tensor is {shape}"
            for shape in bound
            if shape != expected[claim]
        ]
    return Findings(claims=tuple(claims), seen=tuple(seen), wrong=tuple(wrong))


def _evaluate(text: str, letters: Mapping[str, int]) -> tuple[int, ...]:
    """`(B, C3 * 3 * 3)` with the letters' values; arithmetic only."""
    tree = ast.parse(text, mode="eval").body
    elements = tree.elts if isinstance(tree, ast.Tuple) else [tree]
    if isinstance(tree, ast.Tuple) or text.strip() != "()":
        return tuple(_number(element, letters) for element in elements)
    return ()


def _number(node: ast.expr, letters: Mapping[str, int]) -> int:
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return node.value
    if isinstance(node, ast.Name):
        return letters[node.id]
    if isinstance(node, ast.BinOp):
        left, right = _number(node.left, letters), _number(node.right, letters)
        operations = {ast.Mult: left * right, ast.Add: left + right, ast.Sub: left - right}
        if type(node.op) in operations:
            return operations[type(node.op)]
        if isinstance(node.op, ast.FloorDiv):
            return left // right
    raise KeyError(f"a shape comment holds {ast.unparse(node)!r}")
