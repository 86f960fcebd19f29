"""A Gibbs chain of an RBM: pictures give hidden bits, hidden bits give pictures."""

import traitlets

from torchcamp.widgets.figure import Figure, script, style


class Gibbs(Figure):
    """The page sends a command (`draw`, `example`, `noise`, `steps`); it receives the chain's state,
    its hidden probabilities and its free energy.
    """

    _esm = script("gibbs")
    _css = style("gibbs")
    texts = traitlets.Dict(
        {
            "energies": (
                "free energy of the picture; between the dashed lines: nine of ten test pictures"
            ),
            "progress": (
                "{steps} steps. Free energy {energy}, {where} (their median: {middle}). {on} "
                "of the {hidden} hidden units are on."
            ),
            "likely": "lower than almost any test picture: the model likes it better than the data",
            "unlikely": "higher than almost any test picture: the model finds it unlikely",
            "typical": "where test pictures lie",
        }
    ).tag(sync=True)
