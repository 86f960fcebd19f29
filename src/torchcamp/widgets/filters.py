"""A small RBM while it learns: its filters, its exact likelihood, and annealed estimates."""

import traitlets

from torchcamp.widgets.figure import Figure, script, style


class Filters(Figure):
    """The page sends `steps`, `anneal` or `reset`; it receives filters, log p of test pictures, and
    estimates of log Z next to its exact value.
    """

    _esm = script("filters")
    _css = style("filters")
    texts = traitlets.Dict(
        {
            "annealing": (
                "Press Anneal: chains walk from a model whose Z is known to this one, in more "
                "and more steps."
            ),
            "progress": (
                "After {step} steps: log p = {logp} nats per picture, from a sum over all 4,096 "
                "states of the 12 hidden units. Orange: a white pixel switches the unit on; "
                "blue: off. Bars: how often the unit is on."
            ),
        }
    ).tag(sync=True)
