"""Points in the plane and a small network that learns to classify them, with every number visible."""

import traitlets

from torchcamp.widgets.figure import Figure, script, style


class Plane(Figure):
    """The page sends settings and a command (`steps`, `phase`, `reset`, `look`); it receives the
    field of probabilities, the weights with their gradients, and one example's way through.

    setup: `data`, `activations` and `faults`, each pairs of a key and a title; `phases`.
    """

    _esm = script("plane")
    _css = style("plane")
    texts = traitlets.Dict(
        {
            "phase": "Forward, then loss, then backward, then update (p)",
            "legend": (
                "background: what the network says; rings: this batch; thick ring: the point "
                "that the network shows"
            ),
        }
    ).tag(sync=True)
