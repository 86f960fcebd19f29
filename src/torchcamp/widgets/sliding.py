"""A filter that slides over a picture: sizes, the formula filled in, the terms of one output."""

import traitlets

from torchcamp.widgets.figure import Figure, script, style


class Sliding(Figure):
    """The page sends sizes and an output's position; it receives the padded input, the filter, the
    output, and the terms of the sum at that position. For a wanted output size, it receives the
    settings that give it.
    """

    _esm = script("sliding")
    _css = style("sliding")
    texts = traitlets.Dict(
        {
            "none": "none with k up to 11, p up to k − 1 and s up to 4",
        }
    ).tag(sync=True)
