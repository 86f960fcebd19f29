"""A small RBM that learns: its filters, its exact likelihood, and what annealing says of it."""

from torchcamp.widgets.figure import Figure, script, style


class Filters(Figure):
    """The page sends `steps`, `anneal` or `reset`; it gets filters, log p of test pictures, and estimates
    of log Z beside the exact one.
    """

    _esm = script("filters")
    _css = style("filters")
