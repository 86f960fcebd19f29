"""You counted the padding once.

`padding=1` puts a zero on each side of the row, so the row grows by 2 * padding.

Caught by: check_padding. Catalogue: V2.
"""


def conv_output_size(input_size: int, kernel_size: int, padding: int, stride: int) -> int:
    return (input_size + padding - kernel_size) // stride + 1
