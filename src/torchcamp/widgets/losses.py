"""Losses to explore: move a logit, a row of logits or a prediction; value and gradient follow."""

from torchcamp.widgets.figure import Figure, script, style


class Losses(Figure):
    """The page sends which loss, its inputs, and the reduction; it receives values and gradients.

    setup: `classes`, names for the row of logits.
    """

    _esm = script("losses")
    _css = style("losses")
