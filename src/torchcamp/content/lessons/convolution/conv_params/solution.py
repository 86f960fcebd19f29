def conv_params(
    in_channels: int, out_channels: int, kernel_size: int, bias: bool, image_size: int
) -> int:
    """Number of trainable entries of a square convolution."""
    return out_channels * (in_channels * kernel_size * kernel_size + int(bias))
