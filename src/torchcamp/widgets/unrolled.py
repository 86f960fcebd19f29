"""A recurrent network over the rows of a picture: hidden states and completions."""

import traitlets

from torchcamp.widgets.figure import Figure, script, style


class Unrolled(Figure):
    """The page sends a picture, the number of given rows, and a temperature; it receives the hidden
    states and completions.
    """

    _esm = script("unrolled")
    _css = style("unrolled")
    texts = traitlets.Dict(
        {
            "expected": "expected, from what came before",
            "explanation": (
                "{total} nats for the whole picture, exactly: the sum of what its rows cost. "
                "Each row is expected from the hidden state above it; orange units are "
                "positive, blue ones negative."
            ),
        }
    ).tag(sync=True)
