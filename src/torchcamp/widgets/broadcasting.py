"""Broadcasting two shapes: aligned from the right, padded with ones, expanded, computed."""

from torchcamp.widgets.figure import Figure, script, style


class Broadcasting(Figure):
    """The page sends two shapes; it receives the steps, or PyTorch's error message.

    setup: `pairs`, shapes to start with.
    """

    _esm = script("broadcasting")
    _css = style("broadcasting")
