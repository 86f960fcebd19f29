"""Broadcasting two shapes: aligned from the right, padded with ones, expanded, computed."""

import traitlets

from torchcamp.widgets.figure import Figure, script, style


class Broadcasting(Figure):
    """The page sends two shapes; it receives the steps, or PyTorch's error message.

    setup: `pairs`, shapes to start with.
    """

    _esm = script("broadcasting")
    _css = style("broadcasting")
    texts = traitlets.Dict(
        {
            "align": "Write the two shapes below each other, aligned on the right.",
            "fill": "Where an axis is missing on the left, put a 1.",
            "stretch": (
                "Axes of size 1 are stretched to the other's size: the same numbers are read "
                "again, nothing is copied."
            ),
            "refused": "PyTorch refuses: {refused}",
            "result": "The result has the shape {shape}.",
        }
    ).tag(sync=True)
