"""Two shapes meet: aligned from the right, filled up with ones, stretched, computed."""

from torchcamp.widgets.figure import Figure, script, style


class Broadcasting(Figure):
    """The page sends two shapes; it gets the steps, or the words of the refusal.

    setup: `pairs`, shapes to begin with.
    """

    _esm = script("broadcasting")
    _css = style("broadcasting")
