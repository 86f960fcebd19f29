"""You rounded to the nearest whole number.

13.5 strides are 13: half a stride would end beyond the edge. Python's `round` also turns 13.5
to 14 and 12.5 to 12. Use `//`, which always rounds down.

Caught by: check_rest. Catalogue: V4.
"""


def conv_output_size(input_size: int, kernel_size: int, padding: int, stride: int) -> int:
    return round((input_size + 2 * padding - kernel_size) / stride) + 1
