"""Scripts with wrong lines: choose a line, and learn whether and why it is wrong."""

import traitlets

from torchcamp.widgets.figure import Figure, script, style


class FindLine(Figure):
    """The page sends a script's name and a line; it receives whether that line is wrong, and why.

    setup: `scripts`, each with its name, its report and its lines.
    """

    _esm = script("find_line")
    _css = style("find_line")
    texts = traitlets.Dict(
        {
            "begin": "{number} of these lines are wrong. Press the ones you suspect.",
            "pressed": "Line {line}: {verdict} {found} of {number} wrong lines found.",
        }
    ).tag(sync=True)
