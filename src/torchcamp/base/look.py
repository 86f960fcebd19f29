"""The colours, sizes and frames that pages, lessons and figures share: `tokens.css`."""

from functools import cache
from pathlib import Path


@cache
def tokens(selector: str = ":root", prefix: str = "") -> str:
    """The style sheet that gives the tokens to the elements of `selector` and what is inside them.

    Args:
        prefix: before each name, in a page that has properties of the same name: with `camp-`,
            `--accent` is `--camp-accent`.
    """
    text = (Path(__file__).parent / "tokens.css").read_text(encoding="utf-8")
    return text.replace(":root", selector).replace("--", f"--{prefix}")
