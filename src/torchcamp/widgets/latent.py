"""The codes of a VAE: a map to drag over, sliders, and the way between two pictures."""

from torchcamp.widgets.figure import Figure, script, style


class Latent(Figure):
    """The page sends where on the map, which latents and which two pictures; it gets what is decoded.

    setup: `points`, `labels`, `latents`, and the extent of the map.
    """

    _esm = script("latent")
    _css = style("latent")
