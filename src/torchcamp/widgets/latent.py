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
                "A code has {latents} numbers. The map shows the two directions in which the codes "
                "differ most (a principal component analysis): they hold {share} of the codes' "
                "variance. Whatever the map leaves out is set to the mean, so what you see decoded "
                "is a typical picture of the place. The code of the first picture costs {first} nats "
                "(its KL), that of the second {second}."
            ),
        }
    ).tag(sync=True)
