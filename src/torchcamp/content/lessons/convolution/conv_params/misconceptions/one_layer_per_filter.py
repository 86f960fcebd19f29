"""You gave each filter one layer.

It looks at all input channels, so it has one layer for each: in a colour picture three.

Caught by: check_channels. Catalogue: V13.
"""


def conv_params(
    in_channels: int, out_channels: int, kernel_size: int, bias: bool, image_size: int
) -> int:
    return out_channels * (kernel_size * kernel_size + int(bias))
