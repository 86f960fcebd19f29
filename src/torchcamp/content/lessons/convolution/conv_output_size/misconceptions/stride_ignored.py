"""Your size does not depend on the stride.

With stride 2 the filter stops at every second place only, so about half as many values come
out. Divide the room that it has to move by the stride.

Caught by: check_stride. Catalogue: V7.
"""


def conv_output_size(input_size: int, kernel_size: int, padding: int, stride: int) -> int:
    return input_size + 2 * padding - kernel_size + 1
