"""The codes of a VAE: a map to drag over, sliders, and the codes between two pictures."""

from torchcamp.widgets.figure import Figure, script, style


class Latent(Figure):
    """The page sends a point of the map, slider values and two pictures; it receives decoded pictures.

    setup: `points`, `labels`, `latents`, and the extent of the map.
    """

    _esm = script("latent")
    _css = style("latent")
