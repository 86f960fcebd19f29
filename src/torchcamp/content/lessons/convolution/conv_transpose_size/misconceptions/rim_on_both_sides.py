"""You added the rim on both sides.

output_padding is added at one end only. It is there to choose between sizes that an ordinary
convolution would all bring to the same.

Caught by: check_output_padding.
"""


def conv_transpose_size(
    input_size: int, kernel_size: int, padding: int, stride: int, output_padding: int
) -> int:
    return (input_size - 1) * stride + kernel_size - 2 * padding + 2 * output_padding
