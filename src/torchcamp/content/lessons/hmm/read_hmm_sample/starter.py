# TODO: write a prediction in place of each `...`.
states = ...  # a list, such as [1, 1, 0, 0]
without_if = ...  # a list
bits_shape = ...  # a tuple
