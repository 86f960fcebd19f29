"""You used the rule of TensorFlow's "same" padding, ceil(i / s).

There the padding is chosen so that this comes out. In PyTorch you choose the padding, and the
size follows from it and from the filter.

Caught by: check_plain. Catalogue: V8.
"""


def conv_output_size(input_size: int, kernel_size: int, padding: int, stride: int) -> int:
    return -(-input_size // stride)
