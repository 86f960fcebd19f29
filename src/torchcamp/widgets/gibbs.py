"""A chain of an RBM: pictures draw hidden bits, hidden bits draw pictures."""

from torchcamp.widgets.figure import Figure, script, style


class Gibbs(Figure):
    """The page sends a picture to begin with and what to do (`start`, `steps`, `look`); it gets where the
    chain is, its hidden probabilities and its free energy.
    """

    _esm = script("gibbs")
    _css = style("gibbs")
