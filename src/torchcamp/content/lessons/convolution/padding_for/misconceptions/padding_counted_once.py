"""You counted the padding once.

p zeros on each side add 2p pixels: only half as many are needed.

Caught by: check_stride_one. Catalogue: V2.
"""


def padding_for(input_size: int, kernel_size: int, stride: int, output_size: int) -> int | None:
    needed = (output_size - 1) * stride + kernel_size - input_size
    padding = max(0, needed)
    size = (input_size - kernel_size + 2 * padding) // stride + 1
    return padding if size == output_size else None
