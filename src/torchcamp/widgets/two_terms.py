"""A VAE with two latents that learns while the weight of its KL is changed."""

import traitlets

from torchcamp.widgets.figure import Figure, script, style


class TwoTerms(Figure):
    """The page sends the weight and a command; it receives both terms, the codes of test pictures,
    and a grid of decoded codes.
    """

    _esm = script("two_terms")
    _css = style("two_terms")
    texts = traitlets.Dict(
        {
            "progress": (
                "Step {step}: reconstruction {reconstruction} + KL {kl} = {total} nats per "
                "test picture."
            ),
            "zero": (
                "With weight 0 nothing holds the codes together: it is an autoencoder, and places "
                "between its codes decode to smears."
            ),
            "heavy": (
                "With so heavy a KL the codes fall onto the prior: they say nothing about the "
                "picture, and every place decodes to the same blur."
            ),
            "rings": "Rings: one and two standard deviations of the prior.",
        }
    ).tag(sync=True)
