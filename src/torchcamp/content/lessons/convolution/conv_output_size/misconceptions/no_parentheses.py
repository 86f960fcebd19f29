"""Your division reaches only the padding.

`i - k + 2 * p // s` divides 2p by s, because `//` binds tighter than `+` and `-`. Put
parentheses around everything that the stride divides.

Caught by: check_stride. Catalogue: V6.
"""


def conv_output_size(input_size: int, kernel_size: int, padding: int, stride: int) -> int:
    return input_size - kernel_size + 2 * padding // stride + 1
