"""You counted filters anew at every place of the picture.

That is a fully connected layer's way. A convolution uses the **same** filter at every place; the
picture's size decides how much is computed, not how much is learnt.

Caught by: check_one_channel. Catalogue: V18.
"""


def conv_params(
    in_channels: int, out_channels: int, kernel_size: int, bias: bool, image_size: int
) -> int:
    return (
        image_size
        * image_size
        * out_channels
        * (in_channels * kernel_size * kernel_size + int(bias))
    )
