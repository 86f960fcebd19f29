"""A tensor as a way of reading memory: its numbers, its strides, and what an operation copies."""

from torchcamp.widgets.figure import Figure, script, style


class Strides(Figure):
    """The page sends the operations so far (code); it receives every tensor's shape, strides, cells.

    setup: `operations`, code that can be applied.
    """

    _esm = script("strides")
    _css = style("strides")
