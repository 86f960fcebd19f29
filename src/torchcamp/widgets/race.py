"""How long the same work takes: sizes, threads, numbers of 16 bits, devices."""

from torchcamp.widgets.figure import Figure, script, style


class Race(Figure):
    """The page asks for one measurement at a time (`do`: its key).

    setup: `races`, pairs of a key and a title.
    """

    _esm = script("race")
    _css = style("race")
