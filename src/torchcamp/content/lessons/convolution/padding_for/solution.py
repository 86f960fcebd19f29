def padding_for(input_size: int, kernel_size: int, stride: int, output_size: int) -> int | None:
    """The smallest padding that gives `output_size`, or None."""
    needed = (output_size - 1) * stride + kernel_size - input_size
    padding = max(0, -(-needed // 2))
    size = (input_size - kernel_size + 2 * padding) // stride + 1
    return padding if size == output_size else None
