"""You used the formula of the ordinary convolution.

That is the way down. This layer undoes it: divide there, multiply here.

Caught by: check_stride_one. Catalogue: V19.
"""


def conv_transpose_size(
    input_size: int, kernel_size: int, padding: int, stride: int, output_padding: int
) -> int:
    return (input_size + 2 * padding - kernel_size) // stride + 1 + output_padding
