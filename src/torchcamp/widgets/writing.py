"""A small network that learns to write, and its hidden state over a typed text."""

from torchcamp.widgets.figure import Figure, script, style


class Writing(Figure):
    """The page sends a text, a temperature and a command; it receives hidden states, the most probable
    next characters, and a continuation.
    """

    _esm = script("writing")
    _css = style("writing")
