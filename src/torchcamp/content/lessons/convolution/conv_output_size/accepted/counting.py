def conv_output_size(input_size: int, kernel_size: int, padding: int, stride: int) -> int:
    return len(range(0, input_size + 2 * padding - kernel_size + 1, stride))
