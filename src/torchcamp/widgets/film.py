"""A generator on pictures that learns before one's eyes, always from the same noise."""

from torchcamp.widgets.figure import Figure, script, style


class Film(Figure):
    """The page sends what to do; it gets the pictures of the fixed noise and both losses. Earlier frames
    stay in the page.
    """

    _esm = script("film")
    _css = style("film")
