"""You counted a stride for every pixel.

Between 4 pixels lie 3 strides: from the first filter's beginning to the last one's it is (i - 1)
* s.

Caught by: check_stride_one.
"""


def conv_transpose_size(
    input_size: int, kernel_size: int, padding: int, stride: int, output_padding: int
) -> int:
    return input_size * stride + kernel_size - 2 * padding + output_padding
