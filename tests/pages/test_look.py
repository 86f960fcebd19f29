"""The one look: colours and the width of text come from the tokens, in every style sheet."""

import re
from pathlib import Path

from torchcamp.base import paths

TOKENS = paths.PACKAGE / "base" / "tokens.css"
SHEETS = [
    path
    for ending in ("css", "html")
    for path in sorted(paths.PACKAGE.rglob(f"*.{ending}"))
    if path != TOKENS and "content" not in path.relative_to(paths.PACKAGE).parts
]
OWN = {  # colours that mean the same in every scheme
    "report.css": {"#606060", "#cc0d33", "#ffd91a"},  # the scale of a picture of evidence
    "anatomy.css": {"#fff"},  # a ring on a picture
    "course.css": {"#fff"},  # paper, in print
}
COLOUR = re.compile(r"(?<![&\w/])#[0-9a-fA-F]{3,8}\b")
WIDTH = re.compile(r"max-width:\s*(\d+)ch")


def styles(path: Path) -> str:
    """The rules of a style sheet, or of a page's style elements."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".css":
        return text
    return "".join(re.findall(r"<style>(.*?)</style>", text, re.DOTALL))


def test_colours_are_tokens():
    used = {path.name: set(COLOUR.findall(styles(path))) for path in SHEETS}
    assert {name: each for name, each in used.items() if each} == OWN


def test_no_style_sheet_lets_text_be_wider_than_the_measure():
    (measure,) = re.findall(r"--measure: (\d+)ch", TOKENS.read_text(encoding="utf-8"))
    wider = [
        f"{path.name}: {width}ch"
        for path in SHEETS
        for width in WIDTH.findall(styles(path))
        if int(width) > int(measure)
    ]
    assert wider == []
