"""You added the padding.

Going up, padding makes the picture **smaller**: it is the padding of the convolution that this
one undoes.

Caught by: check_padding. Catalogue: V19.
"""


def conv_transpose_size(
    input_size: int, kernel_size: int, padding: int, stride: int, output_padding: int
) -> int:
    return (input_size - 1) * stride + kernel_size + 2 * padding + output_padding
