def conv_transpose_size(
    input_size: int, kernel_size: int, padding: int, stride: int, output_padding: int
) -> int:
    """Size of the output of a transposed convolution."""
    return (input_size - 1) * stride + kernel_size - 2 * padding + output_padding
