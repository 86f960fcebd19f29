"""Your + 1 stands inside the division.

Divided by the stride, it no longer counts a whole place: at stride 2 it is worth half of one.
Divide first, then add the place where the filter began.

Caught by: check_stride. Catalogue: V5.
"""


def conv_output_size(input_size: int, kernel_size: int, padding: int, stride: int) -> int:
    return (input_size + 2 * padding - kernel_size + 1) // stride
