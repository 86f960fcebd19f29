"""You forgot the last filter's own length.

The last filter begins (i - 1) * s pixels after the first, and is kernel_size pixels long.

Caught by: check_stride_one.
"""


def conv_transpose_size(
    input_size: int, kernel_size: int, padding: int, stride: int, output_padding: int
) -> int:
    return (input_size - 1) * stride - 2 * padding + output_padding
