"""A generator of pictures while it learns, always shown with the same noise."""

from torchcamp.widgets.figure import Figure, script, style


class Film(Figure):
    """The page sends a command; it receives the pictures of the fixed noise and both losses.

    The page keeps earlier frames.
    """

    _esm = script("film")
    _css = style("film")
