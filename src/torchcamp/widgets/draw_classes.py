"""A generator's pictures: by noise, by class, and between two noise vectors."""

import traitlets

from torchcamp.widgets.figure import Figure, script, style


class DrawClasses(Figure):
    """The page sends noise and classes; it receives pictures and a classifier's predictions.

    setup: `names` of the classes; `conditional`, whether the generator takes a class.
    """

    _esm = script("draw_classes")
    _css = style("draw_classes")
    texts = traitlets.Dict(
        {
            "grid": "one class per row, one noise per column",
            "agreement": ("of these {pictures} pictures are what was asked for, says a classifier"),
            "conditional": (
                "Down a column the noise stays the same: the hand that writes. Along a row "
                "the class stays the same. Walk through the noise and watch the hand change "
                "while the classes hold."
            ),
            "unconditional": (
                "Nobody chooses: the noise decides which digit comes out. Walk through the "
                "noise from one draw to the next, and find the moment at which a picture is "
                "not a digit."
            ),
        }
    ).tag(sync=True)
