"""You divided with `/`, which gives a fraction of a place.

The number of places is whole: the strides that do not fit are dropped. `//` divides and drops
the rest at once.

Caught by: check_rest. Catalogue: V4.
"""


def conv_output_size(input_size: int, kernel_size: int, padding: int, stride: int) -> int:
    return (input_size + 2 * padding - kernel_size) / stride + 1
