"""A form, and below it the page that a command of torchcamp writes for what was typed."""

from torchcamp.widgets.figure import Figure, script, style


class PageForm(Figure):
    """The page sends what stands in the fields; it receives a page to show, or an error message.

    setup: `name`, a class of the figure's node; `label`, what it is; `fields`, each a key of the state, a
    label and what may stand there; `button`, the word on it; `busy`, what is said meanwhile; `examples`,
    each a value for every field.
    """

    _esm = script("page_form")
    _css = style("page_form")
