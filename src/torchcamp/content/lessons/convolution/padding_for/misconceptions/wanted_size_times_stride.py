"""You took the output for output_size strides.

Between o places lie o - 1 strides.

Caught by: check_stride_one.
"""


def padding_for(input_size: int, kernel_size: int, stride: int, output_size: int) -> int | None:
    needed = output_size * stride + kernel_size - input_size
    padding = max(0, -(-needed // 2))
    size = (input_size - kernel_size + 2 * padding) // stride + 1
    return padding if size == output_size else None
