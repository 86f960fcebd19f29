"""You counted a bias for each input channel.

The bias is added to the finished sum: one per filter, so one per **output** channel.

Caught by: check_bias. Catalogue: V12.
"""


def conv_params(
    in_channels: int, out_channels: int, kernel_size: int, bias: bool, image_size: int
) -> int:
    return out_channels * in_channels * kernel_size * kernel_size + in_channels * int(bias)
