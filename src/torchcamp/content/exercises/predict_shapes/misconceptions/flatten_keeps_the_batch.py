"""You expected `torch.flatten(x)` to keep the batch.

Without `start_dim` everything becomes one row of 8 * 16 * 4 * 4 = 2,048 numbers, and the next
layer no longer knows where one picture ends. `start_dim=1` keeps the batch.

Caught by: check_flatten. Catalogue: T12.
"""


def predict_shapes() -> dict[str, tuple[int, ...]]:
    return {
        "mean": (8, 4, 4),
        "first": (16, 4, 4),
        "slice": (1, 16, 4, 4),
        "flat": (8, 256),
        "rows": (8, 256),
        "moved": (8, 4, 4, 16),
        "number": (),
        "room": (3,),
        "table": (8, 8),
    }
