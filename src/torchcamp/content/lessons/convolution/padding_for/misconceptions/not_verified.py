"""You did not look whether it fits.

At stride 1 two sides add an even number, so every second size cannot be had. Put your p into the
formula; if it gives another size, the answer is None.

Caught by: check_impossible.
"""


def padding_for(input_size: int, kernel_size: int, stride: int, output_size: int) -> int | None:
    needed = (output_size - 1) * stride + kernel_size - input_size
    padding = max(0, -(-needed // 2))
    size = (input_size - kernel_size + 2 * padding) // stride + 1
    return padding
