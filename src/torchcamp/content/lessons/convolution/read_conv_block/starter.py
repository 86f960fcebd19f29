# TODO: write a prediction in place of each `...`.
returned = ...  # a tuple
num_weights = ...  # a number
size_with_4 = ...  # a number
