"""You read `permute` the wrong way round.

`permute(0, 2, 3, 1)` lists, for each new place, which old axis comes there: the last place gets
old axis 1, the sixteen maps.

Caught by: check_permute.
"""


def predict_shapes() -> dict[str, tuple[int, ...]]:
    return {
        "mean": (8, 4, 4),
        "first": (16, 4, 4),
        "slice": (1, 16, 4, 4),
        "flat": (2048,),
        "rows": (8, 256),
        "moved": (8, 4, 16, 4),
        "number": (),
        "room": (3,),
        "table": (8, 8),
    }
