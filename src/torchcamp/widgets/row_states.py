"""A picture as an HMM reads it: row by row, one state per row."""

import traitlets

from torchcamp.widgets.figure import Figure, script, style


class RowStates(Figure):
    """The page sends a picture's number and a row; it receives the path and that row's next states.

    setup: `pictures`, their number.
    """

    _esm = script("row_states")
    _css = style("row_states")
    texts = traitlets.Dict(
        {
            "state": "row {row} is read by state {state} of {states}; it expects",
            "then": "and then the chain most likely goes on to",
            "explanation": (
                "A {label}: {nats} nats over all paths, {joint} along the best one alone. "
                "Nobody told the states what strokes are; each learnt one kind of row."
            ),
        }
    ).tag(sync=True)
