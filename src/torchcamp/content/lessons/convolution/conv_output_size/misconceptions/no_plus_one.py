"""You counted the strides, not the places.

Between the first place and the last lie (i - k + 2p) // s strides, but the place where the
filter begins is one more, as a fence has one more post than gaps. Add 1.

Caught by: check_plain. Catalogue: V1.
"""


def conv_output_size(input_size: int, kernel_size: int, padding: int, stride: int) -> int:
    return (input_size + 2 * padding - kernel_size) // stride
