states = [0, 1, 0, 1]
without_if = [1, 0, 1, 0]
bits_shape = (10, 4, 28)
