"""The tape of a few typed lines: nodes appear going forward, gradients flow coming back."""

from torchcamp.widgets.figure import Figure, script, style


class Tape(Figure):
    """The page sends code; it gets nodes and edges, see `torchcamp.figures.autograd_graph.tape_of`.

    setup: `examples`, pairs of a title and code.
    """

    _esm = script("tape")
    _css = style("tape")
