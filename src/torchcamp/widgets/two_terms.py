"""A VAE with two latents that learns while the weight of its KL is changed."""

from torchcamp.widgets.figure import Figure, script, style


class TwoTerms(Figure):
    """The page sends the weight and a command; it receives both terms, the codes of test pictures,
    and a grid of decoded codes.
    """

    _esm = script("two_terms")
    _css = style("two_terms")
