"""You added the filter's size.

A larger filter reaches the edge sooner and has fewer places to stand, so its size is subtracted.

Caught by: check_plain.
"""


def conv_output_size(input_size: int, kernel_size: int, padding: int, stride: int) -> int:
    return (input_size + 2 * padding + kernel_size) // stride + 1
