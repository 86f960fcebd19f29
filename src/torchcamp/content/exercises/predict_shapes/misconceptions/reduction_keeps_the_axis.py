"""You kept the axis that was averaged over, with size 1.

That is what `keepdim=True` asks for. Without it a reduction removes its axis.

Caught by: check_reductions_and_indexing.
"""


def predict_shapes() -> dict[str, tuple[int, ...]]:
    return {
        "mean": (8, 1, 4, 4),
        "first": (16, 4, 4),
        "slice": (1, 16, 4, 4),
        "flat": (2048,),
        "rows": (8, 256),
        "moved": (8, 4, 4, 16),
        "number": (),
        "room": (3,),
        "table": (8, 8),
    }
