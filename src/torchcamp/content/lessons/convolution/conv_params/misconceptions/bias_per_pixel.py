"""You counted a bias for every pixel of the output.

The same bias is added everywhere in a map, as the same filter is used everywhere.

Caught by: check_bias. Catalogue: V12.
"""


def conv_params(
    in_channels: int, out_channels: int, kernel_size: int, bias: bool, image_size: int
) -> int:
    return out_channels * (
        in_channels * kernel_size * kernel_size + int(bias) * (image_size - kernel_size + 1) ** 2
    )
