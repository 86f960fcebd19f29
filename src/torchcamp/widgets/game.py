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
            "pull": "D rejects {caught} % of the fakes; on average a fake is pulled with {pull}.",
            "covered": "The fakes reach {covered} of the 8 places.",
            "guessing": "Dashed: 1.386, D's loss when it can only guess.",
            "asleep": "D reacts too late, so all fakes run to the one spot that it likes best.",
            "ahead": "G moves once in 20 steps: D has time to tell every fake from the real points.",
            "saturated": "Where D is sure, this loss hardly pulls at all.",
            "undetached": "D's loss pulls at G too: where D says more than 0.5, away from the data.",
        }
    ).tag(sync=True)
