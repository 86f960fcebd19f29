"""You returned a negative padding.

Padding adds pixels. If the output is too large without any, no padding helps: None.

Caught by: check_too_large_already.
"""


def padding_for(input_size: int, kernel_size: int, stride: int, output_size: int) -> int | None:
    needed = (output_size - 1) * stride + kernel_size - input_size
    padding = -(-needed // 2)
    size = (input_size - kernel_size + 2 * padding) // stride + 1
    return padding if size == output_size else None
