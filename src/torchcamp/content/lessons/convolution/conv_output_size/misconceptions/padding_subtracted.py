"""You subtracted the padding.

Padding adds pixels around the picture, so the filter has more room, not less: + 2p.

Caught by: check_padding. Catalogue: V9.
"""


def conv_output_size(input_size: int, kernel_size: int, padding: int, stride: int) -> int:
    return (input_size - 2 * padding - kernel_size) // stride + 1
