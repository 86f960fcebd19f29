def conv_transpose_size(
    input_size: int, kernel_size: int, padding: int, stride: int, output_padding: int
) -> int:
    size = 0
    while (size + 2 * padding - kernel_size) // stride + 1 < input_size or size < 1:
        size += 1
    return size + output_padding
