"""You counted one bias for the whole layer.

Each filter has its own.

Caught by: check_bias. Catalogue: V12.
"""


def conv_params(
    in_channels: int, out_channels: int, kernel_size: int, bias: bool, image_size: int
) -> int:
    return out_channels * in_channels * kernel_size * kernel_size + int(bias)
