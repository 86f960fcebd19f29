"""A picture as an HMM reads it: row by row, one state per row."""

from torchcamp.widgets.figure import Figure, script, style


class RowStates(Figure):
    """The page sends a picture's number and a row; it receives the path and that row's next states.

    setup: `pictures`, their number.
    """

    _esm = script("row_states")
    _css = style("row_states")
