"""Scripts with wrong lines: choose a line, and learn whether and why it is wrong."""

from torchcamp.widgets.figure import Figure, script, style


class FindLine(Figure):
    """The page sends a script's name and a line; it receives whether that line is wrong, and why.

    setup: `scripts`, each with its name, its report and its lines.
    """

    _esm = script("find_line")
    _css = style("find_line")
