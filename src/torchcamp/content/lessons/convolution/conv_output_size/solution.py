def conv_output_size(input_size: int, kernel_size: int, padding: int, stride: int) -> int:
    """Number of places at which a filter stops.

    Args:
        input_size: pixels of the row, without padding.
        kernel_size: pixels of the filter.
        padding: zeros put on each side.
        stride: pixels between one place and the next.
    """
    return (input_size + 2 * padding - kernel_size) // stride + 1
