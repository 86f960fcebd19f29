"""`# torchcamp: ignore[code]`: findings that a person has looked at and wants to keep quiet."""

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Mapping

from torchcamp.base.errors import suggest
from torchcamp.doctor.codes import CODES, LISTING
from torchcamp.doctor.diagnosis import Finding

COMMENT = re.compile(r"#\s*torchcamp:\s*ignore(?:\[([^\]]*)\])?")


def split_ignored(
    findings: Iterable[Finding], sources: Mapping[str, str]
) -> tuple[list[Finding], list[Finding], list[str]]:
    """Sort out the findings that a comment on their statement silences.

    A comment counts for the whole simple statement that it stands in, and for the header of a
    compound one. Without a code it silences everything there.

    Args:
        sources: the text of each file, by the name that findings use.

    Returns:
        findings to report, findings that are silenced, and a sentence for each unknown code.
    """
    silenced: dict[tuple[str, int], set[str]] = {}
    unknown: list[str] = []
    for file, text in sources.items():
        for line, codes in _comments(text).items():
            unknown += [
                f"{file}:{line} ignores {code!r}, which is not a code. "
                + suggest(code, CODES, otherwise=LISTING)
                for code in sorted(codes - CODES.keys() - {""})
            ]
            for each in _lines_of_statement(text, line):
                silenced.setdefault((file, each), set()).update(codes)
    kept, ignored = [], []
    for finding in findings:
        codes = silenced.get((finding.file, finding.line), set())
        (ignored if codes & {finding.code, ""} else kept).append(finding)
    return kept, ignored, unknown


def _comments(text: str) -> dict[int, set[str]]:
    """The codes that each line's comment names; "" stands for all."""
    found = {}
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT and (match := COMMENT.search(token.string)):
                names = match.group(1)
                found[token.start[0]] = (
                    {""} if names is None else {name.strip() for name in names.split(",")} - {""}
                )
    except (tokenize.TokenError, IndentationError):
        pass  # what does not tokenize did not run either
    return found


def _lines_of_statement(text: str, line: int) -> range:
    """The lines of the innermost statement, or header of one, that a line lies in."""
    best = range(line, line + 1)
    size = None
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.stmt):
            continue
        body = getattr(node, "body", None)
        last = body[0].lineno - 1 if body else node.end_lineno or node.lineno
        if node.lineno <= line <= last and (size is None or last - node.lineno < size):
            best, size = range(node.lineno, last + 1), last - node.lineno
    return best
