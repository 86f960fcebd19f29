"""You counted one filter.

Each output channel has a filter of its own.

Caught by: check_one_channel.
"""


def conv_params(
    in_channels: int, out_channels: int, kernel_size: int, bias: bool, image_size: int
) -> int:
    return in_channels * kernel_size * kernel_size + int(bias)
