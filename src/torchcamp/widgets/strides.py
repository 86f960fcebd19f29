"""A tensor as a way of reading memory: its numbers, its strides, and what an operation copies."""

import traitlets

from torchcamp.widgets.figure import Figure, script, style


class Strides(Figure):
    """The page sends the operations so far (code); it receives every tensor's shape, strides, cells.

    setup: `operations`, code that can be applied.
    """

    _esm = script("strides")
    _css = style("strides")
    texts = traitlets.Dict(
        {
            "hint": "Point at a number of the tensor to see where it is read.",
        }
    ).tag(sync=True)
