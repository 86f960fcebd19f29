"""Inside a convolutional network: maps, filters, gradients, batch norm in train and eval mode."""

import traitlets

from torchcamp.widgets.figure import Figure, script, style


class Anatomy(Figure):
    """The page sends a picture's number, a layer, a map and the mode; it receives their contents.

    setup: `networks`, pairs of a key and a caption; `names`, the classes; `pictures`, their number.
    """

    _esm = script("anatomy")
    _css = style("anatomy")
    texts = traitlets.Dict(
        {
            "maps": "maps of {layer}, and below each the gradient of the loss with respect to it",
            "filter": "filter of map {map}: {shape}, and its gradient",
            "pixel": "one pixel of map {map}: row {row}, column {column}",
            "choose": "Click a pixel of the map, or move with the arrow keys.",
            "picture": "the window below it",
            "window": "the window below it, in map {from}",
            "norm": (
                "batch norm of this layer: running statistics (grey) against this batch's (orange)"
            ),
        }
    ).tag(sync=True)
