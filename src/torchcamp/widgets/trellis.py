"""Throws of a casino and its two dice: probabilities that flow along a trellis."""

from torchcamp.widgets.figure import Figure, script, style


class Trellis(Figure):
    """The page sends throws and the casino's probabilities; it receives forward, backward, posterior
    and best path.

    setup: `names` of the two dice.
    """

    _esm = script("trellis")
    _css = style("trellis")
