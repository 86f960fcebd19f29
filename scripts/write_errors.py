"""Write docs/errors.md from content/errors.toml: `make errors`."""

from pathlib import Path

from torchcamp.course.errors_page import errors_markdown

if __name__ == "__main__":
    (Path(__file__).parents[1] / "docs" / "errors.md").write_text(errors_markdown())
