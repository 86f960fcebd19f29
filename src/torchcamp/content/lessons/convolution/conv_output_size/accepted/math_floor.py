import math


def conv_output_size(input_size: int, kernel_size: int, padding: int, stride: int) -> int:
    return math.floor((input_size - kernel_size + 2 * padding) / stride + 1)
