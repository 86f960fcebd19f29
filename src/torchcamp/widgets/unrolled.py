"""A recurrent network over the rows of a picture: hidden states, and how it would go on."""

from torchcamp.widgets.figure import Figure, script, style


class Unrolled(Figure):
    """The page sends a picture, how many rows are given, and a temperature; it gets the hidden states and
    completions.
    """

    _esm = script("unrolled")
    _css = style("unrolled")
