"""You expected `(8, 1) - (8,)` to be eight differences.

Shapes are aligned from the right: `(8,)` counts as `(1, 8)`, and both are stretched to a table
of 64 differences, each with each. No error is raised. It is the most expensive line that runs.

Caught by: check_broadcasting. Catalogue: T3.
"""


def predict_shapes() -> dict[str, tuple[int, ...]]:
    return {
        "mean": (8, 4, 4),
        "first": (16, 4, 4),
        "slice": (1, 16, 4, 4),
        "flat": (2048,),
        "rows": (8, 256),
        "moved": (8, 4, 4, 16),
        "number": (),
        "room": (3,),
        "table": (8, 1),
    }
