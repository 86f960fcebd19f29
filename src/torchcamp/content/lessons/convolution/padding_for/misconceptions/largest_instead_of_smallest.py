"""You took the largest padding that fits.

At stride 2 and more, several give the same size. The smallest adds the fewest zeros.

Caught by: check_stride_two.
"""


def padding_for(input_size: int, kernel_size: int, stride: int, output_size: int) -> int | None:
    needed = (output_size - 1) * stride + kernel_size - input_size
    padding = max(0, (needed + stride - 1) // 2)
    size = (input_size - kernel_size + 2 * padding) // stride + 1
    return padding if size == output_size else None
