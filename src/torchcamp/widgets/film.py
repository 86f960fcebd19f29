"""A generator of pictures while it learns, always shown with the same noise."""

import traitlets

from torchcamp.widgets.figure import Figure, script, style


class Film(Figure):
    """The page sends a command; it receives the pictures of the fixed noise and both losses.

    The page keeps earlier frames.
    """

    _esm = script("film")
    _css = style("film")
    texts = traitlets.Dict(
        {
            "progress": (
                "Step {step}, {frames}. Each place always gets the same noise, so whatever "
                "changes is what G has learnt. Drag the slider back to the fog it began with."
            ),
        }
    ).tag(sync=True)
