"""You left out the bias.

One number per filter is learnt too, unless the layer was made with `bias=False`.

Caught by: check_bias. Catalogue: V18.
"""


def conv_params(
    in_channels: int, out_channels: int, kernel_size: int, bias: bool, image_size: int
) -> int:
    return out_channels * (in_channels * kernel_size * kernel_size)
