"""A Gibbs chain of an RBM: pictures give hidden bits, hidden bits give pictures."""

from torchcamp.widgets.figure import Figure, script, style


class Gibbs(Figure):
    """The page sends a command (`draw`, `example`, `noise`, `steps`); it receives the chain's state,
    its hidden probabilities and its free energy.
    """

    _esm = script("gibbs")
    _css = style("gibbs")
