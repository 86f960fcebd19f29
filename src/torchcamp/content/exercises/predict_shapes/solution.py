def predict_shapes() -> dict[str, tuple[int, ...]]:
    """The shape that each line of the statement prints."""
    return {
        "mean": (8, 4, 4),
        "first": (16, 4, 4),
        "slice": (1, 16, 4, 4),
        "flat": (2048,),
        "rows": (8, 256),
        "moved": (8, 4, 4, 16),
        "number": (),
        "room": (3,),
        "table": (8, 8),
    }
