def conv_transpose_size(
    input_size: int, kernel_size: int, padding: int, stride: int, output_padding: int
) -> int:
    """Size of the output of a transposed convolution."""
    # TODO: what is painted, minus what is cut off, plus the rim
    raise NotImplementedError
