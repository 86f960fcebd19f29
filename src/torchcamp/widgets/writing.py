"""A small network that learns to write, and its hidden state over a typed text."""

import traitlets

from torchcamp.widgets.figure import Figure, script, style


class Writing(Figure):
    """The page sends a text, a temperature and a command; it receives hidden states, the most probable
    next characters, and a continuation.
    """

    _esm = script("writing")
    _css = style("writing")
    texts = traitlets.Dict(
        {
            "progress": (
                "Step {step}: {loss} nats per character; guessing costs {guess}. Each column "
                "is the hidden state after its character: orange above zero, blue below."
            ),
        }
    ).tag(sync=True)
