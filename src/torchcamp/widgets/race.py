"""Races on this machine: the same work by size, batch, threads, precision and device."""

from torchcamp.widgets.figure import Figure, script, style


class Race(Figure):
    """The page requests one measurement at a time (`do`: its key).

    setup: `races`, pairs of a key and a title.
    """

    _esm = script("race")
    _css = style("race")
