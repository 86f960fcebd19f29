"""You expected `(8, 1) - (8,)` to be a row of eight.

Shapes are aligned from the right: `(8,)` counts as `(1, 8)`. Against `(8, 1)` both axes are
stretched, so the result is a table, `(8, 8)`.

Caught by: check_broadcasting.
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
        "table": (8,),
    }
