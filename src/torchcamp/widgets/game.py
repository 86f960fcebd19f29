"""Two players in the plane: the discriminator's field and the generator's moving cloud."""

import traitlets

from torchcamp.widgets.figure import Figure, script, style


class Game(Figure):
    """The page sends rates, faults, drawn points and a command; it receives the field, the fakes,
    their gradients and both losses.

    setup: `data` and `faults`, pairs of a key and a title.
    """

    _esm = script("game")
    _css = style("game")
    texts = traitlets.Dict(
        {
            "legend": "background: D says real (orange) or fake (blue); green: real; dark: fakes",
            "empty": "Draw points into the plane: they are the real data.",
            "step": "Step {step}.",
            "covered": "{covered} of the 8 places are covered.",
            "guessing": "Dashed: 1.386, what D pays when it can only guess.",
            "asleep": "G runs to the one spot that D likes best, and D reacts too late: collapse.",
            "saturated": "Where D is sure, the fakes are hardly pulled at all.",
            "undetached": "D's own gradient pushes the fakes away from where D says real.",
        }
    ).tag(sync=True)
