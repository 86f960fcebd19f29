"""The tape of a few typed lines: nodes appear going forward, gradients flow going back."""

import traitlets

from torchcamp.widgets.figure import Figure, script, style


class Tape(Figure):
    """The page sends code; it receives nodes and edges, see `torchcamp.figures.autograd_graph.tape_of`.

    setup: `examples`, pairs of a title and code.
    """

    _esm = script("tape")
    _css = style("tape")
    texts = traitlets.Dict(
        {
            "begin": "Step on: the nodes appear in the order in which your lines make them.",
            "leaf": "is a leaf: made with requires_grad=True, so its gradient will be kept.",
            "made": "= {value}, made by {operation} from {parents}{line}.",
            "result": "is where backward begins: its derivative with respect to itself is 1.",
            "received": "{sum} = {grad}: used {number} times, it receives {number} contributions",
            "kept": "receives {received}, kept in .grad.",
            "passed": "receives {received}, and passes it on, multiplied by its slopes.",
            "untaped": "Not on the tape, because no gradient is wanted: {names}.",
        }
    ).tag(sync=True)
