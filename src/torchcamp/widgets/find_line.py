"""A script with a wrong line in it: choose the line, and hear about it."""

from torchcamp.widgets.figure import Figure, script, style


class FindLine(Figure):
    """The page sends a script's name and a line; it gets whether that line is wrong, and why.

    setup: `scripts`, each with its name, its report and its lines.
    """

    _esm = script("find_line")
    _css = style("find_line")
