"""You flattened each map, not each picture.

`start_dim=1` joins **all** axes from 1 on: 16 * 4 * 4 = 256 numbers a picture. Only the maps'
pixels would be `flatten(start_dim=2)`.

Caught by: check_flatten.
"""


def predict_shapes() -> dict[str, tuple[int, ...]]:
    return {
        "mean": (8, 4, 4),
        "first": (16, 4, 4),
        "slice": (1, 16, 4, 4),
        "flat": (2048,),
        "rows": (8, 16, 16),
        "moved": (8, 4, 4, 16),
        "number": (),
        "room": (3,),
        "table": (8, 8),
    }
