"""A picture as a chain reads it: row by row, each row by one of its states."""

import traitlets

from torchcamp.widgets.figure import Figure, script, style


class RowStates(Figure):
    """The page sends a picture's number and a row; it gets the path, and where its state may go.

    setup: `pictures`, how many there are.
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
