"""Pictures asked of a generator: by noise, by class, and along the way between two noises."""

from torchcamp.widgets.figure import Figure, script, style


class DrawClasses(Figure):
    """The page sends noise and classes; it gets pictures, and what a judge takes them for.

    setup: `names` of the classes, empty where the generator has none.
    """

    _esm = script("draw_classes")
    _css = style("draw_classes")
