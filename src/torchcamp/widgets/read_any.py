"""`torchcamp read` in the page: name a class or function, and see it line by line."""

from torchcamp.widgets.figure import Figure, script, style


class ReadAny(Figure):
    """The page sends a target and its inputs; it receives the reading as a page, or an error message.

    setup: `examples`, each a target, its inputs and its arguments.
    """

    _esm = script("read_any")
    _css = style("read_any")
