"""You gave a single number an axis.

`torch.tensor(3)` holds one number and has no axes: its shape is `()`. `torch.tensor([3])` has
one axis, of size 1.

Caught by: check_making_tensors.
"""


def predict_shapes() -> dict[str, tuple[int, ...]]:
    return {
        "mean": (8, 4, 4),
        "first": (16, 4, 4),
        "slice": (1, 16, 4, 4),
        "flat": (2048,),
        "rows": (8, 256),
        "moved": (8, 4, 4, 16),
        "number": (1,),
        "room": (3,),
        "table": (8, 8),
    }
