"""You always returned half of the filter.

That keeps the size at stride 1. For another wanted size, or another stride, it does not: solve
for p.

Caught by: check_stride_one.
"""


def padding_for(input_size: int, kernel_size: int, stride: int, output_size: int) -> int | None:
    return (kernel_size - 1) // 2
