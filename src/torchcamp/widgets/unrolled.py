"""A recurrent network over the rows of a picture: hidden states and completions."""

from torchcamp.widgets.figure import Figure, script, style


class Unrolled(Figure):
    """The page sends a picture, the number of given rows, and a temperature; it receives the hidden
    states and completions.
    """

    _esm = script("unrolled")
    _css = style("unrolled")
