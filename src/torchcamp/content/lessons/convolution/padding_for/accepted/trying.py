def padding_for(input_size: int, kernel_size: int, stride: int, output_size: int) -> int | None:
    padding = 0
    while True:
        size = (input_size + 2 * padding - kernel_size) // stride + 1
        if size == output_size:
            return padding
        if size > output_size:
            return None
        padding += 1
