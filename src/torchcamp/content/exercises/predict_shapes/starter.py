def predict_shapes() -> dict[str, tuple[int, ...]]:
    """The shape that each line of the statement prints."""
    # TODO: replace each None by a tuple of ints
    return {
        "mean": None,
        "first": None,
        "slice": None,
        "flat": None,
        "rows": None,
        "moved": None,
        "number": None,
        "room": None,
        "table": None,
    }
