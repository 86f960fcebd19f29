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
                "The rows cost {total} nats together: exactly −ln p of the whole picture. Each "
                "row is expected from the state above it; orange units are positive, blue ones "
                "negative."
            ),
        }
    ).tag(sync=True)
