"""A generator's pictures: by noise, by class, and between two noise vectors."""

from torchcamp.widgets.figure import Figure, script, style


class DrawClasses(Figure):
    """The page sends noise and classes; it receives pictures and a classifier's predictions.

    setup: `names` of the classes; `conditional`, whether the generator takes a class.
    """

    _esm = script("draw_classes")
    _css = style("draw_classes")
