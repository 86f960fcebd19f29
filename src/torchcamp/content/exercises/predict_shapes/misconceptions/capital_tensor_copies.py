"""You took `torch.Tensor(3)` for the number 3.

`torch.tensor(value)` copies a value. `torch.Tensor(n)`, with a capital T, is a class: it makes
room for n numbers and leaves in it whatever was there. Write `torch.tensor`, or `torch.zeros(3)`
for room.

Caught by: check_making_tensors. Catalogue: T4.
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
        "room": (),
        "table": (8, 8),
    }
