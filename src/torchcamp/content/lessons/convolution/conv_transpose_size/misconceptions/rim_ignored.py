"""You ignored output_padding.

It adds that many pixels at one end: how 7 becomes 14 and not 13.

Caught by: check_output_padding.
"""


def conv_transpose_size(
    input_size: int, kernel_size: int, padding: int, stride: int, output_padding: int
) -> int:
    return (input_size - 1) * stride + kernel_size - 2 * padding
