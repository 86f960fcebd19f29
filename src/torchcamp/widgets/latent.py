"""The codes of a VAE: a map to drag over, sliders, and the codes between two pictures."""

import traitlets

from torchcamp.widgets.figure import Figure, script, style


class Latent(Figure):
    """The page sends a point of the map, slider values and two pictures; it receives decoded pictures.

    setup: `points`, `labels`, `latents`, and the extent of the map.
    """

    _esm = script("latent")
    _css = style("latent")
    texts = traitlets.Dict(
        {
            "way": "from one to the other, along a straight line of codes",
            "explanation": (
                "A code has {latents} numbers; the map shows the two directions in which "
                "codes differ most ({share} of their spread), and whatever it leaves out is "
                "set to the mean. Describing the first picture costs {first} nats, the second "
                "{second}."
            ),
        }
    ).tag(sync=True)
