"""The schematic picture of a lesson: parts, arrows, steps, and the code that belongs to them."""

import traitlets

from torchcamp.widgets.figure import Figure, script, style


class Schema(Figure):
    """The page sends the number of an example and receives the whole drawing of it.

    What a drawing holds is said in `figures/schemas/drawing.py`.
    """

    _esm = script("schema")
    _css = style("schema")
    texts = traitlets.Dict(
        {
            "step": "Step {number} of {count}",
            "hint": "Press a part to see its lines, or a line to see its part.",
            "all": "All steps in words",
        }
    ).tag(sync=True)
