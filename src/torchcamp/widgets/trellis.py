"""Throws of a casino and its two dice: probabilities that flow along a trellis."""

import traitlets

from torchcamp.widgets.figure import Figure, script, style


class Trellis(Figure):
    """The page sends throws and the casino's probabilities; it receives forward, backward, posterior
    and best path.

    setup: `names` of the two dice.
    """

    _esm = script("trellis")
    _css = style("trellis")
    texts = traitlets.Dict(
        {
            "first": (
                "Throw 1 shows {face}. Start with each die's share (½) times the probability "
                "that it shows this; divided by their sum, {divisor}."
            ),
            "forward": (
                "Throw {throw} shows {face}. Into each circle flows what was there before, "
                "times the probability of the way; then times the probability that the die "
                "shows a {face}; then both are divided by their sum, {divisor}."
            ),
            "backward": (
                "From the end back to throw {throw}: how well each die there explains "
                "everything that comes after it. Nothing comes after the last throw, so there "
                "both are alike."
            ),
            "both": (
                "Forward times backward: given all throws, the die at throw {throw} was "
                "loaded with probability {loaded}."
            ),
            "path": (
                "Orange: the best path, the one story with the largest probability, log p {joint}. "
                'Blue: at each throw the likelier die by itself, as "both together" has it. They '
                "differ at {differ} of {throws} throws."
            ),
            "total": (
                "log p of all throws: {total}, the sum of the logarithms of all {throws} divisors."
            ),
            "truth": "Rings: the die that was thrown.",
        }
    ).tag(sync=True)
