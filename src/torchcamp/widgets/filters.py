"""A small RBM while it learns: its filters, its exact likelihood, and annealed estimates."""

from torchcamp.widgets.figure import Figure, script, style


class Filters(Figure):
    """The page sends `steps`, `anneal` or `reset`; it receives filters, log p of test pictures, and
    estimates of log Z next to its exact value.
    """

    _esm = script("filters")
    _css = style("filters")
