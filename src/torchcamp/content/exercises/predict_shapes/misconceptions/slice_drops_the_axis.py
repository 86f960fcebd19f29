"""You let a slice remove its axis.

`x[0]` picks one picture, so the batch axis is gone. `x[:1]` picks a batch of one picture: the
axis stays, with size 1.

Caught by: check_reductions_and_indexing.
"""


def predict_shapes() -> dict[str, tuple[int, ...]]:
    return {
        "mean": (8, 4, 4),
        "first": (16, 4, 4),
        "slice": (16, 4, 4),
        "flat": (2048,),
        "rows": (8, 256),
        "moved": (8, 4, 4, 16),
        "number": (),
        "room": (3,),
        "table": (8, 8),
    }
