"""Two players in the plane: the discriminator's field and the generator's moving cloud."""

from torchcamp.widgets.figure import Figure, script, style


class Game(Figure):
    """The page sends rates, faults, drawn points and a command; it receives the field, the fakes,
    their gradients and both losses.

    setup: `data` and `faults`, pairs of a key and a title.
    """

    _esm = script("game")
    _css = style("game")
