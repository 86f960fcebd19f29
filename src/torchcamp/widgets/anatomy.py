"""Inside a network of convolutions: maps, filters, gradients, batch norm in train and eval."""

import traitlets

from torchcamp.widgets.figure import Figure, script, style


class Anatomy(Figure):
    """The page sends a picture's number, a layer, a map and the mode; it gets what stands there.

    setup: `networks`, pairs of a key and words; `names`, the classes; `pictures`, how many there are.
    """

    _esm = script("anatomy")
    _css = style("anatomy")
    texts = traitlets.Dict(
        {
            "maps": "maps of {layer}, and below each the gradient of the loss with respect to it",
            "filter": "filter of map {map}: {shape}, and its gradient",
            "norm": (
                "batch norm of this layer: running statistics (grey) against this batch's (orange)"
            ),
        }
    ).tag(sync=True)
