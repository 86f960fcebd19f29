"""You rounded up where the filter needs a whole stride.

If the last stride would carry the filter over the edge, PyTorch does not take it. Round down:
`//`.

Caught by: check_rest. Catalogue: V3.
"""

import math


def conv_output_size(input_size: int, kernel_size: int, padding: int, stride: int) -> int:
    return math.ceil((input_size + 2 * padding - kernel_size) / stride) + 1
