def conv_params(
    in_channels: int, out_channels: int, kernel_size: int, bias: bool, image_size: int
) -> int:
    """Number of trainable entries of a square convolution."""
    # TODO: count weights and biases
    raise NotImplementedError
