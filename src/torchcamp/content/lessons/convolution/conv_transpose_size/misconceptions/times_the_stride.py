"""You multiplied the size by the stride.

That is what a generator is often built to do, with a filter and a padding that make it come out.
4 pixels with kernel 5, stride 2 and padding 2 become 7, not 8.

Caught by: check_stride_one. Catalogue: V19.
"""


def conv_transpose_size(
    input_size: int, kernel_size: int, padding: int, stride: int, output_padding: int
) -> int:
    return input_size * stride
