"""An activation, its derivative, and where 32 bits give up."""

from torchcamp.widgets.figure import Figure, script, style


class Activations(Figure):
    """The page sends a name, a range and a point; it gets curves and what stands at the point.

    setup: `names`, pairs of key and title; `ranges`, half-widths of the axis.
    """

    _esm = script("activations")
    _css = style("activations")
