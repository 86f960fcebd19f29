"""A picture as a chain reads it: row by row, each row by one of its states."""

from torchcamp.widgets.figure import Figure, script, style


class RowStates(Figure):
    """The page sends a picture's number and a row; it gets the path, and where its state may go.

    setup: `pictures`, how many there are.
    """

    _esm = script("row_states")
    _css = style("row_states")
