"""You took `dim=1` for the first axis.

Axes are counted from 0: `dim=0` is the batch, `dim=1` the sixteen maps. The axis that is named
is the one that disappears.

Caught by: check_reductions_and_indexing.
"""


def predict_shapes() -> dict[str, tuple[int, ...]]:
    return {
        "mean": (16, 4, 4),
        "first": (16, 4, 4),
        "slice": (1, 16, 4, 4),
        "flat": (2048,),
        "rows": (8, 256),
        "moved": (8, 4, 4, 16),
        "number": (),
        "room": (3,),
        "table": (8, 8),
    }
