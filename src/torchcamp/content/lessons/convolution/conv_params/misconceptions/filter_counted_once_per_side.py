"""You took the filter for a line.

A filter of size 3 has 3 x 3 = 9 numbers: it is a square.

Caught by: check_one_channel.
"""


def conv_params(
    in_channels: int, out_channels: int, kernel_size: int, bias: bool, image_size: int
) -> int:
    return out_channels * (in_channels * kernel_size + int(bias))
