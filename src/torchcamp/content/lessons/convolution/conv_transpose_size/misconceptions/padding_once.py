"""You cut off at one side only.

It is p pixels on each side: 2 * padding.

Caught by: check_padding.
"""


def conv_transpose_size(
    input_size: int, kernel_size: int, padding: int, stride: int, output_padding: int
) -> int:
    return (input_size - 1) * stride + kernel_size - padding + output_padding
