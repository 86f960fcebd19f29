"""An activation and its derivative, out to where float32 overflows."""

from torchcamp.widgets.figure import Figure, script, style


class Activations(Figure):
    """The page sends a name, a range and a point; it receives the curves and the values there.

    setup: `names`, pairs of key and title; `ranges`, half-widths of the axis.
    """

    _esm = script("activations")
    _css = style("activations")
